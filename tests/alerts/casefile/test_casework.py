"""What a change of a case does to its notices, within the same transaction: who is written to, by which channels."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext, cue_names
from alerts.casefile.tables import CaseRow, EventRow, TaskRow
from alerts.notify.contents.notice import Occasion, read_notice
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Desk, Person
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Refused
from stream.messages import ScoredPost
from stream.state.database import reading
from stream.topics import Mark, Rule, TopicsConfig

MINUTE = timedelta(minutes=1)
Rumour = Callable[..., list[ScoredPost]]


def changed(context: CaseContext, **config: Any) -> CaseContext:
    return replace(context, config=replace(context.config, **config))


def letters(context: CaseContext) -> list[OutboxRow]:
    with reading(context.engine) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def unchecked(name: str, email: str) -> Person:
    """Somebody whose address no mail library writes, as a version before let it pass."""
    person = Person(name=name, email="a@example.com")
    object.__setattr__(person, "email", email)
    return person


def spike(context: CaseContext, rumour: Rumour, now: datetime) -> Watcher:
    rumour(30)
    watcher = Watcher(context, [], "w")
    assert len(watcher.look(now)) == 1
    return watcher


def test_everybody_at_the_desk_is_written_to_by_every_channel_of_theirs(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    people = dict(context.config.people) | {"nu": Person(name="努", addresses={"second": "nu@example.com"})}
    desks = dict(context.config.desks) | {"publicity": Desk(name="值班", people=("zhang_min", "nu"))}
    folder = context.config.in_use["folder"]
    there = changed(context, folder=None, people=people, desks=desks, channels={"first": folder, "second": folder})
    spike(there, rumour, now)
    assert [(row.person, row.channel, row.place) for row in letters(there)] == [
        ("zhang_min", "first", 0), ("zhang_min", "second", 1), ("nu", "second", 0)
    ]  # fmt: skip
    assert len({row.message_id for row in letters(there)}) == 2


def test_the_row_keeps_what_its_letter_says(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    spike(context, rumour, now)
    (row,) = letters(context)
    told = read_notice(row.notice or "")
    assert (told.occasion, told.topic, told.case, told.at) == (Occasion.OPENED, "停电抢修", row.case_id, now)
    assert (told.demand.person, told.figures.negative) == ("张敏", 30)
    assert f"<{told.id}>" == row.message_id
    assert [quote.text for quote in told.quotes] == ["听说好几个小区停电三天没人管"] * len(told.quotes)


def test_who_acted_is_not_written_to_about_what_comes_next(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    spike(context, rumour, now)
    act(context, 1, ActRequest("acknowledge", "张敏"), now + MINUTE)
    assert [(row.step, row.state) for row in letters(context)] == [("opened-acknowledge", "withdrawn")]
    act(context, 1, ActRequest("judge", "张敏", "成立"), now + 2 * MINUTE)
    assert [(row.step, row.recipient) for row in letters(context)][1:] == [("expected-report", "li.qiang@example.com")]


def test_a_refused_act_leaves_case_tasks_history_and_letters_as_they_were(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    spike(context, rumour, now)

    def everything() -> list[object]:
        with reading(context.engine) as session:
            tables: list[Any] = [CaseRow, TaskRow, EventRow, OutboxRow]
            columns = [(table, [column.key for column in table.__table__.columns]) for table in tables]
            return [
                [getattr(row, key) for key in keys] for table, keys in columns for row in session.scalars(select(table))
            ]

    before = everything()
    for request in (ActRequest("close", "张敏", "算了"), ActRequest("acknowledge", "陌生人")):
        with pytest.raises(Refused):
            act(context, 1, request, now + MINUTE)
    assert everything() == before


def test_an_address_that_no_mail_takes_opens_the_case_and_calls_the_next_desk(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    people = dict(context.config.people) | {"zhang_min": unchecked("张敏", "zhang..min@example.com")}
    there = changed(context, people=people)
    watcher = spike(there, rumour, now)
    assert [row.state for row in letters(there)] == ["failed"]
    assert [one.desk for one in watcher.escalate(now)] == ["publicity_head"]
    assert [(row.recipient, row.state) for row in letters(there)][1:] == [("li.qiang@example.com", "queued")]


def test_a_bad_address_beside_a_good_one_calls_nobody_else(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    people = dict(context.config.people) | {"odd": unchecked("奇", "odd..one@example.com")}
    desks = dict(context.config.desks) | {"publicity": Desk(name="值班", people=("odd", "zhang_min"))}
    there = changed(context, people=people, desks=desks)
    watcher = spike(there, rumour, now)
    assert [(row.person, row.state) for row in letters(there)] == [("odd", "failed"), ("zhang_min", "queued")]
    assert watcher.escalate(now) == []


def test_danger_cues_go_by_the_names_people_gave_them() -> None:
    cues = {"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))}
    assert cue_names(TopicsConfig(topics={}, cues=cues), [("danger", 2), ("gone", 1)]) == (("险情", 2), ("gone", 1))


def test_people_act_by_key_name_or_address(context: CaseContext) -> None:
    assert {context.person(by).name for by in ("zhang_min", "张敏", "zhang.min@example.com")} == {"张敏"}
    with pytest.raises(Refused, match="陌生人"):
        context.person("陌生人")


NAMESAKE = Person(name="张敏", email="zhang.min2@example.com")


@pytest.fixture
def namesakes(context: CaseContext, quiet_weeks: None) -> CaseContext:
    """Two people called 张敏: one at the first desk, one at the desk that judges and reports next."""
    people = dict(context.config.people) | {"min_zhang": NAMESAKE}
    desks = dict(context.config.desks)
    desks["publicity_head"] = Desk(name="科", people=("min_zhang",))
    return changed(context, people=people, desks=desks)


def test_nobody_acts_under_a_name_that_several_have(namesakes: CaseContext) -> None:
    with pytest.raises(Refused) as refused:
        namesakes.person("张敏")
    assert refused.value.detail == "有 2 人都叫「张敏」，请写其中一人的键：zhang_min、min_zhang"
    assert namesakes.person("min_zhang") is NAMESAKE
    assert namesakes.person("zhang.min2@example.com") is NAMESAKE


def test_a_namesake_of_who_acted_is_written_to_and_the_record_says_which_of_them_it_was(
    namesakes: CaseContext, rumour: Rumour, now: datetime
) -> None:
    spike(namesakes, rumour, now)
    act(namesakes, 1, ActRequest("judge", "zhang_min", "与我方有关"), now + MINUTE)
    assert [(row.step, row.person) for row in letters(namesakes)] == [
        ("opened-acknowledge", "zhang_min"), ("expected-report", "min_zhang")
    ]  # fmt: skip
    with reading(namesakes.engine) as session:
        assert session.scalars(select(EventRow.by).where(EventRow.kind == "judge")).one() == "张敏（zhang_min）"


def test_two_who_share_a_mailbox_and_a_name_get_a_letter_each(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    twins = {key: Person(name="值班", email="duty@example.com") for key in ("day", "night")}
    people = dict(context.config.people) | twins
    desks = dict(context.config.desks) | {"publicity": Desk(name="值班室", people=("day", "night"))}
    spike(changed(context, people=people, desks=desks), rumour, now)
    assert [row.person for row in letters(context)] == ["day", "night"]
    assert len({row.message_id for row in letters(context)}) == 2


def test_a_topic_out_of_the_configuration_is_owned_by_the_first_desk_under_its_key(context: CaseContext) -> None:
    assert (context.owner("outage"), context.topic_name("outage")) == ("dispatch", "停电抢修")
    assert (context.owner("gone"), context.topic_name("gone")) == (next(iter(context.config.desks)), "gone")
