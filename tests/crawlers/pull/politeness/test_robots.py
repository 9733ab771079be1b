from itertools import pairwise
from typing import Any

import pytest

from stream.state.source_health import SourceState

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
    assert (tally.state(), tally.reason()) == (SourceState.FAILED, "robots_unreachable")


def test_a_robots_file_that_redirects_for_ever_means_no_page(crawler: Any, site: Any, answer: Any) -> None:
    site.robots = lambda: answer(status=302, headers={"Location": "/robots.txt"})
    assert crawler.crawl().state() is SourceState.FAILED
    assert site.asked == []
    assert len(site.log) <= 7


@pytest.mark.parametrize("robots", [{"status": 404}, {"status": 401}, {"status": 403}, {"body": PAGE}, {"body": b""}])
def test_a_missing_robots_file_forbids_nothing(crawler: Any, site: Any, answer: Any, robots: dict[str, Any]) -> None:
    site.robots = lambda: answer(**robots)
    assert crawler.crawl().state() is SourceState.OK
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
    crawler.crawl()
    times = [at for _, at, _ in site.log]
    assert min(later - earlier for earlier, later in pairwise(times[1:])) >= 0.38
