"""考核: times, limits, false alarms and remedies, by desk and never by person."""

import csv
import io
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.desk.register import Register
from alerts.detection.grades import Grade
from alerts.reports.assessed import assessment_csv, assessment_report, gather_assessment
from alerts.reports.assessment import (
    DETECT,
    FIRST_WORD,
    AssessedCase,
    desk_rows,
    limits_kept,
    overall,
    percentile,
    remedy_rates,
    time_rows,
)
from alerts.reports.clocks import StepClock
from alerts.reports.document import Prose, ReportTable
from alerts.workflow.parts import Verdict
from stream.index.port import Reader
from tests.alerts.reports.conftest import HOUR, MINUTE

DAY = timedelta(days=1)


def clock(
    now: datetime, needed: timedelta | None, *, missed_by: tuple[str, ...] = (), dropped: bool = False
) -> StepClock:
    return StepClock(
        step="acknowledge", grade=Grade.YELLOW, since=now, due_at=now + HOUR, ended_at=now + needed if needed else None,
        needed=needed, within=HOUR, source="单位自定", desk="publicity_head" if missed_by else "publicity",
        missed_by=missed_by, kept=None if dropped else needed is not None and needed <= HOUR, dropped=dropped,
    )  # fmt: skip


@pytest.fixture
def one(now: datetime) -> AssessedCase:
    return AssessedCase(
        case=1, topic="outage", owner="dispatch", grade=Grade.YELLOW, first_post_at=now - 8 * MINUTE, opened_at=now,
        first_word_at=now + 2 * HOUR, word_limit=(48 * HOUR, "国办发"), word_desk="publicity_head", false_alarm=False,
        verdict=Verdict.TRUE, remedied=True, clocks=(clock(now, 30 * MINUTE),),
    )  # fmt: skip


def test_detection_steps_and_first_word_are_measured_in_their_order(one: AssessedCase) -> None:
    rows = time_rows([one])
    assert [(row.what, row.desk, row.median, row.kept, row.judged) for row in rows] == [
        (DETECT, "", 8 * MINUTE, 0, 0),
        ("acknowledge", "publicity", 30 * MINUTE, 1, 1),
        (FIRST_WORD, "publicity_head", 2 * HOUR, 1, 1),
    ]
    assert (rows[1].within, rows[1].source) == (HOUR, "单位自定")


def test_a_step_passed_on_counts_against_the_desk_that_was_called_first(one: AssessedCase, now: datetime) -> None:
    late = replace(one, case=2, clocks=(clock(now, 2 * HOUR, missed_by=("publicity",)),))
    row = next(row for row in time_rows([one, late]) if row.what == "acknowledge")
    assert (row.desk, row.times, row.median, row.ninetieth, row.kept) == ("publicity", 2, 30 * MINUTE, 2 * HOUR, 1)
    desks = {row.desk: row for row in desk_rows([one, late])}
    assert (desks["publicity"].steps, desks["publicity"].late, desks["publicity"].passed_on) == (2, 1, 1)
    assert (desks["publicity_head"].steps, desks["publicity_head"].late) == (0, 0)
    assert desks["dispatch"].cases == 2


def test_a_step_never_done_is_late_and_has_no_time(one: AssessedCase, now: datetime) -> None:
    row = next(row for row in time_rows([replace(one, clocks=(clock(now, None),))]) if row.what == "acknowledge")
    assert (row.times, row.median, row.kept, row.judged) == (0, None, 0, 1)


def test_a_dropped_step_counts_nowhere(one: AssessedCase, now: datetime) -> None:
    gone = replace(one, clocks=(clock(now, None, dropped=True),))
    assert "acknowledge" not in {row.what for row in time_rows([gone])}
    assert sum(row.steps for row in desk_rows([gone])) == 0


def test_grades_are_kept_apart(one: AssessedCase, now: datetime) -> None:
    red = replace(one, case=2, grade=Grade.RED, first_post_at=now - 20 * MINUTE)
    detected = [(row.grade, row.median) for row in time_rows([one, red]) if row.what == DETECT]
    assert detected == [(Grade.RED, 20 * MINUTE), (Grade.YELLOW, 8 * MINUTE)]


def test_a_case_opened_before_any_post_measures_no_detection(one: AssessedCase, now: datetime) -> None:
    early = replace(one, first_post_at=now + HOUR)
    assert DETECT not in {row.what for row in time_rows([early, replace(one, first_post_at=None)])}


def test_remedies_are_counted_by_topic_of_what_was_found_true(one: AssessedCase) -> None:
    cases = [
        one, replace(one, case=2, remedied=False, verdict=Verdict.PARTLY_TRUE),
        replace(one, case=3, topic="bill"), replace(one, case=4, topic="pay", verdict=Verdict.RUMOUR),
    ]  # fmt: skip
    rates = remedy_rates(cases)
    assert [(rate.topic, rate.found_true, rate.remedied, rate.part) for rate in rates] == [
        ("bill", 1, 1, 1.0), ("outage", 2, 1, 0.5),
    ]  # fmt: skip
    assert overall(rates).part == pytest.approx(2 / 3)
    assert overall([]).part is None


def test_false_alarms_are_of_the_desk_that_owns_the_topic(one: AssessedCase) -> None:
    (row,) = [row for row in desk_rows([one, replace(one, case=2, false_alarm=True)]) if row.desk == "dispatch"]
    assert (row.cases, row.false_alarms) == (2, 1)


def test_limits_are_summed_up_by_what_they_are_of(one: AssessedCase, now: datetime) -> None:
    late = replace(one, case=2, clocks=(clock(now, 2 * HOUR),))
    assert limits_kept(time_rows([one, late]))["acknowledge"] == (1, 2)


def test_no_row_has_room_for_a_person(one: AssessedCase) -> None:
    named = {field.name for kind in (one, *time_rows([one]), *desk_rows([one])) for field in fields(kind)}
    assert not named & {"by", "author", "voice", "person", "people", "name"}


@given(values=st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), min_size=1), part=st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_one_of_the_values_and_so_many_do_not_exceed_it(values: list[timedelta], part: float) -> None:
    found = percentile(values, part)
    assert found in values
    assert sum(value <= found for value in values) >= part * len(values)
    assert percentile([], part) is None


def test_a_whole_case_is_assessed_from_the_databases(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    facts = gather_assessment(register, there, now - DAY, now + DAY, now + 50 * HOUR)
    (case,) = facts.cases
    assert (case.owner, case.false_alarm, case.remedied, case.verdict) == ("dispatch", False, True, Verdict.TRUE)
    assert case.opened_at - (case.first_post_at or now) == 40 * MINUTE
    assert case.first_word_at == now + 4 * HOUR
    report = assessment_report(facts, now, classified="", issue=None)
    words = "".join(one.text for one in report.blocks if isinstance(one, Prose))
    assert "诉求办结率 100%" in words
    told = [row for one in report.blocks if isinstance(one, ReportTable) for row in one.rows]
    assert (
        "签收",
        "宣传部舆情值班／较大",
        "1",
        "1 小时 10 分钟",
        "1 小时 10 分钟",
        "0/1",
        "1 小时（单位自定）",
    ) in told
    names = {person.name for person in register.config.people.values()}
    assert not [row for row in told if names & set(row)]


def test_csv_has_seconds_and_a_mark_for_spreadsheets(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    written = assessment_csv(gather_assessment(register, there, now - DAY, now + DAY, now + 50 * HOUR))
    assert written.startswith("\ufeff事项,")
    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))
    assert rows[1][:6] == ["发现（首帖至立案）", "系统", "较大", "1", "2400", "2400"]
    assert rows[2] == ["签收", "宣传部舆情值班", "较大", "1", "4200", "4200", "0", "1", "3600", "单位自定"]


def test_without_the_index_appeals_and_detection_are_said_to_be_missing(
    register: Register, away: Reader, ended: int, now: datetime
) -> None:
    facts = gather_assessment(register, None, now - DAY, now + DAY, now + 50 * HOUR)
    assert facts.appeals is None
    asked = gather_assessment(register, away, now - DAY, now + DAY, now + 50 * HOUR)
    assert asked.cases == facts.cases
    assert facts.cases[0].first_post_at is None
    report = assessment_report(facts, now, classified="", issue=None)
    assert Prose("索引不可用，诉求数量未能统计。") in report.blocks


def test_a_time_without_cases_is_assessed_as_such(register: Register, there: Reader, now: datetime) -> None:
    report = assessment_report(gather_assessment(register, there, now - DAY, now, now), now, classified="", issue=2)
    assert report.number == "舆情考核〔2026〕第2期"
    words = "".join(one.text for one in report.blocks if isinstance(one, Prose))
    assert "共立案 0 起。没有可考核的时限。" in words
    assert "事件 0 起，不计诉求办结率。" in words
