"""What the index shows of a topic: the past read once an hour, the window, the sample, cues and measures."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.detection.findings import History, count_cues, look_at, measures, sample
from alerts.detection.grades import Measure
from alerts.detection.signals import Signal, State, Thresholds
from stream.index.port import Reader
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts, Label, ScoredPost

HOUR = timedelta(hours=1)
LIMITS = Thresholds()
Write = Callable[..., ScoredPost]


class Counting:
    """A reader that counts how often the history is read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.histograms = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def histogram(self, *arguments: Any) -> Any:
        self.histograms += 1
        return self._reader.histogram(*arguments)


@pytest.fixture
def reader(tmp_path: Path, index: SqliteIndexWriter) -> Iterator[SqliteIndexReader]:
    reader = SqliteIndexReader(tmp_path / "index.db")
    yield reader
    reader.close()


def signal(now: datetime, **changes: Any) -> Signal:
    plain: dict[str, Any] = {
        "topic": "outage", "state": State.SPIKE, "at": now, "window_start": now - HOUR, "since": now, "total": 10,
        "negative": 8, "authors": 7, "texts": 6, "unscored": 0, "effective": 9.0, "expected": 3.0, "share": 0.8,
        "usual_share": 0.2, "cusum": 9.0, "residual": 6.0, "findings": (),
    }  # fmt: skip
    return Signal(**(plain | changes))


def test_a_look_holds_the_window_the_last_day_and_whole_hours_before(
    reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, at=now - timedelta(hours=n)) for n in range(50)])
    index.put([write(99, at=now, topics=("other",))])
    view = look_at(reader, "outage", History(reader, LIMITS), LIMITS, now)
    assert view.window.total == 1
    assert sum(step.total for step in view.steps) == 24
    assert sum(hour.total for hour in view.hours) == 48
    assert view.hours[-1].start + HOUR <= view.window.start
    assert view.history_since is not None


def test_the_past_is_read_once_an_hour(reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime) -> None:
    index.put([write(1, at=now - 5 * HOUR)])
    counting: Any = Counting(reader)
    history = History(counting, LIMITS)
    for minute in range(5):
        look_at(counting, "outage", history, LIMITS, now + timedelta(minutes=minute))
    assert counting.histograms == 2 + 5 * 2
    look_at(counting, "outage", history, LIMITS, now + HOUR)
    assert counting.histograms == 2 + 5 * 2 + 2 + 2


def test_an_index_that_was_empty_is_looked_at_again(
    reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    history = History(reader, LIMITS)
    assert look_at(reader, "outage", history, LIMITS, now).history_since is None
    index.put([write(1, at=now - 5 * HOUR)])
    assert look_at(reader, "outage", history, LIMITS, now).history_since is not None


def test_a_post_that_a_site_dates_a_little_ahead_still_counts(
    reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1, at=now + timedelta(minutes=4)), write(2, at=now + timedelta(minutes=6))])
    assert look_at(reader, "outage", History(reader, LIMITS), LIMITS, now).window.total == 1


def test_the_sample_is_of_negative_posts_of_the_window(
    reader: Reader, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1), write(2, label=Label.NEUTRAL), write(3, at=now - 2 * HOUR), write(4, topics=("other",))])
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
