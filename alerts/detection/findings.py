"""What the index shows of a wave: its judgement, the posts and measures behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.detection.grades import SAMPLE, Measure
from alerts.detection.ledger import window
from alerts.detection.lookout import Outlook
from alerts.detection.series.waves import Crossing, Wave
from alerts.detection.signals import Signal, State, Thresholds, View, judge
from stream.index.port import Query, Reader
from stream.messages import Label, ScoredPost


def burning(outlook: Outlook, now: datetime) -> Wave | None:
    """Finds the wave that runs at `now`."""
    return next((wave for wave in outlook.waves if wave.last.at > now), None)


def judge_wave(
    reader: Reader, topic: str, view: View, limits: Thresholds, now: datetime, dull: set[Crossing]
) -> Signal | None:
    """Judges the wave of `view` by the first of its steps that is a spike: the last while it burns, then the highest.

    None where it is over and was none at any step: at whichever a look had found it, nobody would have been told.
    `dull` gathers the steps that were none, so that they are not counted again.
    """
    wave, present = view.wave, None
    assert wave is not None
    steps = sorted(wave.crossings, key=lambda one: one.score, reverse=True)
    for crossing in dict.fromkeys([wave.last, *steps] if wave.last.at > now else steps):
        if crossing in dull:
            continue
        counted = window(reader, topic, crossing.since, crossing.at)
        about = replace(
            view, since=crossing.since, until=crossing.at, window=counted, crossing=crossing,
            surge=view.surge if crossing.at > now else 0.0,
        )  # fmt: skip
        signal = judge(topic, about, limits, now)
        if signal.state is State.SPIKE:
            return signal
        if crossing.at > now:
            present = signal
        else:
            dull.add(crossing)
    return present


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
