"""Records no stage can read, of every sort at once: each is kept with its reason, and the good between them done."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.edge import to_post
from crawlers.pages.observation import Observation
from stream.codec import POSTS
from stream.log.broker import MAX_RECORD, QUARANTINE, RAW, Message, Topic
from stream.log.quarantine import Quarantine, listed
from stream.log.worker import Worker
from stream.messages import MAX_TEXT, Kind, content_hash
from tests.crawlers.test_edge import CRAWL, NOW
from tests.stream.logs import ENGINES, Log, opened
from tests.stream.test_codec import POST, UNDECODABLE


@pytest.fixture(params=sorted(ENGINES))
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    with opened(request.param, tmp_path) as log:
        log.admin().apply([Topic(RAW, partitions=1), Topic(QUARANTINE, partitions=1)])
        yield log


@pytest.mark.fault("F23")
def test_poison_of_every_sort_is_quarantined_and_stops_nobody(log: Log) -> None:
    poison = [raw for raw in UNDECODABLE.values() if raw is not None]
    good = [POSTS.encode(replace(POST, native_id=f"pid:{n}")) for n in range(len(poison))]
    values = [value for pair in zip(poison, good, strict=True) for value in pair]
    log.producer().publish([Message(RAW, "one thread", value) for value in values])
    seen: list[str] = []

    def step(posts):  # type: ignore[no-untyped-def]
        seen.extend(post.native_id for post in posts)
        return {}

    consumer = log.consumer()
    worker = Worker(consumer, Quarantine(log.producer(), log.clock, "test"), POSTS, step, clock=log.clock, limit=7)
    assert worker.drain() == len(values)
    assert seen == [f"pid:{n}" for n in range(len(good))]
    assert sum(one.lag for one in log.admin().progress()) == 0
    began = time.process_time()
    assert consumer.poll(10, 0.5) == []
    assert time.process_time() - began < 0.5  # nobody spins over what he could not read
    kept = listed(log.consumer("look", [QUARANTINE]), log.admin().ends(QUARANTINE))
    assert [entry.offset for entry in kept] == list(range(0, len(values), 2))
    assert {entry.reason for entry in kept} == {"undecodable"}


@pytest.mark.fault("F24")
def test_a_post_of_ten_megabytes_is_cut_says_so_and_is_taken(log: Log) -> None:
    huge = Observation(native_id="pid:1", kind=Kind.REPLY, thread="pid:1", text="停电" * 1_700_000)
    post = to_post(huge, site="bbs", source="bbs", voice_key=b"k" * 32, first_seen_at=NOW, observed_at=NOW, crawl=CRAWL)
    assert (post.truncated, len(post.text)) == (True, MAX_TEXT)
    assert len(POSTS.encode(post)) < MAX_RECORD
    log.producer().publish([Message(RAW, "k", POSTS.encode(post))])
    (record,) = log.consumer().poll(10, 5)
    assert POSTS.decode(record.value) == post
    assert post.content_hash == content_hash(post.title, post.text)
