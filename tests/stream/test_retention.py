"""What is past its time goes from log, index and state, and is told before; what is not stays."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from stream.config import StreamConfig
from stream.engines import (
    open_event_writer,
    open_index_admin,
    open_index_reader,
    open_index_writer,
    open_log_admin,
    open_producer,
    open_state_engine,
)
from stream.index.elastic.schema import Names
from stream.log.broker import RAW, Message
from stream.log.topics import make_ready
from stream.process.clock import ScriptedClock
from stream.retention import Kept, remove_past
from stream.state.database import disposing, reading, transaction
from stream.state.source_health import SourceGap
from stream.state.tombstones import bury, gone
from tests.stream.elastic import server
from tests.stream.scored import NOON, scored

LATER = NOON + timedelta(days=100)
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "elastic"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StreamConfig]:
    with ExitStack() as stack:
        index, name = "sqlite:index.db", "wenfeng"
        if request.param == "elastic":
            client, names = stack.enter_context(server())
            assert isinstance(names, Names)
            index, name = str(client.transport.node_pool.get().base_url), names.posts.removesuffix("-posts")
        yield StreamConfig(var=tmp_path, index=index, index_name=name)


@pytest.fixture
def kept(config: StreamConfig) -> Iterator[Kept]:
    with ExitStack() as stack:
        admin = stack.enter_context(closing(open_log_admin(config)))
        make_ready(admin, config)
        yield Kept(
            log=admin,
            posts=stack.enter_context(closing(open_index_admin(config))),
            health=stack.enter_context(closing(open_event_writer(config))),
            state=stack.enter_context(disposing(open_state_engine(config))),
        )


def posts(config: StreamConfig) -> list[str]:
    """Who is left; a server finds what was put two seconds later."""
    with closing(open_index_reader(config)) as reader:
        for _ in range(50):
            if found := reader.get([scored(number).id for number in (1, 2)]):
                return [post.native_id for post in found]
            time.sleep(0.2)
    return []


def test_what_is_past_its_time_is_told_and_then_removed(config: StreamConfig, kept: Kept) -> None:
    with closing(open_index_writer(config)) as writer, closing(open_producer(config, ScriptedClock(NOON))) as producer:
        producer.publish([Message(RAW, "thread", b"old")])
        writer.put([scored(1, at=NOON), scored(2, at=LATER - DAY)])
    bury(kept.state, ["a"], NOON, reason="request")
    bury(kept.state, ["b"], NOON, reason="request", until=LATER - DAY)
    with transaction(kept.state) as session:
        session.add(SourceGap(source="bbs", since=NOON - DAY, until=NOON))
        session.add(SourceGap(source="bbs", since=LATER - 2 * DAY, until=LATER - DAY))
    told = remove_past(kept, config, LATER, dry=True)
    assert told == remove_past(kept, config, LATER, dry=True)
    assert (told["records of the log"], told["tombstones with an end"], told["silences of sources"]) == (1, 1, 1)
    assert told["posts of the index"]
    assert remove_past(kept, config, LATER) == told
    assert not any(remove_past(kept, config, LATER).values())
    assert posts(config) == ["pid:2"]
    with reading(kept.state) as session:
        assert gone(session, ["a", "b"], NOON) == {"a"}


def test_a_post_charted_long_ago_and_seen_lately_stays(config: StreamConfig, kept: Kept) -> None:
    with closing(open_index_writer(config)) as writer:
        writer.put([scored(1, at=LATER - DAY, published_at=NOON, charted_at=NOON, counted_at=None)])
    assert not any(remove_past(kept, config, LATER).values())
