"""A made-up WordPress: lists of posts and comments as its REST interface shows them."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.crawlers.site import Answer

JSON = {"Content-Type": "application/json; charset=UTF-8"}
BEYOND = b'{"code":"rest_post_invalid_page_number","message":"larger than the number of pages","data":{"status":400}}'


def article(number: int, text: str = "停电", **more: Any) -> dict[str, Any]:
    moment = f"2026-11-19T05:{number % 60:02}:00"
    content = {"rendered": f"<p>{text}</p>", "protected": False}
    return {
        "id": number,
        "date_gmt": moment,
        "modified_gmt": moment,
        "link": f"http://example.com/archives/{number}.html",
        "title": {"rendered": f"题 {number}"},
        "content": content,
        "author": 1,
        "categories": [2],
    } | more


def remark(number: int, post: int = 1, text: str = "同问", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "comment",
        "post": post,
        "parent": 0,
        "author": 0,
        "author_name": "甲",
        "date_gmt": f"2026-11-19T06:{number % 60:02}:00",
        "link": f"http://example.com/archives/{post}.html#comment-{number}",
        "content": {"rendered": f"<p>{text}</p>"},
    } | more


class Blog:
    """Answers as WordPress does. `kept` are rows of a list that its total counts and guests do not see."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.kept = {"posts": 0, "comments": 0}
        self.instead: dict[str, Answer] = {}
        self.most = 100  # rows a page, whatever is asked for

    def __call__(self, path: str) -> Answer:
        parts = urlsplit(path)
        listing = parts.path.removeprefix("/wp-json/wp/v2/")
        if listing in self.instead:
            return self.instead[listing]
        if listing == "categories":
            return Answer(json.dumps([{"id": 2, "name": "停电 &amp; 抢修"}]).encode(), headers=JSON)
        if listing not in ("posts", "comments"):
            return Answer(b"<html>404", 404)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._page(listing, asked)

    def _page(self, listing: str, asked: dict[str, str]) -> Answer:
        rows = sorted(getattr(self, listing), key=lambda row: self._rank(row, asked.get("orderby", "date")))
        rows = rows if asked.get("order") == "asc" else rows[::-1]
        size, number = min(int(asked["per_page"]), self.most), int(asked["page"])
        total = len(rows) + self.kept[listing]
        pages = -(-total // size)
        if number > max(pages, 1) and listing == "posts":
            return Answer(BEYOND, 400, headers=JSON)
        shown = rows[(number - 1) * size : number * size]
        totals = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
        return Answer(json.dumps(shown, ensure_ascii=False).encode(), headers=JSON | totals)

    @staticmethod
    def _rank(row: dict[str, Any], order: str) -> tuple[Any, ...]:
        moment = row.get("modified_gmt") if order == "modified" else row["date_gmt"]
        return (row["id"],) if order == "id" else (moment, row["id"])
