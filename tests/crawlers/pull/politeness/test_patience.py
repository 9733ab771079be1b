from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from crawlers.pull.politeness.patience import LONGEST, backoff, retry_after
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
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.28
    assert {agent for _, _, agent in site.log} == {f"Wenfeng/{VERSION} (+tests@example.com)"}
