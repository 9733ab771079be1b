"""Cases, history and health as JSON lines, for a program beside the pipeline."""

import pytest

from stream.codec import CASE_EVENTS, STAGE_HEALTH
from tests.stream.installation import Embedded
from tests.stream.scored import scored
from tests.stream.told import beat, happened


@pytest.fixture
def filled(place: Embedded) -> Embedded:
    place.happen(happened(1, 1), happened(2, 1), happened(1, 2))
    place.beat(beat(1), beat(2, "score"))
    place.run("index", "--once")
    return place


def test_each_case_is_there_once_as_it_stands(filled: Embedded) -> None:
    cases = [CASE_EVENTS.decode(line) for line in filled.run("events", "cases").stdout_bytes.splitlines()]
    assert {(one.case_id, one.number) for one in cases} == {(1, 2), (2, 1)}


def test_the_history_has_every_event_in_the_order_of_time(filled: Embedded) -> None:
    history = [CASE_EVENTS.decode(line) for line in filled.run("events", "history").stdout_bytes.splitlines()]
    assert [one.at for one in history] == sorted(one.at for one in history)
    assert len(history) == 3


def test_health_is_of_every_stage(filled: Embedded) -> None:
    health = [STAGE_HEALTH.decode(line) for line in filled.run("events", "health").stdout_bytes.splitlines()]
    assert [(one.stage, one.done) for one in health if one.instance == "host:1"] == [("index", 9), ("score", 9)]


def test_they_may_go_into_a_file(filled: Embedded) -> None:
    target = filled.folder / "cases.jsonl"
    assert filled.run("events", "cases", "--output", str(target)).stdout == ""
    assert len(target.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("what", ["cases", "history", "health"])
def test_nothing_told_is_said_beside_the_output(place: Embedded, what: str) -> None:
    place.put(scored(1))
    done = place.run("events", what)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"no {what} in the index\n")


def test_a_wrong_var_is_refused_and_nothing_is_made_there(place: Embedded) -> None:
    refused = place.run("events", "cases")
    assert refused.exit_code == 78
    assert "no index at " in refused.stderr
    assert not place.var.exists()


def test_only_what_there_is_can_be_asked_for(place: Embedded) -> None:
    refused = place.run("events", "letters")
    assert refused.exit_code == 2
    assert "'cases', 'history', 'health'" in refused.stderr
