from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.people.rights import Roster, desks_for, desks_to_order, is_listed, require
from alerts.people.shifts import Away
from alerts.workflow.cases import Case, Refused
from alerts.workflow.parts import Who
from alerts.workflow.rules import WORKFLOW
from tests.alerts.workflow.grown import grown

NOON = datetime(2026, 9, 21, 4, tzinfo=UTC)


def roster(config: AlertsConfig) -> Roster:
    return Roster(config.people, config.desks, NOON)


def may(config: AlertsConfig, person: str, action: str, case: Case, *, owner: str = "dispatch") -> bool:
    desks = desks_for(action, case, config.ladder, owner=owner)
    return desks is None or is_listed(config.people[person], desks, roster(config))


@pytest.fixture
def case(now: datetime) -> Case:
    return Case(
        id=1, topic="outage", stage="verifying", grade=Grade.RED, opened_at=now, since=now, notified=9.0, peak=9.0,
        last_spike_at=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "action", "desks"),
    [
        ("screening", "acknowledge", {"publicity", "publicity_head", "leaders"}),
        ("verifying", "verify", {"dispatch", "publicity_head", "leaders"}),
        ("tracking", "verify", {"dispatch", "publicity_head", "leaders"}),
        ("tracking", "track", {"publicity", "publicity_head", "leaders"}),
        ("remedying", "remedied", {"dispatch", "leaders"}),
        ("approving", "approve", {"publicity_head", "leaders"}),
        ("wording", "draft", {"dispatch", "publicity", "publicity_head", "leaders"}),
        ("reviewing", "reopen", {"publicity_head", "leaders"}),
        ("archived", "reopen", None),
    ],
)
def test_an_action_is_for_the_desks_of_its_step(
    stage: str, action: str, desks: set[str] | None, case: Case, config: AlertsConfig
) -> None:
    assert desks_for(action, replace(case, stage=stage), config.ladder, owner="dispatch") == desks


@pytest.mark.parametrize(
    ("person", "listed"), [("chen_wei", True), ("li_qiang", True), ("sun_li", False), ("zhang_min", False)]
)
def test_people_of_these_desks_are_listed_and_others_are_not(
    person: str, listed: bool, case: Case, config: AlertsConfig
) -> None:
    assert may(config, person, "verify", case) is listed


def test_the_owner_is_of_the_case_not_of_the_step(case: Case, config: AlertsConfig) -> None:
    assert may(config, "sun_li", "verify", case, owner="logistics")
    assert not may(config, "chen_wei", "verify", case, owner="logistics")


def test_what_nobody_owes_anybody_may_do(case: Case, config: AlertsConfig) -> None:
    archived = replace(case, stage="archived")
    assert all(may(config, key, "reopen", archived) for key in config.people)


def test_a_row_may_say_otherwise_than_the_ladder(case: Case, config: AlertsConfig) -> None:
    def desks(who: Who) -> object:
        rules = (replace(rule, who=who) if rule.step == "verify" else rule for rule in WORKFLOW.rules)
        return desks_for(
            "verify", case, config.ladder, owner="dispatch", workflow=replace(WORKFLOW, rules=tuple(rules))
        )

    assert desks(Who.OWNER) == {"dispatch", "leaders"}
    assert desks(Who.LEADERS) == {"leaders"}
    assert desks(Who.INVOLVED) == {"dispatch", "publicity", "publicity_head", "leaders"}
    assert desks(Who.ANYBODY) is None
    assert desks(Who.RUNGS) == {"dispatch", "publicity_head", "leaders"}


def test_a_new_step_is_for_the_desks_of_the_step_it_is_like(case: Case, config: AlertsConfig) -> None:
    checking = replace(case, stage="checking")
    found = desks_for("pass_legally", checking, config.ladder, owner="dispatch", workflow=grown())
    assert found == {"dispatch", "publicity_head", "leaders"}


def test_a_namesake_of_somebody_listed_is_not_listed(config: AlertsConfig) -> None:
    twin = replace(config.people["chen_wei"])
    people = {**config.people, "twin": twin}
    both = Roster(people, config.desks, NOON)
    assert is_listed(people["chen_wei"], {"dispatch"}, both)
    assert not is_listed(twin, {"dispatch"}, both)


def test_who_stands_in_for_somebody_away_may_act_for_the_desk_on_those_days_alone(config: AlertsConfig) -> None:
    days = {"from": date(2026, 9, 21), "to": date(2026, 9, 22), "stand_in": "sun_li"}
    leave = TypeAdapter(Away).validate_python(days)
    people = {**config.people, "chen_wei": replace(config.people["chen_wei"], away=(leave,))}
    for day, may_act in ((-1, False), (0, True), (1, True), (2, False)):
        there = Roster(people, config.desks, NOON + timedelta(days=day))
        assert is_listed(people["sun_li"], {"dispatch"}, there) is may_act
        assert is_listed(people["chen_wei"], {"dispatch"}, there)  # whoever comes back early is not shut out


def test_a_desk_that_was_given_the_step_may_do_it_whatever_the_ladder_says(case: Case, config: AlertsConfig) -> None:
    found = desks_for("verify", case, config.ladder, owner="dispatch", called={"safety"})
    assert found == {"dispatch", "publicity_head", "leaders", "safety"}


def test_desks_that_may_always_are_the_configurations(case: Case, config: AlertsConfig) -> None:
    ladder = replace(config.ladder, may_always=("safety",))
    assert desks_for("track", replace(case, stage="tracking"), ladder, owner="dispatch") == {
        "publicity", "publicity_head", "safety",
    }  # fmt: skip
    nobody = replace(config.ladder, may_always=())
    assert desks_to_order("supervise", case, nobody, owner="dispatch") == set()


@pytest.mark.parametrize(
    ("order", "desks"),
    [
        ("assign", {"dispatch", "publicity_head", "leaders", "safety"}),
        ("copy", {"dispatch", "publicity", "publicity_head", "leaders"}),
        ("supervise", {"leaders"}),
        ("regrade", {"publicity", "publicity_head", "leaders"}),
        ("merge", {"publicity", "publicity_head", "leaders"}),
        ("split", {"publicity", "publicity_head", "leaders"}),
    ],
)
def test_an_order_is_given_by_those_whose_step_it_is_about(
    order: str, desks: set[str], case: Case, config: AlertsConfig
) -> None:
    """Of the step that is owed, for 转办; what was handed to a desk it may hand on."""
    assert desks_to_order(order, case, config.ladder, owner="dispatch", called={"safety"}) == desks


def test_who_is_refused_is_told_who_may(case: Case, config: AlertsConfig) -> None:
    desks = desks_for("verify", case, config.ladder, owner="dispatch")
    with pytest.raises(Refused) as caught:
        require(config.people["sun_li"], desks, roster(config), "核实")
    assert caught.value.detail == (
        "孙丽不在可办理「核实」的岗位；可由以下岗位办理：宣传部负责人、舆情工作组、调度抢修中心"
    )
    require(config.people["chen_wei"], desks, roster(config), "核实")
    require(config.people["sun_li"], None, roster(config), "核实")


def test_a_desk_that_left_the_configuration_has_nobody(config: AlertsConfig) -> None:
    assert not is_listed(config.people["chen_wei"], {"gone"}, roster(config))
