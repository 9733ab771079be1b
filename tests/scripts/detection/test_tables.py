"""The tables: every contender in them, and a series that is not there left out with a reason."""

from dataclasses import replace

import pytest

from scripts.detection.contenders import roster
from scripts.detection.scale import cost
from scripts.detection.simulate import A_DAY, PLAIN, Simulated, simulate
from scripts.detection.simulated_tables import (
    ALL,
    COMMON,
    NEW,
    NEW_BUDGET,
    NEW_SHARE,
    NEW_TWO_HOURS,
    ONCE,
    QUARTER,
    Amount,
    Found,
    contest,
    simulated_sheets,
)  # fmt: skip
from scripts.detection.tables import sheets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs() -> list[Simulated]:
    return list(simulate([PLAIN[9]], quiet=3, with_outbreaks=1))


@pytest.fixture(scope="module")
def found(runs: list[Simulated]) -> Found:
    return contest(runs)


def test_every_contender_and_the_detector_are_in_every_table(found: Found) -> None:
    names = [*roster(), NEW_SHARE, NEW, NEW_TWO_HOURS, NEW_BUDGET]
    for sheet in simulated_sheets(found):
        assert list(sheet.rows) == names


def test_false_alarms_are_as_many_as_are_allowed(found: Found) -> None:
    for name in (*roster(), NEW):
        outcomes = found.outcomes[name]
        assert outcomes[ALL, ONCE].false_alarms <= ONCE
        assert outcomes[ALL, QUARTER].false_alarms <= QUARTER
        assert outcomes[ALL, QUARTER].threshold >= outcomes[COMMON, ONCE].threshold


def test_larger_outbreaks_are_found_more_often(found: Found) -> None:
    shares = found.outcomes[NEW][ALL, ONCE].found
    assert shares[3] < shares[10] <= shares[20]
    assert shares[20] > 0.9


def test_aims_are_held_against_all_scenarios(found: Found) -> None:
    aims = [aim for sheet in simulated_sheets(found) for aim in sheet.aims]
    assert len(aims) == 7
    assert {aim.what for aim in aims if aim.at_most} == {
        "median delay of 10 deviations",
        "median delay of 20 deviations",
        "false alarms of the worst scenario",
    }


def test_without_a_folder_of_series_the_sheet_says_so() -> None:
    first = next(sheets(None, replace(Amount(), quiet=1), [100]))
    assert first.rows == {"left out": {"why": "DATA names no folder with a windows.json"}}


def test_a_day_of_many_topics_takes_no_more_memory() -> None:
    spent = cost(500, A_DAY)
    assert spent.topics == 500
    assert spent.memory_after - spent.memory_before < 5
    assert 0 < spent.step_seconds <= spent.slowest_seconds < 2
