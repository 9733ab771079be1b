import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.settings import Settings

from crawlers.health import Tally
from crawlers.pull.politeness.patience import ATTEMPTS, LONGEST, ROBOTS_ATTEMPTS, Patience, backoff, retry_after
from stream.process.clock import ScriptedClock
from stream.state.source_health import SourceState
from stream.version import VERSION
from tests.crawlers.one_post import one_post

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
DATE = "Thu, 19 Nov 2026 06:00:00 GMT"
EMPTY = b'<a href="forum.php?mod=forumdisplay&fid=3">a</a><table id="threadlisttableid"><p class="emp"></p></table>'


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "1000000000"}, 10**9),
        ({"Retry-After": "9" * 400}, 10**9),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "１２０"}, None),
        ({}, None),
        ({"Retry-After": "Thu, 19 Nov 2026 06:02:00 GMT", "Date": DATE}, 120),  # by the server's own clock
        ({"Retry-After": "Thu, 19 Nov 2026 06:36:20 GMT"}, 120),
        ({"Retry-After": "Thu, 19 Nov 2020 06:00:00 GMT", "Date": DATE}, 0),
        ({"Retry-After": "Thu, 99 Nov 2020 06:00:00 GMT"}, None),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after(headers, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("kind", "attempts"), [(DownloadTimeoutError, 2), (DownloadConnectionRefusedError, ATTEMPTS)])
def test_a_site_that_drips_is_left_after_a_minute_and_one_that_is_away_is_tried_longer(
    kind: type[Exception], attempts: int
) -> None:
    patience = Patience(SimpleNamespace(settings=Settings()))  # type: ignore[arg-type]
    last = Request("http://bbs.invalid/", meta={"attempt": attempts})
    assert asyncio.run(patience.process_exception(last, kind("x"))) is None
    before = last.replace(meta={"attempt": attempts - 1})
    with pytest.raises(AttributeError, match="engine"):  # it would wait and ask again, in a crawl
        asyncio.run(patience.process_exception(before, kind("x")))


def test_waits_double_up_to_a_bound() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3, 20)] == [0.5, 1.0, 2.0, 30.0]


def test_a_busy_site_is_left_alone_as_long_as_it_asks(crawler: Any, site: Any) -> None:
    answer = type(site.answer("/"))
    busy = iter([answer(status=503, headers={"Retry-After": "1"}), answer(status=429, headers={"Retry-After": "1"})])
    site.answer = lambda _path: next(busy, answer(EMPTY))
    assert crawler.crawl().state() is SourceState.OK
    times = [at for path, at, _ in site.log if path == "/forum.php"]
    assert len(times) == 3
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


def test_a_post_that_was_waited_for_bears_the_rate_of_that_wait_and_the_next_one_that_of_the_source(
    crawler: Any, site: Any
) -> None:
    answer = type(site.answer("/"))
    busy = iter([answer(status=503, headers={"Retry-After": "1"})])
    site.answer = lambda path: next(busy, answer(one_post(path))) if "viewthread" in path else answer(one_post(path))
    crawler.settings["delay"] = timedelta(seconds=0.1)
    tally = crawler.crawl()
    (post,) = crawler.posts()
    assert (post.crawl.rate, tally.pause) == (1.0, 1.0)
    tally = crawler.crawl(later=timedelta(hours=2))
    assert (tally.pause, tally.rate) == (0.0, 10.0)


def test_a_site_that_asks_for_more_than_an_hour_is_parked(crawler: Any, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(status=503, headers={"Retry-After": str(int(LONGEST.total_seconds()) + 1)})
    tally = crawler.crawl()
    assert (tally.state(), tally.parked_until) == (
        SourceState.FAILED,
        crawler.clock.now() + LONGEST + timedelta(seconds=1),
    )
    assert site.asked == ["/forum.php"]


def test_a_connection_that_breaks_is_tried_again(crawler: Any, site: Any) -> None:
    answer = type(site.answer("/"))
    broken = iter([answer(reset=True)])
    site.answer = lambda _path: next(broken, answer(EMPTY))
    assert crawler.crawl().state() is SourceState.OK


def test_requests_keep_the_delay_and_say_who_asks(crawler: Any, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(EMPTY)
    crawler.settings["delay"] = timedelta(seconds=0.3)
    crawler.crawl()
    times = [at for _, at, _ in site.log]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.2  # a busy site notes one late, not the next
    assert {agent for _, _, agent in site.log} == {f"Wenfeng/{VERSION} (+tests@example.com)"}


@pytest.mark.parametrize(
    "told",
    [
        "Thu, 19 Nov 99999999999999999999 06:00:00 GMT",
        "Thu, 19 Nov 2026 06:00:00 +99999999999999",
        "Thu, 19 Nov 2026 06:00:00",  # of no zone
    ],
)
def test_a_date_that_no_calendar_has_is_no_wait(told: str) -> None:
    assert retry_after({"Retry-After": told}, NOW) is None


def test_a_wait_beyond_all_calendars_can_still_be_added_to_now() -> None:
    headers = {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT", "Date": "Mon, 01 Jan 0100 00:00:00 GMT"}
    asked = retry_after(headers, NOW)
    assert asked == timedelta(seconds=10**9)
    assert (NOW + asked).year == 2058


PIECES = st.sampled_from(
    ["Thu,", "19", "Nov", "2026", "0001", "9999", "06:00:00", "99:99", "GMT", "+2359", "-", "9" * 30]
)
TOLD = st.lists(PIECES, max_size=7).map(" ".join)


@given(TOLD, TOLD)
def test_no_header_breaks_the_reading_of_a_wait(told: str, date: str) -> None:
    asked = retry_after({"Retry-After": told, "Date": date}, NOW)
    assert asked is None or timedelta(0) <= asked <= timedelta(seconds=10**9)


class Waited:
    """A crawl so far as `Patience` sees it: a clock, a tally, an engine that stands still meanwhile."""

    def __init__(self) -> None:
        self.settings, self.spider, self.engine, self.manners = Settings(), self, self, self
        self.clock, self.tally = ScriptedClock(NOW), Tally()
        self.did: list[str | float] = []

    async def rest(self, seconds: float) -> None:
        self.did.append(seconds)

    def pause(self) -> None:
        self.did.append("paused")

    def unpause(self) -> None:
        self.did.append("goes on")

    def end(self, reason: str) -> None:
        self.did.append(reason)

    def answered(self, status: int, headers: dict[str, str] | None = None, **meta: Any) -> Request | Response:
        asked = Request("http://bbs.invalid/", meta=meta, priority=3)
        answer = Response(asked.url, status, headers=headers or {})
        patience = Patience(self)  # type: ignore[arg-type] # all that it needs of a crawler
        return asyncio.run(patience.process_response(asked, answer))


@pytest.fixture
def waited() -> Waited:
    return Waited()


def test_the_whole_crawl_stands_still_and_the_page_is_asked_next_once_more(waited: Waited) -> None:
    again = waited.answered(429, {"Retry-After": "7"}, attempt=2, board="3")
    assert isinstance(again, Request)
    assert waited.did == ["paused", 7.0, "goes on"]
    assert (again.meta, again.dont_filter, again.priority) == ({"attempt": 3, "board": "3", "waited": 7.0}, True, 4)


def test_an_hour_is_waited_and_a_second_more_parks_the_source(waited: Waited) -> None:
    assert isinstance(waited.answered(503, {"Retry-After": "3600"}), Request)
    assert waited.did == ["paused", 3600.0, "goes on"]
    waited.did.clear()
    assert isinstance(waited.answered(503, {"Retry-After": "3601"}), Response)
    assert (waited.did, waited.tally.parked_until) == (["parked"], NOW + timedelta(seconds=3601))


def test_a_site_that_names_no_time_is_waited_for_longer_each_time_and_one_that_says_nought_is_not(
    waited: Waited,
) -> None:
    for attempt in (1, 4):
        waited.answered(500, attempt=attempt)
    waited.answered(500, {"Retry-After": "0"}, attempt=4)
    assert [one for one in waited.did if isinstance(one, float)] == [0.5, 4.0, 0.0]


@pytest.mark.parametrize(("meta", "last"), [({}, ATTEMPTS), ({"dont_obey_robotstxt": True}, ROBOTS_ATTEMPTS)])
def test_patience_ends_and_the_answer_is_handed_on_with_what_it_was_waited_for(
    waited: Waited, meta: dict[str, Any], last: int
) -> None:
    assert isinstance(waited.answered(503, attempt=last - 1, **meta), Request)
    waited.did.clear()
    assert isinstance(waited.answered(503, attempt=last, waited=30.0, **meta), Response)
    assert (waited.did, waited.tally.pause) == ([], 30.0)
    assert isinstance(waited.answered(404), Response)  # not busy: nobody waits for what is not there
    assert (waited.did, waited.tally.pause) == ([], 0.0)
