"""A topic in time, around its case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.context import CaseContext
from alerts.desk.cases import HistoryEntry
from alerts.desk.dealing.course import BINS, LEAST_BINS, MARKS, CourseMark, marks_of, read_course, step_for
from alerts.workflow.cases import Case
from stream.messages import ScoredPost
from tests.alerts.desk.dealing.conftest import MINUTE

HOUR = timedelta(hours=1)


def entry(number: int, at: datetime, kind: str, *, is_act: bool = True) -> HistoryEntry:
    return HistoryEntry(
        number=number, at=at, kind=kind, by="张敏", note="", is_act=is_act, stage=None, verdict=None, claimed=False,
        unlisted=False, detail={},
    )  # fmt: skip


def test_every_post_of_the_wave_is_counted_once(
    context: CaseContext, case: Case, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    rumour(30)
    course = read_course(context.reader, case, (), now + MINUTE)
    assert course.step == timedelta(minutes=5)
    assert LEAST_BINS <= len(course.bins) <= BINS
    assert sum(one.total for one in course.bins) == sum(one.negative for one in course.bins) == 30


def test_marks_lie_in_time_and_those_outside_are_left_out(context: CaseContext, case: Case, now: datetime) -> None:
    marks = [CourseMark(now + 3 * MINUTE, "b"), CourseMark(now, "a"), CourseMark(now - timedelta(days=2), "long ago")]
    assert [one.words for one in read_course(context.reader, case, marks, now + 5 * MINUTE).marks] == ["a", "b"]


def test_a_case_that_ended_is_drawn_to_some_hours_after_its_end(
    context: CaseContext, case: Case, now: datetime
) -> None:
    ended = replace(case, ended_at=now + 4 * HOUR)
    course = read_course(context.reader, ended, (), now + timedelta(days=90))
    assert course.bins[-1].start + course.step == now + 10 * HOUR


@given(st.timedeltas(timedelta(0), timedelta(days=900)))
def test_a_step_makes_room_for_the_span_and_a_little_before(span: timedelta) -> None:
    assert -(-span // step_for(span)) + 4 <= BINS


def test_the_last_deeds_are_marked_and_letters_once_a_moment(now: datetime) -> None:
    acts = [entry(n, now + n * MINUTE, "track") for n in range(MARKS + 3)]
    sent = [entry(50 + n, now, "sent", is_act=False) for n in range(3)]
    marks = marks_of([*acts, *sent, entry(60, now, "rose", is_act=False)])
    assert [one.is_letter for one in marks] == [False] * MARKS + [True]
    assert marks[0] == CourseMark(now + 3 * MINUTE, "张敏 跟踪记录")


@pytest.mark.parametrize(("span", "minutes"), [(timedelta(0), 5), (4 * HOUR, 10), (timedelta(days=2), 120)])
def test_steps_are_round(span: timedelta, minutes: int) -> None:
    assert step_for(span) == minutes * MINUTE
