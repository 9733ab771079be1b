"""By which view of a forum its lists, or its threads, are read in one crawl: the usual one while it is understood."""

from collections.abc import Mapping
from typing import Generic, TypeVar

USUAL = ""  # the name of the usual view
IN_A_ROW = 3  # usual pages that were not understood: from here on, in this crawl, what told them is asked first

V = TypeVar("V")


class MetViews(Generic[V]):
    """The views of one kind of page in the order in which they are tried; the next crawl begins with the usual one.

    `few_tell`: every crawl asks for all pages of the kind, so that a single one tells whether the layout changed.
    """

    def __init__(self, usual: V, plainer: Mapping[str, V], *, few_tell: bool) -> None:
        self._views = {USUAL: usual, **plainer}
        self._few_tell = few_tell
        self._misread = 0
        self._understood = False
        self.instead = USUAL  # the plainer view that was understood last

    def __getitem__(self, name: str) -> V:
        return self._views[name]

    @property
    def first(self) -> str:
        """Names the view to ask first: where the layout changed, the usual one is a request in vain.

        What is on its way by then is asked in vain all the same.
        """
        return self.instead if self._misread >= IN_A_ROW else USUAL

    @property
    def gave_way(self) -> bool:
        """Tells whether the usual pages are not understood any more and a plainer view stands in for them."""
        nothing_else = self._few_tell and not self._understood
        return self.instead != USUAL and (nothing_else or self._misread >= IN_A_ROW)

    def after(self, name: str) -> str | None:
        """Names the view to try where a page of that one was not understood, None where there is no other."""
        self._misread += name == USUAL
        names = list(self._views)
        following = names.index(name) + 1
        return names[following] if following < len(names) else None

    def understood(self, name: str) -> None:
        """Notes that a page was understood."""
        if name == USUAL:
            self._misread, self._understood = 0, True
        else:
            self.instead = name
