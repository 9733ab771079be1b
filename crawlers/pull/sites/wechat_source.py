"""How WeChat public accounts are described in crawlers.yml."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crawlers.pages.wechat.article import HOST
from crawlers.source import PulledSource, WebAddress
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WechatSource(PulledSource):
    """Public accounts, as the owner's own bridge lists them (WeWe-RSS, we-mp-rss, RSSHub); `url` is a feed of it.

    `feeds` are further ones of the same bridge. Articles are read on WeChat's own pages, at most `articles` in one
    crawl, new ones first; with 0 the bridge's words are all there is.
    """

    software: Literal["wechat"] = "wechat"
    feeds: tuple[WebAddress, ...] = ()
    articles: Annotated[int, Field(ge=0, le=500)] = 40

    @property
    def hosts(self) -> frozenset[str]:
        """Where articles lie: the one host besides the bridge's that a crawl may ask."""
        return frozenset([HOST]) if self.articles else frozenset()

    @model_validator(mode="after")
    def _one_bridge(self) -> "WechatSource":
        if any(urlsplit(feed).netloc != urlsplit(self.url).netloc for feed in self.feeds):
            raise ValueError("feeds must be on the host of url: another bridge is a source of its own")
        if urlsplit(self.url).hostname == HOST:
            raise ValueError("url must be a feed of your own bridge: WeChat itself lists no articles")
        return self
