"""What the index shows of a topic: the detector's view, and the posts and measures behind a spike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.detection.grades import Measure
from alerts.detection.signals import STEP, DetectorInput, Signal, Thresholds
from stream.index.port import Axis, Bucket, Query, Reader
from stream.messages import Label, ScoredPost

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SAMPLE = 200  # negative posts looked at for sites, counters and quotes
AHEAD = timedelta(minutes=5)  # posts a site's clock dates a little after ours still belong to the window


@dataclass(frozen=True, slots=True)
class Past:
    """A topic's whole hours before the window, and since when anything at all was watched."""

    hours: tuple[Bucket, ...]
    since: datetime | None


class History:
    """The past of every topic, read from the index once an hour: it is most of the work of a look, and hardly moves."""

    def __init__(self, reader: Reader, limits: Thresholds) -> None:
        self._reader = reader
        self._limits = limits
        self._until: datetime | None = None
        self._known: dict[str, Past] = {}

    def of(self, topic: str, until: datetime) -> Past:
        """Reads the hours before `until`, a full hour, by the chart's time: back-fill may teach what is normal."""
        if self._until != until:
            self._until, self._known = until, {}
        past = self._known.get(topic)
        if past is None or past.since is None:  # an index that was empty a minute ago may be filled by now
            past = self._known[topic] = self._read(topic, until)
        return past

    def _read(self, topic: str, until: datetime) -> Past:
        start = until - round(self._limits.history / HOUR) * HOUR
        days = self._reader.histogram(Query(), Axis.CHARTED, start, until, DAY)
        since = next((day.start for day in days if day.total), None)
        if since is None:
            return Past((), None)
        return Past(tuple(self._reader.histogram(Query(topics=(topic,)), Axis.CHARTED, since, until, HOUR)), since)


def look_at(reader: Reader, topic: str, history: History, limits: Thresholds, now: datetime) -> DetectorInput:
    """Reads the counts a judgement needs, the sources aside. The history ends where the window begins."""
    about, end = Query(topics=(topic,)), now + AHEAD
    start = end - limits.window
    past = history.of(topic, start.replace(minute=0, second=0, microsecond=0))
    steps = reader.histogram(about, Axis.COUNTED, end - DAY, end, STEP)
    (window,) = reader.histogram(about, Axis.COUNTED, start, end, limits.window)
    return DetectorInput(past.hours, steps, window, past.since, ())


def sample(reader: Reader, signal: Signal) -> list[ScoredPost]:
    """Reads negative posts of the signal's window, newest first."""
    query = Query(topics=(signal.topic,), labels=(Label.NEGATIVE,), counted_since=signal.window_start)
    return list(reader.search(query, SAMPLE).posts)


def count_cues(reader: Reader, signal: Signal, cues: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Counts posts of the signal's window for each danger cue, whatever they feel like; without those none bears."""
    about = Query(topics=(signal.topic,), counted_since=signal.window_start)
    counts = ((cue, reader.count(replace(about, cues=(cue,)))) for cue in cues)
    return tuple((cue, count) for cue, count in counts if count)


def measures(signal: Signal, posts: Sequence[ScoredPost]) -> Mapping[Measure, float]:
    """Measures what the grades' criteria ask for."""
    return {
        Measure.NEGATIVE: signal.negative,
        Measure.AUTHORS: signal.authors,
        Measure.FACTOR: signal.factor,
        Measure.SHARE: signal.share,
        Measure.SITES: len({post.site for post in posts}),
        Measure.REPOSTS: max((post.counts.reposts or 0 for post in posts), default=0),
        Measure.VIEWS: max((post.counts.views or 0 for post in posts), default=0),
    }
