"""What the index shows of a wave: exact counts to judge it by, the posts and measures behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.detection.grades import Measure
from alerts.detection.ledger import window
from alerts.detection.signals import Signal, State, Thresholds, View, judge
from alerts.detection.waves import Wave
from stream.index.port import Query, Reader
from stream.messages import Label, ScoredPost

SAMPLE = 200  # negative posts looked at for sites, counters and quotes


def judge_wave(reader: Reader, topic: str, wave: Wave, view: View, limits: Thresholds, now: datetime) -> Signal:
    """Judges a wave that burns by its last step, one that is over by its highest, or by the other of the two.

    Of `view` it takes what is known of the topic beside the wave. Raises `Retryable` as the index does.
    """
    found = []
    steps = (wave.last, wave.peak) if wave.last.at > now else (wave.peak, wave.last)
    for crossing in dict.fromkeys(steps):
        about = replace(
            view, since=crossing.since, until=crossing.at, window=window(reader, topic, crossing.since, crossing.at),
            wave=wave, crossing=crossing, surge=view.surge if crossing.at > now else 0.0,
        )  # fmt: skip
        found.append(judge(topic, about, limits, now))
        if found[-1].state is State.SPIKE:
            return found[-1]
    return found[0]


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
