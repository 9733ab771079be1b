"""What stands in for a desk, a step or a stage that is named no more."""

from collections.abc import Mapping

import pytest

from alerts.casefile.guards.standins import standing_desk, standing_stage, standing_step
from alerts.config import AlertsConfig
from alerts.people.directory import Desk
from alerts.workflow.rules import WORKFLOW


def desk(config: AlertsConfig, named: str, step: str, owner: str = "dispatch") -> str:
    return standing_desk(config.desks, config.ladder, named, step, owner)


def test_a_desk_that_is_there_stands_for_itself(config: AlertsConfig) -> None:
    assert [desk(config, key, "judge") for key in config.desks] == list(config.desks)


@pytest.mark.parametrize(
    ("step", "instead"), [("acknowledge", "publicity"), ("report", "publicity_head"), ("verify", "dispatch")]
)
def test_for_one_that_is_gone_stands_the_first_rung_of_the_step(config: AlertsConfig, step: str, instead: str) -> None:
    assert desk(config, "gone", step) == instead


def test_where_the_first_rung_is_gone_too_the_first_desk_of_all_stands_in(config: AlertsConfig) -> None:
    desks: Mapping[str, Desk] = {key: one for key, one in config.desks.items() if key != "publicity"}
    assert standing_desk(desks, config.ladder, "gone", "judge", "dispatch") == next(iter(desks))
    assert desk(config, "gone", "verify", owner="gone") == next(iter(config.desks))


def test_a_step_of_an_older_table_has_the_rungs_of_the_first(config: AlertsConfig) -> None:
    assert desk(config, "gone", "clarified") == "publicity"


@pytest.mark.parametrize("stage", WORKFLOW.stages)
def test_a_stage_of_the_table_stays(stage: str) -> None:
    assert standing_stage(stage, ended=not WORKFLOW.is_open(stage)) == stage


def test_a_case_of_a_stage_that_is_gone_begins_anew_and_one_that_ended_is_put_away() -> None:
    assert standing_stage("clarifying", ended=False) == "screening"
    assert standing_stage("clarifying", ended=True) == "archived"


def test_a_step_that_is_gone_asks_for_what_the_case_owes() -> None:
    assert standing_step("verify", "judge") == "verify"
    assert standing_step("clarify", "judge") == "judge"
    assert standing_step("clarify", None) == "acknowledge"
