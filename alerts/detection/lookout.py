"""The look at every topic: what settled is learnt for good, what may still change is judged anew from there.

A post may count up to a day back, and one dated by a mere day up to two: what is older than `HORIZON` is settled and
teaches. The steps since then are judged anew at each look, as if they came in order: late posts, a stage that stood
still and a watcher that was away all lead to the judgement that would have been made had nothing gone wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from alerts.detection.ledger import DAY, HOUR, RECENT, Ledger
from alerts.detection.series.days import OfficeCalendar
from alerts.detection.series.detector import PROBATION, STEP, Detector, Judged, Sides
from alerts.detection.series.memory import Flags, Floats
from alerts.detection.series.waves import Crossing, Wave, waves
from alerts.detection.signals import Thresholds
from stream.index.port import Reader

HORIZON = timedelta(hours=50)
PAST = timedelta(days=56)  # learnt from the index where nothing is remembered: as many days as the budget looks back
CATCH_UP = timedelta(days=7)  # of steps that nobody judged, no more are told: older waves are history
FALL_WAIT = timedelta(hours=3)  # before silence is believed: the newest posts are not crawled yet
FALL_KNOWN = timedelta(days=14)  # of a topic before its silence means anything
PRIOR_NEGATIVE, PRIOR_TOTAL = 3, 10  # posts: the share of negatives before anything is known of a topic; set by us

Gaps = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Watched:
    """A topic as the lookout needs it: its budget, since when it is watched, since when its level may be new."""

    alerts_per_week: float
    began_at: datetime
    renewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the counts say of one topic: `usual` and `bar` an hour, waves not settled yet, see `View`."""

    usual: float
    bar: float
    threshold: float
    usual_share: float
    surge: float
    known: timedelta
    waves: tuple[Wave, ...]


@dataclass(slots=True)
class _Run:
    """A detector on its way through the steps, with what it met."""

    detector: Detector
    at: datetime
    inputs: dict[datetime, Floats] = field(default_factory=dict)
    crossings: dict[int, list[Crossing]] = field(default_factory=dict)
    last: Judged | None = None

    def drop(self, before: datetime) -> None:
        """Forgets what was met before then: it has settled."""
        self.inputs = {at: given for at, given in self.inputs.items() if at >= before}
        for column, met in self.crossings.items():
            self.crossings[column] = [one for one in met if one.at > before]

    def fork(self) -> "_Run":
        found = {column: list(met) for column, met in self.crossings.items()}
        return _Run(self.detector.fork(), self.at, dict(self.inputs), found, self.last)


class Lookout:
    """Looks at `topics`, which do not change, through the index. Time goes forward from look to look."""

    def __init__(
        self, reader: Reader, topics: Mapping[str, Watched], limits: Thresholds, charted_until: datetime | None = None
    ) -> None:
        """Steps before `charted_until` are counted by the time of charts: what was older then came as back-fill."""
        self._topics, self._limits = dict(topics), limits
        self._names = tuple(topics)
        self._calendar = OfficeCalendar()
        self._ledger = Ledger(reader, self._names, limits, _floor(charted_until) if charted_until else None)
        self._settled: _Run | None = None
        self._tail: _Run | None = None
        self._renewals: dict[datetime, list[int]] = {}  # columns whose level may be new, by step
        for topic, known in self._topics.items():
            if known.renewed_at is not None:
                self._note_renewal(topic, known.renewed_at)

    @property
    def settled_until(self) -> datetime | None:
        """Tells until when what was said has been learnt for good."""
        return self._settled.at if self._settled else None

    @property
    def rows(self) -> int:
        """Counts the numbers that are remembered of one series."""
        return self._new_detector(1).memory.rows

    def restore(
        self, kept: Mapping[str, tuple[datetime, Floats]], now: datetime, gaps: Mapping[str, Gaps] | None = None
    ) -> None:
        """Goes on from what is remembered; learns from the index what is not, or not until the same time.

        `gaps` are as in `look`. Nothing has changed where the index is away.
        """
        end = _floor(now - HORIZON)
        times = [until for topic, (until, _) in kept.items() if topic in self._topics and end - PAST < until <= end]
        end = max(times, default=end)
        detector = self._new_detector(len(self._names))
        unknown = []
        for column, topic in enumerate(self._names):
            until, numbers = kept.get(topic, (None, None))
            if numbers is not None and until == end:
                detector.memory.table[:, [column, column + len(self._names)]] = numbers.T
            else:
                unknown.append(column)
        run = _Run(detector, end)
        self._learn(run, unknown, gaps or {})
        self._settled, self._tail = run, None

    def numbers(self) -> dict[str, Floats]:
        """Returns what each topic taught: (2, rows), negatives and all posts."""
        table = self._settled.detector.memory.table if self._settled else np.zeros((0, 0))
        count = len(self._names)
        return {topic: table[:, [column, column + count]].T.copy() for column, topic in enumerate(self._names)}

    def renew(self, topics: Sequence[str], at: datetime) -> None:
        """Notes that the level of these topics may be another one from `at` on."""
        for topic in topics:
            self._note_renewal(topic, at)
        self._tail = None

    def look(
        self, now: datetime, complete_until: datetime | None, gaps: Mapping[str, Gaps],
        earned: Mapping[str, Gaps] | None = None, *, hold: datetime | None = None,
    ) -> dict[str, Outlook]:  # fmt: skip
        """Judges every step that has not settled. `gaps` are the times in which a topic could not be seen.

        `complete_until`: every post seen before then is in the index; None where nobody can tell. `earned` are waves
        that people were told of and did not call false: the budget does not pay for them. What was said since `hold`
        settles no sooner than after `CATCH_UP`: somebody has yet to be told of it.
        """
        if self._settled is None or not now - PAST < self._settled.at <= now - HORIZON / 2:  # or the clock was far off
            self.restore({}, now, gaps)
        assert self._settled is not None
        end = _floor(now) + STEP
        self._ledger.refresh(self._settled.at, end)
        seen = _Sight(self._topics, self._names, gaps, self._settled.at, min(complete_until or now, now), earned or {})
        self._settle(_floor(now - CATCH_UP), seen)
        run = self._start(seen)
        tail_at = max(self._settled.at, end - RECENT)
        while run.at < end:
            if run.at == tail_at:
                self._tail = run.fork()
            self._step(run, self._input(run.at, seen))
        outlooks = self._outlooks(run, now)
        if complete_until is not None:
            self._settle(_floor(min(now, complete_until, hold or now) - HORIZON), seen)
        return outlooks

    def _note_renewal(self, topic: str, at: datetime) -> None:
        column, count = self._names.index(topic), len(self._names)
        self._renewals.setdefault(_floor(at), []).extend((column, column + count))

    def _new_detector(self, topics: int) -> Detector:
        budgets = [self._topics[topic].alerts_per_week for topic in self._names] if topics == len(self._names) else []
        return Detector(
            np.array((budgets or [1.0] * topics) * 2), STEP, [Sides.RISE] * topics + [Sides.FALL] * topics,
            absolute=self._limits.absolute_posts, least=self._limits.least_posts, calendar=self._calendar,
        )  # fmt: skip

    def _learn(self, settled: _Run, columns: list[int], gaps: Mapping[str, Gaps]) -> None:
        """Learns from the index what the topics in `columns` were like before what has settled."""
        if not columns:
            return
        count, end = len(self._names), settled.at
        began = min(self._topics[self._names[column]].began_at for column in columns)
        run = _Run(self._new_detector(count), max(_floor(began), end - PAST))
        seen = _Sight(self._topics, self._names, gaps, run.at, end, {})
        while run.at < end:
            stretch = min(end, run.at + DAY)
            past = self._ledger.past(run.at, stretch)
            while run.at < stretch:
                self._step(run, seen.over(run.at, past.of(run.at)))
            run.drop(end)
        both = [*columns, *(column + count for column in columns)]
        settled.detector.memory.table[:, both] = run.detector.memory.table[:, both]

    def _input(self, at: datetime, seen: "_Sight") -> Floats:
        return seen.over(at, self._ledger.of(at))

    def _start(self, seen: "_Sight") -> _Run:
        """Goes on from the last look where nothing older changed, else from what has settled."""
        tail = self._tail
        assert self._settled is not None
        if tail is not None and tail.at >= self._settled.at:
            same = (np.array_equal(self._input(at, seen), known, equal_nan=True) for at, known in tail.inputs.items())
            if all(same):
                return tail.fork()
        return _Run(self._settled.detector.fork(), self._settled.at)

    def _step(self, run: _Run, given: Floats) -> None:
        if run.at in self._renewals:
            run.detector.renew(self._renewals[run.at])
        counts, teaches, earned = np.split(given, 3)
        judged = run.detector.judge(run.at, counts, teaches > 0, earned > 0)
        self._note(run, judged)
        run.inputs[run.at], run.last = given, judged
        run.at += STEP

    def _note(self, run: _Run, judged: Judged) -> None:
        count, end = len(self._names), judged.at + STEP
        for column in np.flatnonzero(judged.rose[:count]):
            run.crossings.setdefault(int(column), []).append(_crossing(run.detector, judged, int(column), end))
        if not judged.fell[count:].any():
            return
        known = (run.detector.memory["age"][0, count:] >= FALL_KNOWN / STEP) & ~self._ledger.dated_by_day
        for column in np.flatnonzero(judged.fell[count:] & known):
            one = _crossing(run.detector, judged, int(column) + count, end)
            run.crossings.setdefault(int(column), []).append(one)

    def _outlooks(self, run: _Run, now: datetime) -> dict[str, Outlook]:
        count, know, last = len(self._names), run.detector.memory, run.last
        lately = now - HOUR / 2  # the hour that ends now is held against its own time of day
        usual, bars = run.detector.usual(lately), run.detector.bars(lately)
        seen = know["day_seen"].sum(axis=0)
        share = (seen[:count] + PRIOR_NEGATIVE) / (seen[count:] + PRIOR_TOTAL)
        surge = last.risen[count:] / last.threshold[count:] if last else np.zeros(count)
        cold = know["age"][0, :count] < PROBATION / STEP
        bars = np.where(cold, self._limits.absolute_posts, np.maximum(bars[:count], self._limits.least_posts))
        return {
            topic: Outlook(
                usual=float(usual[column]),
                bar=float(bars[column]),
                threshold=float(last.threshold[column]) if last else 0.0,
                usual_share=min(1.0, float(share[column])),
                surge=float(surge[column]),
                known=float(know["age"][0, column]) * STEP,
                waves=tuple(
                    waves(one for one in run.crossings.get(column, ()) if not one.fell or one.at <= now - FALL_WAIT)
                ),
            )
            for column, topic in enumerate(self._names)
        }

    def _settle(self, until: datetime, seen: "_Sight") -> None:
        assert self._settled is not None
        while self._settled.at < until:
            at = self._settled.at
            self._step(self._settled, self._input(at, seen))
        self._settled.inputs.clear()
        self._settled.crossings.clear()
        if self._tail is not None:
            self._tail.drop(self._settled.at)


class _Sight:
    """Which steps of which topics were seen, and so teach."""

    def __init__(
        self, topics: Mapping[str, Watched], names: Sequence[str], gaps: Mapping[str, Gaps],
        since: datetime, complete_until: datetime, earned: Mapping[str, Gaps],
    ) -> None:  # fmt: skip
        """Asked of steps from `since` on."""
        self._began = np.array([_floor(topics[name].began_at).timestamp() for name in names])
        shared: dict[int, tuple[Gaps, list[int]]] = {}  # topics of the same sources are given one list
        for column, name in enumerate(names):
            if name in gaps:
                shared.setdefault(id(gaps[name]), (gaps[name], []))[1].append(column)
        self._gaps = [
            (columns, start, end) for spans, columns in shared.values() for start, end in spans if end > since
        ]
        self._complete_until = complete_until
        self._earned = [(column, *span) for column, name in enumerate(names) for span in earned.get(name, ())]

    def over(self, at: datetime, counts: Floats) -> Floats:
        """Returns the counts as the detector takes them, NaN where nothing was seen, what teaches, what is earned."""
        begun = self._began <= at.timestamp()
        sees = begun & (at + STEP <= self._complete_until)
        for columns, since, until in self._gaps:
            if since < at + STEP and at < until:
                sees[columns] = False
        shown: Flags = np.concatenate([begun, sees])
        earned = np.zeros_like(sees)
        for column, since, until in self._earned:
            earned[column] |= since < at + STEP and at < until
        return np.concatenate([np.where(shown, counts, np.nan), sees, sees, earned, earned])


def _crossing(detector: Detector, judged: Judged, column: int, end: datetime) -> Crossing:
    if judged.bare[column]:
        hour, bar = float(judged.hour[column]), detector.absolute
        bar = bar if hour >= bar else bar / 3
        return Crossing(
            at=end, span=detector.hour, score=hour, threshold=bar, counted=hour,
            due=float(judged.due[column]), bare=True,
        )  # fmt: skip
    return Crossing(
        at=end, span=detector.spans[int(judged.span[column])], score=float(judged.score[column]),
        threshold=float(judged.threshold[column]), counted=float(judged.counted[column]),
        due=float(judged.due[column]), fell=bool(judged.fell[column]),
    )  # fmt: skip


def _floor(moment: datetime) -> datetime:
    """Returns the beginning of the step in which the moment lies."""
    return moment - timedelta(seconds=moment.timestamp() % STEP.total_seconds())
