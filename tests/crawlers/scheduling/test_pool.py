"""Processes that stay: used again, replaced when they end, die or were their last, and gone with their pool."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from structlog.testing import capture_logs

from crawlers.pull.feed_source import FeedSource
from crawlers.scheduling.pool import Pool
from crawlers.scheduling.worker import CrawlEnd, CrawlJob
from stream.config import StreamConfig
from stream.process.holders import runs
from tests.crawlers.scheduling.workers import answering


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    one = Pool(StreamConfig(var=tmp_path), 2, answering)
    yield one
    one.stop()


def job(name: str) -> CrawlJob:
    source = FeedSource(site="news", basis="a test", url="https://corp.cn/feed")
    return CrawlJob(name=name, source=source, contact="ops@corp.cn", voice_key=b"secret", opted_out=("a.cn",))


def ends(pool: Pool, count: int) -> dict[str, str]:
    found: list[CrawlEnd] = []
    until = monotonic() + 60
    while len(found) < count and monotonic() < until:
        found += pool.collect()
        sleep(0.01)
    return {end.name: end.told for end in found}


def test_a_process_takes_one_crawl_after_another_and_two_go_side_by_side(pool: Pool) -> None:
    pool.start(job("a"))
    (first,) = ends(pool, 1).values()
    pool.start(job("b"))
    assert (ends(pool, 1), pool.made) == ({"b": first}, 1)
    pool.start(job("c"))
    pool.start(job("d"))
    assert (set(pool.running), pool.free(), pool.made) == ({"c", "d"}, False, 2)
    assert len(set(ends(pool, 2).values())) == 2
    assert pool.free()


def test_a_process_that_has_done_its_share_or_died_is_replaced_and_its_end_told(pool: Pool) -> None:
    pool.start(job("last"))
    (first,) = ends(pool, 1).values()
    pool.start(job("dies"))
    with capture_logs() as told:
        assert ends(pool, 1) == {"dies": "its process ended, code 7"}
    assert [line["source"] for line in told] == ["dies"]
    pool.start(job("a"))
    assert ends(pool, 1)["a"] != first
    assert pool.made == 3


def test_a_crawl_that_is_cut_off_ends_alone(pool: Pool) -> None:
    pool.start(job("hangs"))
    pool.cut("hangs")
    pool.cut("not there")
    assert ends(pool, 1) == {"hangs": "its process ended, code -15"}


def test_no_process_outlives_its_pool(pool: Pool) -> None:
    pool.start(job("a"))
    pid = int(ends(pool, 1)["a"])
    pool.start(job("hangs"))
    pool.stop()
    assert not runs(pid)
    assert pool.running == {}
