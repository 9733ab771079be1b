"""The same forum read as Scrapy's tutorial would: a spider with parsel's selectors, an item a post, nothing kept.

It takes the fields that ours takes of a post and of a list, as the page writes them: no time is read, nothing is
normalised, hashed, remembered or sent. Sixteen requests at once, as Scrapy comes.
"""

from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from scrapy.settings import Settings

SETTINGS = Settings(
    {
        "LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "LOGSTATS_INTERVAL": 0, "ROBOTSTXT_OBEY": True,
        "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    }
)  # fmt: skip


class PlainSpider(Spider):
    """Follows boards, threads and their next pages; counts what it yields."""

    name = "plain"

    def __init__(self, home: str) -> None:
        super().__init__()
        self.start_urls = [home]
        self.pages = self.items = 0

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        self.pages += 1
        for href in response.css("#ct a[href*='mod=forumdisplay']::attr(href)").getall():
            yield response.follow(f"{href}&filter=lastpost&orderby=lastpost", self.parse_list)

    def parse_list(self, response: Response) -> Iterator[Request]:
        self.pages += 1
        for row in response.css("tbody[id^=normalthread_]"):
            told = {
                "replies": row.css("td.num a::text").get(),
                "moved": row.css("td.by:last-child em a::text").get(),
                "title": row.css("a.xst::text").get(),
            }
            yield response.follow(row.css("a.xst::attr(href)").get(""), self.parse_thread, meta={"told": told})
        yield from self._next(response, "&filter=lastpost&orderby=lastpost", self.parse_list)

    def parse_thread(self, response: Response) -> Iterator[Request | dict[str, Any]]:
        self.pages += 1
        title = response.css("#thread_subject::text").get()
        board = response.css("#pt a[href*='mod=forumdisplay']::text").getall()[-1]
        counts = response.css("#postlist div.hm span.xi1::text").getall()
        for post in response.css("div[id^=post_]"):
            pid = post.attrib["id"].removeprefix("post_")
            self.items += 1
            yield {
                "id": pid,
                "title": title,
                "board": board,
                "counts": counts,
                "author": post.css(f"#favatar{pid} a.xw1::attr(href)").get(),
                "at": post.css(f"#authorposton{pid} span::attr(title)").get()
                or post.css(f"#authorposton{pid}::text").get(),
                "floor": post.css(f"#postnum{pid}::text").get("").strip(),
                "edited": post.css("i.pstatus::text").get(),
                "quoted": post.css("div.quote a[href*='pid=']::attr(href)").get(),
                "text": "\n".join(post.css(f"#postmessage_{pid} ::text").getall()),
            }
        yield from self._next(response, "", self.parse_thread)

    def _next(self, response: Response, more: str, callback: Any) -> Iterator[Request]:
        assert isinstance(response, TextResponse)
        shown = int(response.css("div.pg strong::text").get("1"))
        pages = int("".join(filter(str.isdigit, response.css("div.pg label span::attr(title)").get("1"))))
        if shown < pages:
            path = response.url.partition("&page=")[0].removesuffix(more)
            yield Request(f"{path}{more}&page={shown + 1}", callback)
