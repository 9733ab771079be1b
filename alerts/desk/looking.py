"""One look at one topic, for a person who asks how it is just now."""

from dataclasses import replace
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.detection.findings import burning, judge_wave
from alerts.detection.ledger import recent
from alerts.detection.signals import Coverage, Signal, View, judge
from alerts.detection.watchman import Sighting, Watchman, present_view
from stream.topics import ELSEWHERE


def look_at(context: CaseContext, topic: str, now: datetime) -> tuple[Signal, tuple[Coverage, ...]]:
    """Looks at the figures of one topic as the watcher does, and writes nothing."""
    sighting, view = _sighting(context, topic, now)
    return judge(topic, view, context.config.detector, now), sighting.coverage[topic]


def how_it_burns(context: CaseContext, topic: str, now: datetime) -> Signal:
    """Judges the wave that runs on one topic, told or not; its figures of the moment where none does."""
    sighting, view = _sighting(context, topic, now)
    limits, wave = context.config.detector, burning(sighting.outlooks[topic], now)
    burns = judge_wave(context.reader, topic, replace(view, wave=wave), limits, now, set()) if wave else None
    return burns or judge(topic, view, limits, now)


def _sighting(context: CaseContext, topic: str, now: datetime) -> tuple[Sighting, View]:
    if topic == ELSEWHERE:
        only = replace(context.topics, topics={})
    else:
        only = replace(context.topics, topics={topic: context.topics.topics[topic]}, elsewhere=None)
    watchman = Watchman(context.engine, context.reader, only, context.config.detector, dict)
    sighting = watchman.look(None, now, now)
    return sighting, present_view(sighting, topic, recent(context.reader, now).get(topic), now)
