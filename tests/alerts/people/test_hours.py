from datetime import UTC, datetime, time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from alerts.people.hours import Quiet, within

READ: TypeAdapter[Quiet] = TypeAdapter(Quiet)


def at(hour: int, minute: int = 0) -> datetime:
    """An hour of 21 September in Beijing."""
    return datetime(2026, 9, 20 + (hour >= 8), (hour - 8) % 24, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "hour", "inside"),
    [(22, 7, 23, True), (22, 7, 3, True), (22, 7, 7, False), (22, 7, 12, False), (8, 20, 8, True), (8, 20, 20, False)],
)
def test_a_span_may_go_over_midnight(begins: int, ends: int, hour: int, inside: bool) -> None:
    assert within(time(begins), time(ends), at(hour)) is inside


def test_quiet_hours_end_on_the_next_morning_and_never_hold_red() -> None:
    quiet = READ.validate_python({"from": "22:00", "to": "07:00"})
    assert quiet.until("yellow", at(23)) == datetime(2026, 9, 21, 23, tzinfo=UTC)
    assert quiet.until("yellow", at(6)) == at(7)
    assert quiet.until("yellow", at(12)) is None
    assert quiet.until("red", at(23)) is None
    named = READ.validate_python({"from": "22:00", "to": "07:00", "not_for": ["orange"]})
    assert named.until("red", at(23)) is None  # also where it is not named
    assert named.until("orange", at(23)) is None


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"from": 1320, "to": "07:00"}, "between quotes"),  # what YAML makes of 22:00
        ({"from": "24:00", "to": "07:00"}, "between quotes"),
        ({"from": "22:00", "to": "22:00"}, "end when they begin"),
        ({"from": "22:00"}, "to"),
        ({"from": "22:00", "to": "07:00", "not_for": ["pink"]}, "not_for"),
    ],
)
def test_what_cannot_be_meant_is_told(raw: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        READ.validate_python(raw)
