"""By which view of a forum its lists, or its threads, are read in one crawl: the usual one while it is understood."""

from collections.abc import Mapping
from typing import Generic, TypeVar

USUAL = ""  # the name of the usual view
IN_A_ROW = 3  # usual pages that were not understood: from here on, in this crawl, what told them is asked first

V = TypeVar("V")


class MetViews(Generic[V]):
    """The views of one kind of page in the order in which they are tried.

    `few_tell`: every crawl asks for all pages of the kind, so that a single one tells whether the layout changed.
    `remembered` is the view by which the crawl before read them for want of the usual one.
    """

    def __init__(self, usual: V, plainer: Mapping[str, V], *, few_tell: bool, remembered: str = USUAL) -> None:
        self._views = {USUAL: usual, **plainer}
        self._few_tell = few_tell
        self._misread = 0
        self._understood = False
        self._remembers = remembered in plainer
        self._probed = False
        self.instead = remembered if self._remembers else USUAL  # the plainer view that was understood last

    def __getitem__(self, name: str) -> V:
        return self._views[name]

    def choose(self) -> str:
        """Names the view to ask first: where the layout changed, the usual one is a request in vain.

        After a crawl that found it so it is asked for once, to see whether it is understood again. What is on its way
        when a crawl finds out is asked in vain all the same.
        """
        if self._misread >= IN_A_ROW or (self._remembers and self._probed and not self._understood):
            return self.instead
        self._probed = True
        return USUAL

    @property
    def gave_way(self) -> bool:
        """Tells whether the usual pages are not understood any more and a plainer view stands in for them."""
        nothing_else = (self._few_tell or self._remembers) and not self._understood
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
