"""A source is not asked where somebody said so: stopped, resting, left alone, its requests of the day spent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from crawlers.health import Tally, begin, end
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.politeness.manners import note_asked
from crawlers.pull.politeness.stops import EVERYTHING, resume, stop
from crawlers.pull.politeness.turns import Turn
from crawlers.scheduling.crawling import NotNow, crawl_in_turn, refusal
from tests.crawlers.running import Crawler

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)  # 16:00 in Beijing
HOST = "www.corp.cn"


def source(**told: Any) -> FeedSource:
    return FeedSource(**{"site": "news", "basis": "a test", "url": f"https://{HOST}/feed"} | told)


def test_a_source_of_which_nobody_said_anything_may_be_asked(engine: Engine) -> None:
    assert refusal(engine, "news", source(), NOW) is None


def test_a_stop_says_since_when_and_how_to_go_on(engine: Engine) -> None:
    stop(engine, EVERYTHING, "检修", NOW)
    told = "everything is stopped since 2026-11-28 16:00: 检修 (python -m crawlers resume)"
    assert refusal(engine, "news", source(), NOW) == told
    resume(engine, EVERYTHING)
    assert refusal(engine, "news", source(), NOW) is None


def test_a_site_that_asked_for_it_is_left_until_its_time(engine: Engine) -> None:
    begin(engine, "news", "news", NOW)
    parked = Tally(pages=1, parked_until=NOW + timedelta(hours=2))
    end(engine, "news", parked, fresh_until=lambda _: None, now=NOW)
    assert refusal(engine, "news", source(), NOW) == "the site asked us to stay away until 2026-11-28 18:00"
    assert refusal(engine, "news", source(), NOW + timedelta(hours=3)) is None


def test_hours_and_budgets_refuse(engine: Engine) -> None:
    assert refusal(engine, "news", source(avoid="15:00-17:00"), NOW) == "left alone in these hours (15:00-17:00)"
    note_asked(engine, HOST, 100, NOW)
    assert refusal(engine, "news", source(requests_per_day=101), NOW) is None
    assert refusal(engine, "news", source(requests_per_day=100), NOW) == f"{HOST} had its 100 requests of today"
    assert refusal(engine, "news", source(requests_per_day=100), NOW + timedelta(days=1)) is None


def test_a_host_that_is_busy_is_not_waited_for_by_the_clock(crawler: Crawler, site: Any) -> None:
    environment = crawler.environment()
    news = source(url=f"{site.root}/feed", private=True)
    assert Turn(crawler.engine, "127.0.0.1", "another 1").take(crawler.clock.now())
    done = crawl_in_turn("news", news, environment, opted_out=(), holder="here 1", wait=False)
    assert done == NotNow("another crawl has its host")
    assert site.log == []
