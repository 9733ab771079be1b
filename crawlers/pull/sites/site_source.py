"""How a news site is described in crawlers.yml."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from crawlers.source import PulledSource, WebAddress
from stream.process.configuration import STRICT, Duration


def _path(told: str) -> str:
    if not told.startswith("/"):
        raise ValueError(f"{told!r} is no path: write how addresses begin behind the host, as in /news/")
    return told


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SiteSource(PulledSource):
    """A site whose articles are found by its sitemaps; `url` is the site, or one sitemap (`.xml`, `.xml.gz`, `.txt`).

    `sitemaps` are asked for in place of those that robots.txt names, and of `/sitemap.xml` where it names none.
    `paths` are how the addresses of articles begin; by default every page is looked at. `since` is how long ago a page
    may have changed to be read. `pages` bounds the new and changed pages of one crawl, `revisits` those of older ones.
    """

    software: Literal["site"] = "site"
    sitemaps: tuple[WebAddress, ...] = ()
    paths: tuple[Annotated[str, AfterValidator(_path)], ...] = ()
    since: Duration = timedelta(days=30)
    pages: Annotated[int, Field(ge=1, le=10_000)] = 500
    revisits: Annotated[int, Field(ge=0, le=10_000)] = 100

    @model_validator(mode="after")
    def _own_sitemaps(self) -> "SiteSource":
        if any(urlsplit(one).netloc != urlsplit(self.url).netloc for one in self.sitemaps):
            raise ValueError("sitemaps must be on the host of url: another host is a site, and a source, of its own")
        return self
