import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.health import Tally
from stream.messages import Post
from stream.state.source_health import SourceState
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site


class Server:
    """Speaks the API as far as the spider asks: an account, a hashtag, statuses by number, two on a page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.url = f"{site.root}/"
        self.statuses: dict[int, dict[str, Any]] = {}
        self.tagged: set[int] = set()
        self.instead: dict[str, Answer] = {}
        site.answer = self
        site.robots = lambda: Answer(status=404)

    def say(self, number: int, text: str, **more: Any) -> None:
        account = {"id": "42", "acct": "us"}
        said = {"id": str(number), "created_at": "2026-11-19T05:30:00.000Z", "content": f"<p>{text}</p>"}
        self.statuses[number] = said | {"account": account, "visibility": "public"} | more

    def __call__(self, path: str) -> Answer:
        call, asked = urlsplit(path).path, parse_qs(urlsplit(path).query)
        if call in self.instead:
            return self.instead[call]
        if call == "/api/v1/accounts/lookup":
            return self._json({"id": "42"}) if asked["acct"] == ["us"] else self._missing()
        if call == "/api/v1/accounts/42/statuses":
            return self._page(call, list(self.statuses), asked)
        if call.startswith("/api/v1/timelines/tag/"):
            return self._page(call, [number for number in self.statuses if number in self.tagged], asked)
        number = int(call.rpartition("/")[2])
        return self._json(self.statuses[number]) if number in self.statuses else self._missing()

    def _page(self, call: str, numbers: list[int], asked: dict[str, list[str]]) -> Answer:
        below = int(asked.get("max_id", ["999"])[0])
        shown = sorted((number for number in numbers if number < below), reverse=True)[:2]
        links = [f'<{self.url[:-1]}{call}?min_id={max(shown, default=0)}>; rel="prev"']
        if shown:
            links.insert(0, f'<{self.url[:-1]}{call}?max_id={shown[-1]}>; rel="next"')
        return self._json([self.statuses[number] for number in shown], Link=", ".join(links))

    def _json(self, told: object, status: int = 200, **headers: str) -> Answer:
        return Answer(json.dumps(told).encode(), status, {"Content-Type": "application/json", **headers})

    def _missing(self) -> Answer:
        return self._json({"error": "Record not found"}, 404)

    def asked(self) -> list[str]:
        calls = self._site.asked
        self._site.log.clear()
        return calls


@pytest.fixture
def server(site: Site) -> Server:
    return Server(site)


class Reader:
    def __init__(self, crawler: Crawler, server: Server) -> None:
        self._crawler, self._url = crawler, server.url

    def crawl(self, later: timedelta = timedelta(minutes=10), **changes: Any) -> Tally:
        settings = {"site": "m", "software": "mastodon", "url": self._url, "accounts": ["us"]}
        return self._crawler.crawl(later, **(settings | changes))

    def posts(self) -> dict[str, Post]:
        return {post.text: post for post in self._crawler.posts()}


@pytest.fixture
def reader(crawler: Crawler, server: Server) -> Reader:
    return Reader(crawler, server)


def test_a_timeline_is_read_to_its_end_once_then_as_far_as_there_is_news(reader: Reader, server: Server) -> None:
    for number in range(1, 6):
        server.say(number, f"第 {number} 条")
    server.tagged = {2}
    assert (reader.crawl(hashtags=["停电"]).state(), len(reader.posts())) == (SourceState.OK, 5)
    server.asked()
    server.say(6, "第 6 条")
    assert reader.crawl().new == 1
    assert list(reader.posts()) == ["第 6 条"]
    assert server.asked() == [
        "/api/v1/accounts/lookup?acct=us",
        "/api/v1/accounts/42/statuses?limit=40",
        "/api/v1/accounts/42/statuses?max_id=5",
    ]


def test_an_edit_is_sent_with_the_servers_time_and_a_status_it_does_not_know_is_deleted(
    reader: Reader, server: Server
) -> None:
    server.say(1, "停电")
    server.say(2, "来电")
    reader.crawl()
    before = reader.posts()
    server.say(2, "来电了", edited_at="2026-11-19T06:00:00.000Z")
    del server.statuses[1]
    tally = reader.crawl(timedelta(hours=13))
    assert (tally.state(), tally.changed, tally.deleted) == (SourceState.OK, 1, 1)
    after = reader.posts()
    edited_at = after["来电了"].edited_at
    assert edited_at is not None
    assert (after["来电了"].id, edited_at.isoformat()) == (before["来电"].id, "2026-11-19T06:00:00+00:00")
    assert after["停电"].deleted_at is not None


def test_a_404_that_is_not_the_servers_own_deletes_the_second_time_only(reader: Reader, server: Server) -> None:
    server.say(1, "停电")
    reader.crawl()
    server.instead = {"/api/v1/statuses/1": Answer(b"<html>404", 404)}
    server.say(2, "新的")
    del server.statuses[1]
    assert reader.crawl(timedelta(hours=13)).deleted == 0
    assert reader.crawl(timedelta(hours=13)).deleted == 1


def test_servers_that_show_nothing_and_accounts_that_are_not_there_are_named(reader: Reader, server: Server) -> None:
    server.say(1, "停电")
    tally = reader.crawl(accounts=["us", "nobody"])
    assert (tally.state(), tally.reason()) == (SourceState.PARTIAL, "1 × no_account_nobody")
    server.instead = {"/api/v1/accounts/42/statuses": Answer(b'{"error": "login"}', 401)}
    tally = reader.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.BLOCKED, "http_401")
    server.instead = {"/api/v1/accounts/42/statuses": Answer(b"<html>login")}
    assert reader.crawl().reason() == "1 × not_the_api"


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("http://[", ""),
        ("https://elsewhere.example/api", "1 × address_refused (leads to elsewhere.example)"),  # it bears our token
    ],
)
def test_a_link_to_older_statuses_that_is_none_or_of_another_host_is_not_followed(
    reader: Reader, server: Server, link: str, reason: str
) -> None:
    server.say(1, "停电")
    shown = json.dumps([server.statuses[1]]).encode()
    headers = {"Content-Type": "application/json", "Link": f'<{link}>; rel="next"'}
    server.instead = {"/api/v1/accounts/42/statuses": Answer(shown, headers=headers)}
    tally = reader.crawl()
    assert (tally.new, tally.reason()) == (1, reason)
    assert len(server.asked()) == 2
