from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.casefile.context import CaseContext
from alerts.casefile.wave import posts as module
from alerts.casefile.wave.posts import read_wave
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost

Write = Callable[..., ScoredPost]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_a_wave_begins_with_its_first_negative_post_not_with_the_detectors_step(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    trickle = [write(n, at=now - 130 * MINUTE + n * 15 * MINUTE) for n in range(1, 4)]  # before the step
    flood = [write(100 + n, at=now - 60 * MINUTE + n * MINUTE) for n in range(50)]
    ordinary = [write(200 + n, at=now - (5 + n) * HOUR) for n in range(3)]
    index.put([*trickle, *flood, *ordinary, write(300, at=now - 3 * MINUTE, label=Label.NEUTRAL)])
    wave = read_wave(context.reader, "outage", now - HOUR, 0.2, now)
    assert wave.negatives[0] == trickle[0]
    assert (len(wave.negatives), len(wave.posts), wave.cut) == (53, 54, False)
    assert (wave.hour.negative, wave.hour.total) == (50, 51)
    assert sum(one.negative for one in wave.bins) >= 53


def test_on_a_busy_topic_ordinary_posts_before_the_step_are_not_of_the_wave(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, at=now - HOUR - n * 20 * MINUTE) for n in range(1, 15)])
    first = write(100, at=now - 55 * MINUTE)
    index.put([first])
    assert read_wave(context.reader, "outage", now - HOUR, 3.0, now).negatives == (first,)


def test_nothing_from_before_the_calm_is_of_the_wave(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, at=now - n * 10 * MINUTE) for n in range(1, 12)])
    wave = read_wave(context.reader, "outage", now - 30 * MINUTE, 0.0, now, not_before=now - 35 * MINUTE)
    assert [post.native_id for post in wave.negatives] == ["pid:3", "pid:2", "pid:1"]


def test_of_a_wave_too_large_to_be_read_its_ends_are(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    many = [write(n, at=now - 10 * HOUR + n * timedelta(seconds=12)) for n in range(2_900)]
    index.put(many)
    wave = read_wave(context.reader, "outage", now - 10 * HOUR, 0.1, now)
    assert wave.cut
    assert len(wave.posts) <= module.READ
    assert (wave.posts[0], wave.posts[-1]) == (many[0], many[-1])
    assert sum(one.negative for one in wave.bins) == 2_900


def test_a_wave_of_weeks_is_read_in_coarser_steps(
    context: CaseContext, index: SqliteIndexWriter, now: datetime
) -> None:
    wave = read_wave(context.reader, "outage", now - timedelta(days=40), 0.0, now)
    assert wave.posts == ()
    assert len(wave.bins) <= module.BINS
    assert wave.step == 3 * HOUR
