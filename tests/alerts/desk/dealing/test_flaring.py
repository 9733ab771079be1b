"""A case that was closed while its topic rises, or before it rose again, says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.desk.cases import read_details
from alerts.desk.dealing.flaring import LOOKED_AT, newer_case, still_rising
from alerts.desk.register import Register
from alerts.workflow.cases import ActRequest, Case
from stream.messages import ScoredPost
from stream.state.database import transaction
from tests.alerts.desk.dealing.conftest import snapshot_of


@pytest.fixture
def ended(context: CaseContext, register: Register, opened: int, now: datetime) -> tuple[Case, CaseSnapshot]:
    act(context, opened, ActRequest("judge_false_alarm", "zhang_min", "误报"), now)
    details = read_details(register, opened)
    assert details.snapshot is not None
    return details.case, details.snapshot


def test_a_wave_that_still_rises_after_its_case_ended_is_told_in_figures(
    context: CaseContext, ended: tuple[Case, CaseSnapshot], rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    case, snapshot = ended
    rumour(40, now + timedelta(minutes=20), first=100)
    told = still_rising(context, case, snapshot, now + timedelta(minutes=21))
    assert told.startswith("当前负面 ")
    assert "上次通知时 30 条" in told


def test_a_topic_that_is_calm_an_open_case_and_one_of_long_ago_say_nothing(
    context: CaseContext, ended: tuple[Case, CaseSnapshot], now: datetime
) -> None:
    case, snapshot = ended
    assert still_rising(context, case, snapshot, now + timedelta(days=2)) == ""
    assert still_rising(context, replace(case, ended_at=None), snapshot, now) == ""
    assert still_rising(context, case, snapshot, now + LOOKED_AT + timedelta(days=1)) == ""
    assert still_rising(context, replace(case, topic="gone"), snapshot, now) == ""


def test_the_case_that_came_after_it_is_found(
    context: CaseContext, ended: tuple[Case, CaseSnapshot], now: datetime
) -> None:
    case, _ = ended
    assert newer_case(context, case) is None
    with transaction(context.engine) as session:
        after = open_case(session, context, snapshot_of("outage", now), (), now)
    assert newer_case(context, case) == after.id
    assert newer_case(context, replace(case, ended_at=None)) is None
