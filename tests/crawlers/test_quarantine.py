"""What the log refuses at the edge is kept with its reason, on every engine; what goes with it passes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.edge import MAX_NAME, MAX_TITLE, MAX_URL
from crawlers.quarantine import publish_or_quarantine
from stream.codec import POSTS
from stream.log.broker import MAX_RECORD, QUARANTINE, RAW, Message, Topic
from stream.log.quarantine import listed
from stream.messages import MAX_TEXT
from tests.stream.logs import Log, opened
from tests.stream.scored import scored


@pytest.fixture(params=["sqlite", "kafka"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    with opened(request.param, tmp_path) as log:
        with closing(log.admin()) as admin:
            admin.apply([Topic(RAW), Topic(QUARANTINE, partitions=1)])
        yield log


def test_a_record_too_large_for_the_log_is_kept_with_its_reason_and_the_others_pass(log: Log) -> None:
    batch = [Message(RAW, "thread", str(number).encode()) for number in range(5)]
    batch.insert(2, Message(RAW, "thread", b"x" * (MAX_RECORD + 1)))
    assert publish_or_quarantine(log.producer(), log.clock, batch) == 1
    values = [record.value for record in log.consumer().poll(100, 5)]
    assert values == [b"0", b"1", b"2", b"3", b"4"]
    (entry,) = listed(log.consumer("look", [QUARANTINE]), log.admin().ends(QUARANTINE))
    assert (entry.stage, entry.topic, entry.reason, entry.truncated) == ("crawlers", RAW, "too_large", True)
    assert str(MAX_RECORD) in entry.detail


def test_the_largest_post_the_edge_lets_through_is_far_from_too_large() -> None:
    widest = "\U00020000"  # four bytes
    post = replace(
        scored(1, widest * MAX_TEXT),
        title=widest * MAX_TITLE,
        url="u" * MAX_URL,
        native_id=widest * MAX_NAME,
        board=widest * MAX_NAME,
    )
    assert len(POSTS.encode(post)) < MAX_RECORD / 8
