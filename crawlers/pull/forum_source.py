"""How a forum is described in crawlers.yml."""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from crawlers.source import Encoding, PulledSource
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Boards:
    """Which boards of a forum are read, by number: all, or those allowed, without those denied."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def wants(self, board: str) -> bool:
        """Tells whether a board is to be read."""
        return board not in self.deny and (not self.allow or board in self.allow)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ForumSource(PulledSource):
    """What all forums have in common.

    `pages` is how many pages of a board's list are followed back. `encoding` is what the pages are written in, where
    they say it wrongly.
    """

    boards: Boards = field(default_factory=Boards)
    pages: Annotated[int, Field(ge=1, le=2000)] = 50
    encoding: Encoding | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DiscuzSource(ForumSource):
    """A Discuz! X3 forum; `url` is its index, `…/forum.php`."""

    software: Literal["discuz"] = "discuz"
