"""Briefs go out of rows and index: once each, whoever runs, late rather than never."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.briefs.calendar import BriefSlot
from alerts.briefs.policy import BriefKind, BriefsConfig, DailyBrief, HandoverBrief, WeeklyBrief
from alerts.briefs.tables import BulletinRow
from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.troubles.casework import open_incident
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.tables import TroubleRow
from alerts.incidents.troubles import Trouble
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.tables import OutboxRow
from alerts.rounds.briefs import BriefRound, count_topics, read_facts
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from stream.errors import Retryable
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.database import reading, transaction

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 9, 21, 16, tzinfo=UTC)  # of Tuesday the 22nd in Beijing
NINE = MIDNIGHT + 9 * HOUR
TUESDAY = BriefSlot(kind=BriefKind.DAILY, at=NINE, since=MIDNIGHT - DAY, until=MIDNIGHT, people=("li_qiang",))
BRIEFS = BriefsConfig(daily=DailyBrief(people=("li_qiang", "wang_fang")))

Queued = Callable[[], list[tuple[Any, Letter]]]


@pytest.fixture
def briefed(context: CaseContext) -> CaseContext:
    return replace(context, config=replace(context.config, briefs=BRIEFS))


class Away:
    """An index that does not answer."""

    def tally(self, *_: object) -> None:
        raise Retryable("index: away")


def test_a_brief_goes_to_each_reader_once(briefed: CaseContext, queued: Queued) -> None:
    rounds = BriefRound(briefed, "w")
    assert rounds(NINE - MINUTE) == []
    (slot,) = rounds(NINE)
    assert (slot.kind, slot.day) == (BriefKind.DAILY, "2026-09-22 09:00")
    assert rounds(NINE + MINUTE) == BriefRound(briefed, "w")(NINE + HOUR) == []
    letters = queued()
    assert [person for person, _ in letters] == ["li_qiang", "wang_fang"]
    first = letters[0][1]
    assert isinstance(first, Bulletin)
    assert first.subject == "【每日舆情】临江供电公司宣传部 09月21日"
    assert first.person == "李强"
    assert first.id != letters[1][1].id
    with reading(briefed.engine) as session:
        assert session.scalars(select(OutboxRow.case_id)).all() == [None, None]
        assert session.scalars(select(BulletinRow.day)).all() == ["2026-09-22 09:00"]


def test_one_that_was_missed_is_sent_late_and_the_next_on_time(briefed: CaseContext) -> None:
    rounds = BriefRound(briefed, "w")
    assert [one.day for one in rounds(NINE)] == ["2026-09-22 09:00"]
    assert [one.day for one in rounds(NINE + 2 * DAY + 5 * HOUR)] == ["2026-09-24 09:00"]
    assert [one.day for one in rounds(NINE + 6 * DAY)] == ["2026-09-28 09:00"]  # after Mid-Autumn


def test_beside_another_watcher_nothing_is_sent(briefed: CaseContext) -> None:
    Watcher(briefed, [], "other").escalate(NINE)
    assert BriefRound(briefed, "w")(NINE) == []


def test_an_index_that_is_away_is_waited_for_and_then_the_brief_goes_without_counts(
    briefed: CaseContext, queued: Queued
) -> None:
    away: Any = Away()
    rounds = BriefRound(replace(briefed, reader=away), "w")
    with pytest.raises(Retryable):
        rounds(NINE + 29 * MINUTE)
    assert len(rounds(NINE + 30 * MINUTE)) == 1
    letter = queued()[0][1]
    assert isinstance(letter, Bulletin)
    assert letter.headline.startswith("统计暂缺")


def test_topics_are_counted_by_the_days_of_beijing_against_their_own_weeks(
    context: CaseContext, index: SqliteIndexWriter, write: Callable[..., ScoredPost]
) -> None:
    index.put([write(n, at=MIDNIGHT - MINUTE) for n in range(5)])
    index.put([write(10 + n, at=MIDNIGHT) for n in range(9)])  # today's: tomorrow's brief
    index.put([write(20, at=MIDNIGHT - DAY, label=Label.NEUTRAL)])
    index.put([write(30 + n, at=MIDNIGHT - DAY - MINUTE) for n in range(7)])
    index.put([write(100 + n, at=MIDNIGHT - n * DAY - HOUR) for n in range(2, 29)])
    (counted,) = count_topics(context, TUESDAY)
    assert (counted.name, counted.total, counted.negative, counted.before) == ("停电抢修", 6, 5, 7)
    assert counted.usual == 1.0
    weekly = replace(TUESDAY, since=MIDNIGHT - 7 * DAY)
    (counted,) = count_topics(context, weekly)
    assert (counted.negative, counted.before, counted.usual) == (5 + 7 + 5, 7, 7.0)


def test_a_topic_without_a_past_has_nothing_usual(context: CaseContext) -> None:
    (counted,) = count_topics(context, TUESDAY)
    assert (counted.total, counted.usual) == (0, None)


def test_cases_of_the_public_and_troubles_of_ours_stand_apart(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    rumour(30)
    Watcher(context, [], "w").look(now)
    trouble = Trouble(
        kind=Kind.BLOCKED, thing="bbs", since=now, what="信息源「bbs」拒绝访问。", todo="看看。", grade=Grade.BLUE
    )
    with transaction(context.engine) as session:
        case = open_incident(session, context, trouble, now)
        session.add(
            TroubleRow(
                key=trouble.key, grade="blue", what=trouble.what, since=now, first_seen_at=now, told_at=now,
                case_id=case.id,
            )
        )  # fmt: skip
    facts = read_facts(context, TUESDAY, NINE)
    (line,) = facts.running
    assert (line.topic, line.stage, line.step, line.desk) == (
        "停电抢修", "screening", "acknowledge", "宣传部舆情值班"
    )  # fmt: skip
    assert (facts.closed, facts.troubles) == ((), ("信息源「bbs」拒绝访问。",))
    act(context, line.number, ActRequest("judge_false_alarm", "张敏", "误报"), now + MINUTE)
    act(context, case.id, ActRequest("mended", "张敏", "好了"), now + MINUTE)
    facts = read_facts(context, TUESDAY, NINE)
    assert (facts.running, facts.troubles) == ((), ())
    assert [one.stage for one in facts.closed] == ["false_alarm"]


def test_uncertain_posts_of_the_day_are_counted(
    context: CaseContext, index: SqliteIndexWriter, write: Callable[..., ScoredPost]
) -> None:
    index.put([write(1, at=MIDNIGHT - HOUR, label=Label.UNCERTAIN), write(2, at=MIDNIGHT, label=Label.UNCERTAIN)])
    assert read_facts(context, TUESDAY, NINE).unsure == 1


def test_every_kind_goes_at_its_time(context: CaseContext, queued: Queued) -> None:
    who = ("li_qiang",)
    briefs = BriefsConfig(
        daily=DailyBrief(people=who), weekly=WeeklyBrief(people=who, at="周二 09:00"),
        handover=HandoverBrief(people=who, at=("09:00", "21:00")),
    )  # fmt: skip
    rounds = BriefRound(replace(context, config=replace(context.config, briefs=briefs)), "w")
    assert [one.kind for one in rounds(NINE)] == [BriefKind.DAILY, BriefKind.WEEKLY, BriefKind.HANDOVER]
    assert [letter.subject[:6] for _, letter in queued() if isinstance(letter, Bulletin)] == [
        "【每日舆情】", "【每周舆情】", "【值班交接】"
    ]  # fmt: skip
    with reading(context.engine) as session:
        assert session.scalar(select(func.count()).select_from(BulletinRow)) == 3


def test_the_handover_names_sources_that_do_not_answer(context: CaseContext) -> None:
    handover = replace(TUESDAY, kind=BriefKind.HANDOVER)
    assert read_facts(context, handover, NINE).silent == ()
    assert read_facts(context, handover, NINE + 60 * DAY).silent == ("bbs",)
    named = replace(context, source_names={"bbs": "临江论坛"})
    assert read_facts(named, handover, NINE + 60 * DAY).silent == ("临江论坛",)
    assert read_facts(context, handover, NINE).counts is None
