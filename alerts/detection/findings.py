"""What the index shows of a spike: the posts and measures behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alerts.detection.grades import Measure
from alerts.detection.signals import Signal
from stream.index.port import Query, Reader
from stream.messages import Label, ScoredPost

SAMPLE = 200  # negative posts looked at for sites, counters and quotes


def sample(reader: Reader, signal: Signal) -> list[ScoredPost]:
    """Reads negative posts of the signal's window, newest first."""
    query = replace(_window(signal), labels=(Label.NEGATIVE,))
    return list(reader.search(query, SAMPLE).posts)


def count_cues(reader: Reader, signal: Signal, cues: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Counts posts of the signal's window for each danger cue, whatever they feel like; without those none bears."""
    about = _window(signal)
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


def _window(signal: Signal) -> Query:
    return Query(topics=(signal.topic,), counted_since=signal.window_start, counted_until=signal.window_end)
