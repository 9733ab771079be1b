"""A case's topic in time, from before its wave until now or after its end: counts, and what was done when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.casefile.tables import EventKind
from alerts.desk.cases import HistoryEntry
from alerts.words import event_name
from alerts.workflow.cases import Case
from stream.index.port import Axis, Bucket, Query, Reader

BINS, LEAST_BINS = 48, 24
AFTERWARDS = timedelta(hours=6)  # looked at beyond a case's end
MARKS = 12  # deeds marked, the last ones
STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 43_200)
)


@dataclass(frozen=True, slots=True)
class CourseMark:
    """Something that was done about the case: by whom, in words; `is_letter`: a letter went out."""

    at: datetime
    words: str
    is_letter: bool = False


@dataclass(frozen=True, slots=True)
class CaseCourse:
    """Counts in steps of one length, and the marks that lie among them, in order of time."""

    bins: tuple[Bucket, ...]
    step: timedelta
    marks: tuple[CourseMark, ...]


def read_course(reader: Reader, case: Case, marks: Sequence[CourseMark], now: datetime) -> CaseCourse:
    """Counts the topic's posts in 24 to 48 steps, in one query. Raises `Retryable` while the index is away."""
    end = now if case.ended_at is None else min(now, case.ended_at + AFTERWARDS)
    step = step_for(end - case.since)
    number = max(LEAST_BINS, min(BINS, -(-(end - case.since) // step) + 4))
    start = end - number * step
    bins = reader.histogram(Query(topics=(case.topic,)), Axis.CHARTED, start, end, step)
    return CaseCourse(tuple(bins), step, tuple(one for one in sorted(marks, key=_at) if start <= one.at <= end))


def step_for(span: timedelta) -> timedelta:
    """Chooses how long a step is, so that the span and a little before it have room."""
    return next((one for one in STEPS if span <= (BINS - 4) * one), STEPS[-1])


def marks_of(history: Sequence[HistoryEntry]) -> tuple[CourseMark, ...]:
    """Marks what people did, the last ones, and each moment at which letters went out."""
    deeds = [CourseMark(one.at, f"{one.by} {event_name(one.kind)}") for one in history if one.is_act][-MARKS:]
    letters = dict.fromkeys(one.at for one in history if one.kind == EventKind.SENT)
    return (*deeds, *(CourseMark(at, "发出通知", True) for at in letters))


def _at(mark: CourseMark) -> datetime:
    return mark.at
