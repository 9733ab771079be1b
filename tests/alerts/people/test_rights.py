from dataclasses import replace
from datetime import datetime

import pytest

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.people.rights import Roster, desks_for, is_listed
from alerts.workflow.cases import Case
from alerts.workflow.rules import WORKFLOW, Who, Workflow
from tests.alerts.workflow.grown import grown


def roster(config: AlertsConfig) -> Roster:
    return Roster(config.people, config.desks, config.ladder)


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
        ("tracking", "track", {"publicity", "publicity_head"}),
        ("remedying", "remedy", {"dispatch", "leaders"}),
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
    assert is_listed(config.people[person], "verify", case, roster(config), owner="dispatch") is listed


def test_the_owner_is_of_the_case_not_of_the_step(case: Case, config: AlertsConfig) -> None:
    assert is_listed(config.people["sun_li"], "verify", case, roster(config), owner="logistics")
    assert not is_listed(config.people["chen_wei"], "verify", case, roster(config), owner="logistics")


def test_what_nobody_owes_anybody_may_do(case: Case, config: AlertsConfig) -> None:
    archived = replace(case, stage="archived")
    assert all(is_listed(one, "reopen", archived, roster(config), owner="dispatch") for one in config.people.values())


def test_a_row_may_say_otherwise_than_the_ladder(case: Case, config: AlertsConfig) -> None:
    def desks(who: Who) -> object:
        rules = (replace(rule, who=who) if rule.step == "verify" else rule for rule in WORKFLOW.rules)
        return desks_for("verify", case, config.ladder, owner="dispatch", workflow=Workflow(tuple(rules)))

    assert desks(Who.OWNER) == {"dispatch"}
    assert desks(Who.ANYBODY) is None
    assert desks(Who.RUNGS) == {"dispatch", "publicity_head", "leaders"}


def test_a_new_step_is_for_the_desks_of_the_step_it_is_like(case: Case, config: AlertsConfig) -> None:
    approving = replace(case, stage="approving")
    found = desks_for("approve", approving, config.ladder, owner="dispatch", workflow=grown())
    assert found == {"dispatch", "publicity_head", "leaders"}
