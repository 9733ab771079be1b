"""A case that stands anywhere on its way."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.detection.grades import Grade, Grading
from alerts.detection.signals import Signal, State
from alerts.workflow.cases import Case
from alerts.workflow.parts import Verdict
from stream.state.database import transaction
from tests.alerts.casefile.acting.conftest import way

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

Walk = Callable[..., Case]


def snapshot_of(topic: str, at: datetime) -> CaseSnapshot:
    signal = Signal(
        topic=topic, state=State.SPIKE, at=at, window_start=at, since=at, total=30, negative=30, authors=30, texts=30,
        unscored=0, effective=30.0, expected=1.0, share=1.0, usual_share=0.2, findings=(),
    )  # fmt: skip
    return CaseSnapshot(signal, Grading(Grade.YELLOW, ()), (), ())


@pytest.fixture
def case(context: CaseContext, now: datetime) -> Case:
    with transaction(context.engine) as session:
        return open_case(session, context, snapshot_of("outage", now), (), now)


@pytest.fixture
def walk(context: CaseContext, case: Case, now: datetime) -> Walk:
    """Takes the case along its way up to and with the action named, a minute an act."""

    def along(last: str, verdict: Verdict = Verdict.RUMOUR) -> Case:
        for number, request in enumerate(way(verdict, now + 9 * DAY), start=1):
            walked = act(context, case.id, request, now + number * MINUTE)
            if request.action == last:
                return walked
        raise AssertionError(f"{last} is not on the way")

    return along
