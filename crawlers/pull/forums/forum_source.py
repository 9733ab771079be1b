"""How a forum is described in crawlers.yml."""

from dataclasses import field, replace
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crawlers.pages.discuz.forum import DiscuzForum, PlainerView
from crawlers.pages.forum import Forum
from crawlers.source import Encoding, PulledSource
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Boards:
    """Which boards of a forum are read, by number (or name, where that is its address): all, or those allowed.

    Without those denied, in either case.

    One that was read and is not public any more is told at every crawl until it is denied.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def wants(self, board: str) -> bool:
        """Tells whether a board is to be read."""
        return board not in self.deny and (not self.allow or board in self.allow)

    def overlaps(self, other: "Boards") -> bool:
        """Tells whether some board may be wanted by both; true where neither says which it wants."""
        named = self.allow or other.allow
        return not named or any(self.wants(board) and other.wants(board) for board in named)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ForumSource(PulledSource):
    """What all forums have in common.

    `pages` is how many pages of a board's list are followed back. `encoding` is what the pages are written in, where
    they say it wrongly.

    `backfill` is how many threads that nobody read yet, from beyond the lists' first pages, one crawl reads: what is
    new comes before them, and the rest waits for the next crawl. `sweep` is how many of a hundred old threads are
    looked at again in a day, for edits and deletions that no counter tells; 0 for none.
    """

    boards: Boards = field(default_factory=Boards)
    pages: Annotated[int, Field(ge=1, le=2000)] = 50
    encoding: Encoding | None = None
    backfill: Annotated[int, Field(ge=0, le=1_000_000)] = 5000
    sweep: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 1.0

    def tell(self, forum: Forum) -> Forum:
        """Tells the software's reader what else the configuration knows of this forum."""
        return forum


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DiscuzSource(ForumSource):
    """A Discuz! X3 forum; `url` is its index, `…/forum.php`.

    `views` are by what else a board's list or a thread is read where its usual page is not understood, in that order:
    the view for telephones, and of lists the archiver. None of them, for neither.
    """

    software: Literal["discuz"] = "discuz"
    views: tuple[PlainerView, ...] = ("mobile", "archiver")

    @model_validator(mode="after")
    def _each_once(self) -> "DiscuzSource":
        if len(set(self.views)) < len(self.views):
            raise ValueError("views: name each view once, as in [mobile, archiver]")
        return self

    def tell(self, forum: Forum) -> Forum:
        """Tells the forum's reader by what else it may be read."""
        return replace(forum, views=self.views) if isinstance(forum, DiscuzForum) else forum
