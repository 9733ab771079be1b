"""Crawls that may not go on: a budget that is spent, an owner's no, a person's stop, a site that answers slowly."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine

from crawlers.pull.politeness.manners import Manners
from tests.crawlers.running import Crawler
from tests.databases import opened

PAGE = '<a href="forum.php?mod=forumdisplay&fid=3">停电</a><table id="threadlisttableid"><p class="emp"></p></table>'


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite alone: nothing here is asked of the database that differs."""
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine:
        yield engine


@pytest.fixture
def page(site: Any) -> Any:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(PAGE.encode())
    return answer


def test_a_crawl_ends_where_its_budget_does_and_says_so(crawler: Crawler, site: Any, page: Any) -> None:
    crawler.manners = Manners(left=2)
    tally = crawler.crawl()
    assert len(site.log) == 2  # robots.txt is one
    assert (tally.state(), tally.reason()) == ("partial", "1 × requests_of_the_day_spent")


def test_an_address_that_its_owner_refused_is_not_asked(crawler: Crawler, site: Any, page: Any) -> None:
    crawler.manners = Manners(opted_out=(f"{site.root}/forum.php",))
    tally = crawler.crawl()
    assert (site.asked, tally.blocked) == ([], "opted_out")


def test_a_crawl_that_waits_for_its_site_ends_within_seconds_of_a_stop(crawler: Crawler, site: Any, page: Any) -> None:
    def answer(path: str) -> Any:
        return page(PAGE.encode()) if path == "/forum.php" else page(status=503, headers={"Retry-After": "600"})

    site.answer = answer
    crawler.refusal = lambda: "stopped by hand: the owner called" if len(site.asked) == 2 else ""
    begun = monotonic()
    tally = crawler.crawl()
    assert monotonic() - begun < 30  # it was told to wait for ten minutes
    assert (tally.state(), "stopped by hand: the owner called" in tally.reason()) == ("partial", True)
    site.answer = lambda _path: page(PAGE.encode())
    crawler.refusal = lambda: ""
    assert crawler.crawl().reason() == ""  # the loop is none the worse


def test_a_site_that_answers_slowly_is_asked_more_slowly_and_a_crawl_delay_stays_the_least(
    crawler: Crawler, site: Any, page: Any
) -> None:
    def slowly(_path: str) -> Any:
        sleep(0.4)
        return page(PAGE.encode())

    site.answer = slowly
    site.robots = lambda: page(b"User-agent: *\nCrawl-delay: 0.6\n", headers={"Content-Type": "text/plain"})
    crawler.crawl(delay=timedelta(milliseconds=10))
    first, second = (at for path, at, _ in site.log if path != "/robots.txt")
    assert second - first >= 0.55  # Scrapy's own would have gone down to the answer's 0.4
    site.robots = lambda: page(status=404)
    site.log.clear()
    crawler.crawl(delay=timedelta(milliseconds=10))
    first, second = (at for path, at, _ in site.log if path != "/robots.txt")
    assert second - first >= 0.35
