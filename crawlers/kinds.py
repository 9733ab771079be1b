"""The kinds of source by their key in crawlers.yml: how each is described, who reads it, which parser its posts name.

Another kind is another row; nothing else in this package knows the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from crawlers.pages.discuz.forum import PARSER as DISCUZ
from crawlers.pages.discuz.forum import VERSION as DISCUZ_VERSION
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.feed import PARSER as FEED
from crawlers.pages.feed import VERSION as FEED_VERSION
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.forum_source import DiscuzSource
from crawlers.push.file_source import FileSource
from crawlers.push.tables import PARSER as FILE
from crawlers.push.tables import VERSION as FILE_VERSION
from crawlers.source import PulledSource, Source


class Coming(StrEnum):
    """How posts of a source come."""

    PULLED = "pulled"  # we fetch them, by the clock
    PUSHED = "pushed"  # they are handed in


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """One kind. `source` is its configuration, told apart by `software`.

    `reader` is where its spider, or its importer, lies: by path, as Scrapy names its parts, since who only reads the
    configuration need not load Scrapy. `given` is what a spider is made with besides the crawl's context.
    """

    source: type[Source]
    reader: str
    parser: str
    version: int
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def coming(self) -> Coming:
        """Whether we fetch it."""
        return Coming.PULLED if issubclass(self.source, PulledSource) else Coming.PUSHED

    @property
    def options(self) -> frozenset[str]:
        """The keys that it knows."""
        return frozenset(option.name for option in fields(self.source))


KINDS: Mapping[str, SourceKind] = {
    "discuz": SourceKind(
        source=DiscuzSource,
        reader="crawlers.pull.forum.ForumSpider",
        parser=DISCUZ,
        version=DISCUZ_VERSION,
        given={"software": DiscuzForum},
    ),
    "feed": SourceKind(
        source=FeedSource,
        reader="crawlers.pull.feed.FeedSpider",
        parser=FEED,
        version=FEED_VERSION,
    ),
    "file": SourceKind(
        source=FileSource,
        reader="crawlers.push.files.import_file",
        parser=FILE,
        version=FILE_VERSION,
    ),
}
