"""The day's and the week's report: counts, cases as they stood then, what is due, and blind hours."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.desk.register import Register
from alerts.reports.document import Illustration, OfficialReport, Prose, ReportLayout, ReportTable
from alerts.reports.periodical import daily_report, weekly_report
from alerts.reports.periods import PeriodFacts, gather_period
from stream.index.port import Reader
from stream.state.database import transaction
from stream.state.source_health import SourceGap, SourceHealth
from tests.alerts.reports.conftest import HOUR, MINUTE

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture
def facts(register: Register, there: Reader, ended: int, now: datetime) -> PeriodFacts:
    """The day that ends two hours after the case was opened."""
    return gather_period(register, there, now + 2 * HOUR - DAY, now + 2 * HOUR, HOUR)


def words(report: OfficialReport) -> str:
    return "\n".join(one.text for one in report.blocks if isinstance(one, Prose))


def test_a_day_is_counted_against_the_day_before(facts: PeriodFacts, now: datetime) -> None:
    assert facts.topics is not None
    assert facts.trend is not None
    (outage,) = facts.topics
    assert (outage.name, outage.desk) == ("停电抢修", "调度抢修中心")
    assert (outage.total, outage.negative, outage.total_before, outage.negative_before) == (41, 34, 12, 3)
    assert sum(one.total for one in facts.trend) == 41
    told = words(daily_report(facts, now, classified="", issue=None))
    assert "共采集帖文 41 条，其中负面 34 条，占 83%；涉及监测话题的负面帖文较前一日增 1033%。" in told
    assert "「停电抢修」41 条、负面 34 条（增 1033%）" in told


def test_a_case_is_told_as_it_stood_at_the_end_of_the_day(facts: PeriodFacts, now: datetime) -> None:
    assert [len(one) for one in (facts.opened, facts.closed, facts.still_open)] == [1, 0, 1]
    told = words(daily_report(facts, now, classified="", issue=None))
    assert "新立案 1 起，办结 0 起，在办 1 起。在办：事件 1「停电抢修」，较大，待核实，核实。" in told
    assert "事件 1「核实」由调度抢修中心于9月21日 18:02前办理。" in told


def test_the_day_of_its_end_tells_what_it_came_to(register: Register, there: Reader, ended: int, now: datetime) -> None:
    facts = gather_period(register, there, now + 30 * HOUR, now + 54 * HOUR, HOUR)
    assert [len(one) for one in (facts.opened, facts.closed, facts.still_open)] == [0, 1, 0]
    told = words(daily_report(facts, now + 54 * HOUR, classified="", issue=None))
    assert "办结：事件 1「停电抢修」，较大，属实，已归档。" in told
    assert "没有待办环节。" in told


def test_the_daily_is_short_and_in_its_own_form(facts: PeriodFacts, now: datetime) -> None:
    report = daily_report(facts, now, classified="内部", issue=None)
    assert (report.form, report.title) == (ReportLayout.DAILY, "每日舆情（9月21日）")
    assert report.number == "每日舆情〔2026〕第264期"
    assert len(words(report)) <= 500
    assert [type(one) for one in report.blocks].count(Illustration) == 1


def test_blind_hours_and_silent_sources_are_said(register: Register, there: Reader, now: datetime) -> None:
    with transaction(register.engine) as session:
        session.add(SourceGap(source="bbs", since=now - 5 * HOUR, until=now - 3 * HOUR))
        session.add(SourceHealth(source="feed", site="f", state="ok", succeeded_at=now - DAY, fresh_until=now - HOUR))
    facts = gather_period(register, there, now - DAY, now, HOUR)
    told = words(daily_report(facts, now, classified="", issue=None))
    assert "信息源 2 个，其中 1 个未按时应答（feed）。" in told
    assert "监测盲区" in told
    assert facts.silent == ("feed",)


def test_without_a_source_or_an_index_that_is_said(register: Register, away: Reader, now: datetime) -> None:
    with transaction(register.engine) as session:
        session.query(SourceHealth).delete()
    for reader in (away, None):
        facts = gather_period(register, reader, now - DAY, now, HOUR)
        told = words(daily_report(facts, now, classified="", issue=None))
        assert "帖文索引不可用" in told
        assert "没有信息源的运行记录" in told
        assert "帖文索引不可用" in words(weekly_report(facts, now, classified="", issue=None))


def test_a_week_is_told_by_topic_desk_and_case(register: Register, there: Reader, ended: int, now: datetime) -> None:
    facts = gather_period(register, there, now + 50 * HOUR - WEEK, now + 50 * HOUR, DAY)
    report = weekly_report(facts, now + 50 * HOUR, classified="", issue=None)
    topics, desks, cases = (one for one in report.blocks if isinstance(one, ReportTable))
    assert [row[:2] for row in topics.rows] == [("停电抢修", "调度抢修中心")]
    told = {row[0]: row[3:] for row in desks.rows}
    assert told["宣传部舆情值班"] == ("5", "4", "1"), "who was called first has the step that was passed on"
    assert told["调度抢修中心"] == ("3", "3", "0")
    assert cases.rows == (("1", "停电抢修", "较大", "属实", "已归档", "9月21日 14:02", "1"),)
    assert report.number == "舆情周报〔2026〕第39期"


def test_many_things_are_counted_where_they_are_not_named(facts: PeriodFacts, now: datetime) -> None:
    many = replace(facts, cases=facts.cases * 7, due=facts.due * 7, blind=((now, now + 10 * MINUTE),) * 5)
    told = words(daily_report(many, now, classified="", issue=None))
    assert "另有在办 3 起。" in told
    assert "；另有 3 项。" in told
    assert " 等，期间数量不完整。" in told
