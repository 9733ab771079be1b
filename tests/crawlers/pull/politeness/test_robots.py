from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from stream.state.source_health import SourceState
from tests.crawlers.one_post import one_post

EMPTY = b'<a href="forum.php?mod=forumdisplay&fid=3">a</a><table id="threadlisttableid"><p class="emp"></p></table>'
PAGE = b"<html><body>not a robots file</body></html>"


@pytest.fixture
def answer(site: Any) -> Any:
    kind = type(site.answer("/"))
    site.answer = lambda _path: kind(EMPTY)
    return kind


@pytest.mark.parametrize(
    "robots",
    [{"status": 503}, {"status": 429}, {"status": 500}, {"reset": True}, {"body": b"#" * 9_000_000}],
    ids=["503", "429", "500", "reset", "9MB"],
)
def test_no_robots_answer_means_no_page_at_all(crawler: Any, site: Any, answer: Any, robots: dict[str, Any]) -> None:
    site.robots = lambda: answer(**robots)
    tally = crawler.crawl()
    assert site.asked == []
    reason = "connection_lost" if robots.get("reset") else "robots_unreachable"
    assert (tally.state(), tally.reason()) == (SourceState.FAILED, reason)


def test_a_robots_file_that_redirects_for_ever_means_no_page(crawler: Any, site: Any, answer: Any) -> None:
    site.robots = lambda: answer(status=302, headers={"Location": "/robots.txt"})
    assert crawler.crawl().state() is SourceState.FAILED
    assert site.asked == []
    assert len(site.log) <= 7


@pytest.mark.parametrize(
    ("robots", "verdict"),
    [
        ({"status": 404}, "no_robots_txt"),
        ({"status": 401}, "no_robots_txt"),
        ({"status": 403}, "no_robots_txt"),
        ({"body": PAGE}, "allowed"),
        ({"body": b""}, "allowed"),
    ],
)
def test_a_missing_robots_file_forbids_nothing(
    crawler: Any, site: Any, answer: Any, robots: dict[str, Any], verdict: str
) -> None:
    site.robots = lambda: answer(**robots)
    tally = crawler.crawl()
    assert (tally.state(), tally.robots) == (SourceState.OK, verdict)
    assert len(site.asked) == 2


def test_a_site_that_forbids_programs_is_reported_as_blocked(crawler: Any, site: Any, answer: Any) -> None:
    site.robots = lambda: answer(b"User-agent: *\nDisallow: /\n")
    tally = crawler.crawl()
    assert (site.asked, tally.state(), tally.reason()) == ([], SourceState.BLOCKED, "robots_forbid")


def test_rules_beyond_five_hundred_kibibytes_are_not_read(crawler: Any, site: Any, answer: Any) -> None:
    site.robots = lambda: answer(b"User-agent: *\n" + b"# padding\n" * 60_000 + b"Disallow: /\n")
    assert crawler.crawl().state() is SourceState.OK


def test_a_longer_crawl_delay_is_kept(crawler: Any, site: Any, answer: Any) -> None:
    site.robots = lambda: answer(b"User-agent: *\nCrawl-delay: 0.4\n")
    tally = crawler.crawl()
    times = [at for _, at, _ in site.log]
    assert min(later - earlier for earlier, later in pairwise(times[1:])) >= 0.38
    assert tally.rate == 2.5


def test_a_shorter_crawl_delay_changes_nothing(crawler: Any, site: Any, answer: Any) -> None:
    site.robots = lambda: answer(b"User-agent: *\nCrawl-delay: 0.1\n")
    crawler.settings["delay"] = timedelta(seconds=0.25)
    assert crawler.crawl().rate == 4.0


@pytest.mark.parametrize(
    ("robots", "verdict", "rate"),
    [
        ({"status": 404}, "no_robots_txt", 10.0),
        ({"body": b"User-agent: *\nCrawl-delay: 0.2\n"}, "allowed", 5.0),
        ({"body": b"User-agent: other\nCrawl-delay: 9\nDisallow: /\n"}, "allowed", 10.0),
    ],
)
def test_each_post_bears_what_was_found_of_robots_and_the_rate_that_it_led_to(
    crawler: Any, site: Any, answer: Any, robots: dict[str, Any], verdict: str, rate: float
) -> None:
    site.robots = lambda: answer(**robots)
    site.answer = lambda path: answer(one_post(path))
    crawler.settings["delay"] = timedelta(seconds=0.1)
    crawler.crawl()
    (post,) = crawler.posts()
    assert (post.text, post.crawl.robots, post.crawl.rate, post.crawl.parser) == ("停电了", verdict, rate, "discuz")
