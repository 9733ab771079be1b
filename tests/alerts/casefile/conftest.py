from datetime import datetime

import pytest

from alerts.casefile.snapshot import CaseSnapshot
from alerts.detection.grades import Grade, Grading
from alerts.detection.signals import Signal, State
from alerts.workflow.cases import Case


def signal_of(topic: str, at: datetime) -> Signal:
    return Signal(
        topic=topic, state=State.SPIKE, at=at, window_start=at, since=at, total=30, negative=30, authors=30, texts=30,
        unscored=0, effective=30.0, expected=1.0, share=1.0, usual_share=0.2, findings=(),
    )  # fmt: skip


@pytest.fixture
def found(now: datetime) -> CaseSnapshot:
    """What a case of the topic `outage` is opened over."""
    return CaseSnapshot(signal_of("outage", now), Grading(Grade.YELLOW, ()), (), ())


@pytest.fixture
def new_case(now: datetime) -> Case:
    return Case(
        id=0, topic="outage", stage="screening", grade=Grade.YELLOW, opened_at=now, since=now, notified=30.0, peak=30.0,
        last_spike_at=now,
    )  # fmt: skip
