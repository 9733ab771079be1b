"""What the index shows of a topic: the detector's view, and the posts and measures behind a spike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from alerts.grades import Grading, Measure
from alerts.quotes import Quote, choose, quote
from alerts.signals import STEP, Coverage, Signal, Thresholds, View
from stream.errors import Retryable
from stream.index import Axis, Query, Reader
from stream.messages import Label, ScoredPost

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SAMPLE = 200  # negative posts looked at for quotes, sites and counters
AHEAD = timedelta(minutes=5)  # posts a site's clock dates a little after ours still belong to the window


@dataclass(frozen=True, slots=True)
class Found:
    """What a case was written about: kept with it, so that a later letter says what an earlier one said."""

    signal: Signal
    grading: Grading
    posts: tuple[str, ...]
    coverage: tuple[Coverage, ...]


_FOUND: TypeAdapter[Found] = TypeAdapter(Found)


def to_json(found: Found) -> str:
    """As it is kept with the case."""
    return _FOUND.dump_json(found).decode()


def from_json(kept: str) -> Found:
    """As it was found."""
    return _FOUND.validate_json(kept)


def look_at(reader: Reader, topic: str, coverage: Sequence[Coverage], limits: Thresholds, now: datetime) -> View:
    """The counts a judgement needs. The history ends where the window begins; whole hours, by the chart's time."""
    about = Query(topics=(topic,))
    end = now + AHEAD
    window_start = end - limits.window
    hours_end = window_start.replace(minute=0, second=0, microsecond=0)
    hours_start = hours_end - round(limits.history / HOUR) * HOUR
    everything = reader.histogram(Query(), Axis.CHARTED, hours_start, hours_end, DAY)
    since = next((day.start for day in everything if day.total), None)
    hours = reader.histogram(about, Axis.CHARTED, hours_start, hours_end, HOUR)
    if since is not None:
        hours = [hour for hour in hours if hour.start >= since]
    steps = reader.histogram(about, Axis.COUNTED, end - DAY, end, STEP)
    window = reader.histogram(about, Axis.COUNTED, window_start, end, limits.window)[0]
    return View(hours if since else (), steps, window, since, coverage)


def sample(reader: Reader, signal: Signal) -> list[ScoredPost]:
    """Negative posts of the signal's window, newest first."""
    query = Query(topics=(signal.topic,), labels=(Label.NEGATIVE,), counted_since=signal.window_start)
    return list(reader.search(query, SAMPLE).posts)


def measures(signal: Signal, posts: Sequence[ScoredPost]) -> Mapping[Measure, float]:
    """What the grades' criteria ask for."""
    return {
        Measure.NEGATIVE: signal.negative,
        Measure.VOICES: signal.voices,
        Measure.FACTOR: signal.factor,
        Measure.SHARE: signal.share,
        Measure.SITES: len({post.site for post in posts}),
        Measure.REPOSTS: max((post.counts.reposts or 0 for post in posts), default=0),
        Measure.VIEWS: max((post.counts.views or 0 for post in posts), default=0),
    }


def shown(posts: Sequence[ScoredPost]) -> tuple[str, ...]:
    """The ids of the posts to be quoted."""
    return tuple(post.id for post in choose(posts))


def quotes(reader: Reader, ids: Sequence[str], now: datetime) -> tuple[Quote, ...]:
    """The quotes as they may be shown now; none while the index is away, for a letter does not wait for decoration."""
    try:
        return tuple(quote(post, now) for post in reader.get(ids))
    except Retryable:
        return ()
