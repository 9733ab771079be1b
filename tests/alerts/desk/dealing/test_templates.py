"""What is offered to be written with an act."""

import pytest

from alerts.casefile.acting.statements import LONGEST
from alerts.desk.dealing.dates import read_until
from alerts.desk.dealing.templates import NOTES, with_template
from alerts.words import ORDER_NAMES
from alerts.workflow.rules import WORKFLOW
from stream.process.clock import local_time


def test_templates_are_of_acts_and_orders_and_none_calls_a_claim_a_rumour() -> None:
    assert set(NOTES) <= {*WORKFLOW.actions, *ORDER_NAMES}
    assert set(ORDER_NAMES) <= set(NOTES)
    words = [one for some in NOTES.values() for one in some]
    assert not [one for one in words if "谣" in one]
    assert max(map(len, words)) < 20 < LONGEST


@pytest.mark.parametrize(
    ("chosen", "typed", "note"),
    [("误报", "", "误报"), ("", "细节", "细节"), ("误报", "细节", "误报；细节"), ("", "", "")],
)
def test_what_was_chosen_stands_before_what_was_typed(chosen: str, typed: str, note: str) -> None:
    assert with_template(chosen, typed) == note


def test_a_day_ends_with_office_hours_and_a_time_is_one_of_beijing() -> None:
    assert local_time(read_until("2026-10-08"), "%F %H:%M") == "2026-10-08 18:00"
    assert local_time(read_until("2026-10-08 12:00"), "%F %H:%M") == "2026-10-08 12:00"
    with pytest.raises(ValueError, match="Invalid isoformat"):
        read_until("tomorrow")
