"""How forums of other software than Discuz! are described in crawlers.yml."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, model_validator
from pydantic.dataclasses import dataclass

from crawlers.pages.forum import Forum
from crawlers.pages.mybb.forum import MybbForum
from crawlers.pages.mybb.moments import DateOrder
from crawlers.pages.v2ex.forum import V2exForum
from crawlers.pull.forums.forum_source import Boards, ForumSource
from crawlers.source import is_loopback
from stream.process.configuration import STRICT, Duration

V2EX_PAUSE = timedelta(seconds=30)  # its API allows an address 120 calls an hour


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no zone, as Asia/Shanghai and UTC are") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ApiSource(ForumSource):
    """What forums that are read as JSON have in common: UTF-8, by definition."""

    @model_validator(mode="after")
    def _utf8(self) -> "ApiSource":
        if self.encoding is not None:
            raise ValueError(f"encoding: what {self.software} answers is UTF-8 by definition: remove it")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NodebbSource(ApiSource):
    """A NodeBB forum (4.x); `url` is its folder, boards are the numbers of its categories."""

    software: Literal["nodebb"] = "nodebb"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PhpbbSource(ForumSource):
    """A phpBB board (3.3); `url` is its folder or its index."""

    software: Literal["phpbb"] = "phpbb"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MybbSource(ForumSource):
    """A MyBB board (1.8); `url` is its folder or its index.

    `zone` is the one in which it shows times to guests. `date_order` says what `11-28-2026` begins with.
    """

    software: Literal["mybb"] = "mybb"
    zone: Zone = "Asia/Shanghai"
    date_order: DateOrder = "mdy"

    def tell(self, forum: Forum) -> Forum:
        """Tells the board's reader how it writes times."""
        assert isinstance(forum, MybbForum)
        return replace(forum, zone=ZoneInfo(self.zone), date_order=self.date_order)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DiscourseSource(ApiSource):
    """A Discourse forum; `url` is its folder, boards are the numbers of its categories."""

    software: Literal["discourse"] = "discourse"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FlarumSource(ApiSource):
    """A Flarum forum; `url` is its folder. It has one list of all discussions, and no boards to choose from."""

    software: Literal["flarum"] = "flarum"

    @model_validator(mode="after")
    def _no_boards(self) -> "FlarumSource":
        if self.boards != Boards():
            raise ValueError("boards: Flarum has one list of all discussions: remove it")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class V2exSource(ApiSource):
    """V2EX; `url` is the site, `boards.allow` names the nodes to read. One call in half a minute is what it allows."""

    software: Literal["v2ex"] = "v2ex"
    delay: Duration = V2EX_PAUSE

    @model_validator(mode="after")
    def _within_limits(self) -> "V2exSource":
        if not self.boards.allow:
            raise ValueError("boards: name the nodes to read, as in {allow: [shanghai, jobs]}: all are too many")
        if self.pages != ForumSource.pages:
            raise ValueError("pages: V2EX shows one page of a node: remove it")
        if self.delay < V2EX_PAUSE and not is_loopback(self.url):
            raise ValueError("delay: V2EX allows 120 calls an hour: leave it at 30s, or make it longer")
        return self

    def tell(self, forum: Forum) -> Forum:
        """Tells the site's reader which nodes are wanted."""
        assert isinstance(forum, V2exForum)
        return replace(forum, nodes=self.boards.allow)
