"""What the index shows of a spike: the sample, cues and measures."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.detection.findings import count_cues, measures, sample
from alerts.detection.grades import Measure
from alerts.detection.signals import Signal, State
from stream.index.port import Reader
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts, Label, ScoredPost

HOUR = timedelta(hours=1)
Write = Callable[..., ScoredPost]


@pytest.fixture
def reader(tmp_path: Path, index: SqliteIndexWriter) -> Iterator[SqliteIndexReader]:
    reader = SqliteIndexReader(tmp_path / "index.db")
    yield reader
    reader.close()


def signal(now: datetime, **changes: Any) -> Signal:
    plain: dict[str, Any] = {
        "topic": "outage", "state": State.SPIKE, "at": now, "window_start": now - HOUR, "since": now, "total": 10,
        "negative": 8, "authors": 7, "texts": 6, "unscored": 0, "effective": 9.0, "expected": 3.0, "share": 0.8,
        "usual_share": 0.2, "findings": (), "window_end": now + timedelta(minutes=5),
    }  # fmt: skip
    return Signal(**(plain | changes))


def test_the_sample_is_of_negative_posts_of_the_window(
    reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put(
        [
            write(1),
            write(2, label=Label.NEUTRAL),
            write(3, at=now - 2 * HOUR),
            write(4, topics=("other",)),
            write(5, at=now + HOUR),
        ]
    )
    assert [post.native_id for post in sample(reader, signal(now))] == ["pid:1"]


def test_cues_are_counted_whatever_a_post_feels_like_and_left_out_at_none(
    reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1, cues=("danger",)), write(2, cues=("danger", "police"), label=Label.NEUTRAL), write(3)])
    assert count_cues(reader, signal(now), ["danger", "police", "fire"]) == (("danger", 2), ("police", 1))


def test_measures_are_of_the_window_and_of_the_most_spread_post(write: Write, now: datetime) -> None:
    posts = [write(1, counts=Counts(reposts=3, views=None)), write(2, site="tieba", counts=Counts(views=900))]
    found = measures(signal(now), posts)
    assert found == {
        Measure.NEGATIVE: 8, Measure.AUTHORS: 7, Measure.FACTOR: 3.0, Measure.SHARE: 0.8, Measure.SITES: 2,
        Measure.REPOSTS: 3, Measure.VIEWS: 900,
    }  # fmt: skip
    assert measures(signal(now), [])[Measure.VIEWS] == 0
