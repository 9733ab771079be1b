"""考核: how long steps took against their limits, by desk and grade; false alarms, missed steps, appeals. Pure.

People appear as desks, and authors of posts not at all: what is measured is the office.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from alerts.detection.grades import Grade
from alerts.reports.clocks import StepClock
from alerts.workflow.parts import Verdict

DETECT, FIRST_WORD = "detect", "first_word"  # measured beside the workflow's steps
PROGRAM = ""  # the desk of what no person does
TRUE = (Verdict.TRUE, Verdict.PARTLY_TRUE)
TENTHS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedCase:
    """A row that is assessed: one case. `owner` is the key of the desk that owns its topic.

    `first_post_at` is None where the index does not know. `remedied`: what was found true has been put right.
    `word_limit` is what the grade allows the first word, with its source; None where no word was owed.
    """

    case: int
    topic: str
    owner: str
    grade: Grade
    first_post_at: datetime | None
    opened_at: datetime
    first_word_at: datetime | None
    word_limit: tuple[timedelta, str] | None
    word_desk: str
    false_alarm: bool
    verdict: Verdict | None
    remedied: bool
    clocks: tuple[StepClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRow:
    """How long one thing took at one desk and grade. `kept` of `judged` were in time; `within` None: no limit."""

    what: str
    desk: str
    grade: Grade
    times: int
    median: timedelta | None
    ninetieth: timedelta | None
    kept: int
    judged: int
    within: timedelta | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """What became of a desk's work: its topics' cases and false alarms, its steps, those too late or passed on."""

    desk: str
    cases: int
    false_alarms: int
    steps: int
    late: int
    passed_on: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRate:
    """诉求办结率 of a topic: of the cases found true, even in part, how many were put right."""

    topic: str
    found_true: int
    remedied: int

    @property
    def part(self) -> float | None:
        """The rate; None where nothing was found true."""
        return self.remedied / self.found_true if self.found_true else None


def time_rows(cases: Sequence[AssessedCase]) -> list[TimeRow]:
    """Measures detection, every step and the first word, in the order of things, by desk and grade."""
    measured: dict[tuple[str, str, Grade], list[_Measured]] = defaultdict(list)
    for one in cases:
        for key, value in _measures(one):
            measured[key].append(value)
    order: dict[str, int] = {DETECT: -1}
    for one in cases:
        for clock in one.clocks:
            order.setdefault(clock.step, len(order))
    grades = list(Grade)
    keys = sorted(measured, key=lambda key: (order.get(key[0], len(order)), key[1], grades.index(key[2])))
    return [_time_row(key, measured[key]) for key in keys]


def percentile(values: Iterable[timedelta], part: float) -> timedelta | None:
    """Finds the least value that at least `part` of the values do not exceed; None of no value."""
    ordered = sorted(values)
    return ordered[max(0, ceil(part * len(ordered)) - 1)] if ordered else None


def desk_rows(cases: Sequence[AssessedCase]) -> list[DeskRow]:
    """Counts by desk: cases of the topics it owns, and the steps it was the first to be called for."""
    clocks = [clock for one in cases for clock in one.clocks]
    desks = sorted({*(one.owner for one in cases), *(desk for one in clocks for desk in (*one.missed_by, one.desk))})
    return [_desk_row(desk, cases, clocks) for desk in desks]


def remedy_rates(cases: Sequence[AssessedCase]) -> list[RemedyRate]:
    """Counts by topic what was found true and what was put right, topics in order."""
    by_topic: dict[str, list[AssessedCase]] = defaultdict(list)
    for one in cases:
        if one.verdict in TRUE:
            by_topic[one.topic].append(one)
    return [
        RemedyRate(topic=topic, found_true=len(some), remedied=sum(one.remedied for one in some))
        for topic, some in sorted(by_topic.items())
    ]


def overall(rates: Sequence[RemedyRate]) -> RemedyRate:
    """Sums the rates of all topics up."""
    return RemedyRate(
        topic="", found_true=sum(one.found_true for one in rates), remedied=sum(one.remedied for one in rates)
    )


def limits_kept(rows: Sequence[TimeRow]) -> Mapping[str, tuple[int, int]]:
    """Sums up by what was measured: how many were in time, of how many that were judged."""
    found: dict[str, tuple[int, int]] = {}
    for one in rows:
        kept, judged = found.get(one.what, (0, 0))
        found[one.what] = kept + one.kept, judged + one.judged
    return found


@dataclass(frozen=True, slots=True)
class _Measured:
    length: timedelta | None
    kept: bool | None
    within: timedelta | None
    source: str


def _measures(one: AssessedCase) -> Iterable[tuple[tuple[str, str, Grade], _Measured]]:
    if one.first_post_at is not None and one.first_post_at <= one.opened_at:
        yield (DETECT, PROGRAM, one.grade), _Measured(one.opened_at - one.first_post_at, None, None, "")
    for clock in one.clocks:
        first = (*clock.missed_by, clock.desk)[0]
        if not clock.dropped:
            yield (clock.step, first, clock.grade), _Measured(clock.needed, clock.kept, clock.within, clock.source)
    if one.first_word_at is not None and one.word_limit is not None:
        within, source = one.word_limit
        length = one.first_word_at - one.opened_at
        yield (FIRST_WORD, one.word_desk, one.grade), _Measured(length, length <= within, within, source)


def _time_row(key: tuple[str, str, Grade], measured: Sequence[_Measured]) -> TimeRow:
    lengths = [one.length for one in measured if one.length is not None]
    judged = [one.kept for one in measured if one.kept is not None]
    return TimeRow(
        what=key[0], desk=key[1], grade=key[2], times=len(lengths), median=percentile(lengths, 0.5),
        ninetieth=percentile(lengths, TENTHS), kept=sum(judged), judged=len(judged), within=measured[-1].within,
        source=measured[-1].source,
    )  # fmt: skip


def _desk_row(desk: str, cases: Sequence[AssessedCase], clocks: Sequence[StepClock]) -> DeskRow:
    owned = [one for one in cases if one.owner == desk]
    first = [one for one in clocks if (*one.missed_by, one.desk)[0] == desk and not one.dropped]
    return DeskRow(
        desk=desk, cases=len(owned), false_alarms=sum(one.false_alarm for one in owned), steps=len(first),
        late=sum(one.kept is False for one in first), passed_on=sum(desk in one.missed_by for one in clocks),
    )  # fmt: skip
