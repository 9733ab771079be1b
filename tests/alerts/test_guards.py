"""Nothing of one topic, one case or one person may stop the watching of the others, and what failed is told later."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind, Failures
from alerts.casefile.tables import CaseRow, EventRow, TaskRow
from alerts.desk.audit import Failing, audit
from alerts.desk.gone import names_gone
from alerts.desk.register import Register
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.contents.notice import read_notice
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
from alerts.watch import Watcher
from alerts.workflow.cases import Correlation
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.database import reading, transaction
from stream.topics import Rule, WatchedTopic

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Rumour = Callable[..., list[ScoredPost]]
Write = Callable[..., ScoredPost]


@pytest.fixture
def two(
    context: CaseContext, index: SqliteIndexWriter, write: Write, quiet_weeks: None, now: datetime, tmp_path: Path
) -> CaseContext:
    """Two topics, both ordinary for eleven days: `outage` first, then `bill`."""
    posts = []
    for number in range(130):
        label = Label.NEGATIVE if number % 4 == 0 else Label.NEUTRAL
        at = now - timedelta(hours=2 * number + 3)
        posts.append(write(20_000 + number, f"账单 {number}", at=at, label=label, topics=("bill",)))
    index.put(posts)
    topics = {
        **context.topics.topics,
        "bill": WatchedTopic(name="账单", owner="dispatch", rules=(Rule(any_of=("账单",)),)),
    }
    return replace(context, topics=replace(context.topics, topics=topics), failures=Failures(tmp_path / "trouble"))


def watcher(context: CaseContext, tmp_path: Path, holder: str = "w") -> Watcher:
    return Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], holder)


def spoil(context: CaseContext, **values: Any) -> None:
    """Makes the row of the first case one that cannot be read, as a damaged or a newer database would."""
    with transaction(context.engine) as session:
        session.execute(update(CaseRow).where(CaseRow.id == 1).values(values))


def cases(context: CaseContext) -> list[tuple[int, str]]:
    with reading(context.engine) as session:
        return [(row.id, row.topic) for row in session.scalars(select(CaseRow).order_by(CaseRow.id))]


def letters(context: CaseContext) -> list[OutboxRow]:
    with reading(context.engine) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def failures(context: CaseContext) -> list[tuple[FailureKind, str]]:
    return [(one.part, one.about) for one in Failures(context.failures._folder).open()]


def test_a_topic_that_fails_keeps_no_other_from_being_alarmed_and_is_told_late_once_it_works(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(20)
    watching = watcher(two, tmp_path)
    watching.look(now)
    spoil(two, grade="purple")
    rumour(60, first=100)
    rumour(30, first=500, topics=("bill",))
    seen = watching.look(now + MINUTE)
    assert [(one.signal.topic, one.correlation) for one in seen] == [("bill", Correlation.OPENS)]
    assert failures(two) == [(FailureKind.TOPIC, "outage")]
    (complaint,) = [one for one in audit(register(two), now, two.failures.open()) if isinstance(one, Failing)]
    assert complaint.failure.words == "ValueError: 'purple' is not a valid Grade"
    spoil(two, grade="yellow")
    (outage, _) = watching.look(now + 2 * MINUTE)
    assert (outage.signal.topic, outage.correlation) == ("outage", Correlation.ROSE)
    assert failures(two) == []


@pytest.mark.parametrize("restarts", [False, True])
def test_a_wave_of_a_topic_that_failed_for_days_is_told_when_it_works_again(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path, restarts: bool
) -> None:
    rumour(20)
    watching = watcher(two, tmp_path)
    watching.look(now)
    later = now + timedelta(days=1)
    spoil(two, grade="purple")
    rumour(60, until=later, first=100)
    for hours in (0, 26, 52, 78):
        watching.look(later + hours * HOUR)
        watching = watcher(two, tmp_path) if restarts else watching
    assert failures(two) == [(FailureKind.TOPIC, "outage")]
    spoil(two, grade="yellow")
    seen = [one for one in watching.look(later + 81 * HOUR) if one.signal.topic == "outage"]
    assert [one.signal.negative for one in seen if one.correlation is Correlation.REKINDLED] == [60]


def test_a_task_that_fails_keeps_no_other_from_being_called(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(30)
    rumour(30, first=500, topics=("bill",))
    watching = watcher(two, tmp_path)
    watching.look(now)
    spoil(two, found="{}")
    called = watching.escalate(now + 4 * HOUR)
    assert [one.case_id for one in called] == [2]
    assert failures(two) == [(FailureKind.TASK, "1 of case 1")]
    with transaction(two.engine) as session:
        session.execute(update(TaskRow).where(TaskRow.case_id == 1).values(ended_at=now))
    watching.escalate(now + 4 * HOUR)
    assert failures(two) == []


def register(context: CaseContext) -> Register:
    return Register(context.engine, context.config, context.topics)


def without_publicity(context: CaseContext) -> CaseContext:
    """The desk `publicity` renamed everywhere in the configuration, as a person would."""
    desks = {"xuanchuan" if key == "publicity" else key: desk for key, desk in context.config.desks.items()}
    ladder = context.config.ladder
    rungs = {
        step: tuple("xuanchuan" if one == "publicity" else one for one in row) for step, row in ladder.desks.items()
    }
    config = replace(context.config, desks=desks, ladder=replace(ladder, desks=rungs))
    return replace(context, config=config)


def test_a_desk_renamed_under_an_open_case_stops_nothing_and_its_first_rung_is_written_to(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(20)
    watcher(two, tmp_path).look(now)
    renamed = without_publicity(two)
    assert names_gone(register(renamed)) == [
        "case 1 waits for desk publicity, which alerts.yml does not name any more: xuanchuan stands in for it"
    ]
    rumour(60, first=100)
    rumour(30, first=500, topics=("bill",))
    watching = watcher(renamed, tmp_path)
    seen = watching.look(now + MINUTE)
    assert [one.correlation for one in seen] == [Correlation.ROSE, Correlation.OPENS]
    assert [one.step for one in watching.escalate(now + 58 * MINUTE)] == ["acknowledge", "acknowledge"]
    assert failures(two) == []
    told = [read_notice(row.notice or "") for row in letters(two) if row.case_id == 1]
    assert [one.demand.desk for one in told[1:]] == [
        "宣传部舆情值班（原责任岗位「publicity」已不在配置中，由本岗位代办）"
    ] * len(told[1:])
    assert len(told) >= 2


@pytest.mark.parametrize("step", ["clarified", "acknowledge"])
def test_a_step_and_a_stage_of_an_older_table_are_passed_on_and_can_be_acted_on(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path, step: str
) -> None:
    rumour(20)
    watching = watcher(two, tmp_path)
    watching.look(now)
    spoil(two, stage="clarifying")
    with transaction(two.engine) as session:
        session.execute(update(TaskRow).values(step=step))
    gone = names_gone(register(two))
    assert "case 1 is in stage clarifying, which this version does not know: it begins anew" in gone
    assert ("case 1 waits for step clarified, which this version does not know" in gone) == (step == "clarified")
    rumour(60, first=100)
    assert [one.correlation for one in watching.look(now + MINUTE) if one.signal.topic == "outage"] == [
        Correlation.ROSE
    ]
    called = watching.escalate(now + 5 * HOUR)
    assert [(one.step, one.desk) for one in called] == [(step, "publicity_head")]
    assert failures(two) == []
    with reading(two.engine) as session:
        assert "escalated" in session.scalars(select(EventRow.kind)).all()


def test_a_letter_in_line_to_somebody_who_left_is_said_and_goes_where_it_was_to_go(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(30)
    watcher(two, tmp_path).look(now)
    people = {("min" if key == "zhang_min" else key): one for key, one in two.config.people.items()}
    desks = {
        key: replace(desk, people=tuple("min" if one == "zhang_min" else one for one in desk.people))
        for key, desk in two.config.desks.items()
    }
    there = replace(two, config=replace(two.config, people=people, desks=desks))
    (said,) = names_gone(register(there))
    assert said == (
        "letter 1 of case 1 is for zhang_min, whom alerts.yml does not name any more: it goes to zhang.min@example.com"
    )
    sent = watcher(there, tmp_path).deliver(now)
    assert [one.recipient for one in sent] == ["zhang.min@example.com"]


def test_an_address_that_a_version_before_let_pass_costs_that_person_alone(
    two: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    odd = Person(name="张敏", email="a@example.com")
    object.__setattr__(odd, "email", "zhang..min@example.com")
    there = replace(two, config=replace(two.config, people={**two.config.people, "zhang_min": odd}))
    rumour(30)
    rumour(30, first=500, topics=("bill",))
    watching = watcher(there, tmp_path)
    assert [one.correlation for one in watching.look(now)] == [Correlation.OPENS] * 2
    assert cases(two) == [(1, "outage"), (2, "bill")]
    assert {row.state for row in letters(two)} == {"failed"}
    assert {one.desk for one in watching.escalate(now)} == {"publicity_head"}  # nobody of the first desk is reached
