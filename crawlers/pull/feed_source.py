"""How feeds are described in crawlers.yml."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crawlers.source import Encoding, PulledSource, WebAddress
from stream.messages import Kind
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FeedSource(PulledSource):
    """An RSS, Atom or JSON feed, and further `feeds` of the same site.

    `kind` is what an entry is where it does not say so itself. `pages` is how far back a feed is followed, by its links
    to older entries, else by `?paged=`. `encoding` is for feeds that declare a wrong one.
    """

    software: Literal["feed"] = "feed"
    feeds: tuple[WebAddress, ...] = ()
    pages: Annotated[int, Field(ge=1, le=2000)] = 1
    kind: Kind = Kind.ARTICLE
    encoding: Encoding | None = None

    @model_validator(mode="after")
    def _one_site(self) -> "FeedSource":
        if any(urlsplit(feed).netloc != urlsplit(self.url).netloc for feed in self.feeds):
            raise ValueError("feeds must be on the host of url: a feed elsewhere is a site, and a source, of its own")
        return self
