"""A case's event and a stage's health made up for a test: say what matters, the rest is plausible."""

from dataclasses import replace
from datetime import timedelta

from stream.messages import CaseEvent, StageHealth, event_id
from tests.stream.scored import NOON


def happened(case_id: int, number: int, **changes: object) -> CaseEvent:
    """Event `number` of a case that was opened at noon, `number` minutes later."""
    event = CaseEvent(
        id=event_id("case", case_id, number), case_id=case_id, number=number, at=NOON + timedelta(minutes=number),
        kind="opened" if number == 1 else "escalated", by="program", topic="outage", grade="yellow", stage="screening",
        verdict=None, peak=12.5, opened_at=NOON, acknowledged_at=None, ended_at=None, elapsed=60.0 * number,
        step="acknowledge", desk="publicity", due_at=NOON + timedelta(hours=1),
    )  # fmt: skip
    return replace(event, **changes)  # type: ignore[arg-type]


def beat(minute: int, stage: str = "index", **changes: object) -> StageHealth:
    """What a stage told so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    health = StageHealth(
        id=event_id(stage, "host:1", minute), stage=stage, instance="host:1", at=at, seconds=60.0, read=10, done=9,
        rejected=1, retried=0, fenced=0, lag=1.5,
    )  # fmt: skip
    return replace(health, **changes)  # type: ignore[arg-type]
