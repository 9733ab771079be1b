"""What the kill loop promises of itself: no declared place is left out, and a death is counted where it happened."""

from pathlib import Path
from random import Random

import pytest
from yaml import safe_dump

from stream.process.failpoints import PLACES
from tests.faults.loop import ELSEWHERE
from tests.faults.loop import PLACES as ROWS
from tests.faults.processes import KILLED, Death, Stage, deaths


def test_the_loop_kills_at_every_declared_place_that_is_not_killed_at_elsewhere() -> None:
    killed_at = {place for row in ROWS.values() for place in row if "." in place}
    assert killed_at | set(ELSEWHERE) == PLACES.keys()
    assert not killed_at & set(ELSEWHERE)


def test_every_place_dies_at_its_first_hit_and_then_at_later_ones() -> None:
    owed = deaths(["here", "there"], Random(1), 9, {"here": 4, "there": 1}.__getitem__)
    assert all(hits[0] == 1 and len(hits) == 9 for hits in owed.values())
    assert all(2 <= hit <= 4 for hit in owed["here"][1:])
    assert set(owed["there"]) == {1}


@pytest.mark.slow
def test_a_stage_dies_where_it_is_armed_and_runs_to_its_end_once_it_owes_nothing(tmp_path: Path) -> None:
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    words = ["stream", "erase", "0" * 32, "--configs", str(tmp_path)]
    stage = Stage("erase", words, tmp_path / "erase.log", {"erase.buried": [1], "erase.removed": [2]})
    stage.start()
    assert stage.end(120) == Death("erase.buried", KILLED)
    assert stage.owes == 1
    stage.start()
    assert stage.end(120) == Death(None, 0)
    stage.ease()
    stage.start()
    assert stage.end(120) == Death("erase.removed", KILLED)
    assert stage.owes == 0
