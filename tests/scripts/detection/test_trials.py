"""Outbreaks found, minutes and false alarms, on a run small enough to count by hand."""

from datetime import datetime

import numpy as np
import pytest

from scripts.detection.simulate import A_DAY, PLAIN, STEP, TEST, TRAIN, Outbreak, Simulated
from scripts.detection.trials import calibrated, judged_weeks, outcome, restricted
from stream.process.clock import SHANGHAI

STEPS = (TRAIN + TEST) * A_DAY
FIRST = TRAIN * A_DAY
MOMENTS = [datetime(2026, 7, 27, tzinfo=SHANGHAI) + STEP * number for number in range(STEPS)]


def run() -> Simulated:
    """Two scenarios: a quiet series of each, and one with an outbreak of 10 and one of 20 deviations in the second."""
    first, second = PLAIN[0], PLAIN[1]
    return Simulated(
        moments=MOMENTS,
        counts=np.zeros((STEPS, 3)),
        scenarios=[first, second, second],
        quiet=np.array([True, True, False]),
        outbreaks=[Outbreak(2, FIRST + 100, 10), Outbreak(2, FIRST + A_DAY, 20)],
    )


def raised(*alarms: tuple[int, int]) -> np.ndarray:
    found = np.zeros((TEST * A_DAY, 3), dtype=bool)
    for at, column in alarms:
        found[at, column] = True
    return found


def test_only_the_tested_weeks_are_judged() -> None:
    (cut,) = judged_weeks([run()], [np.arange(STEPS * 3).reshape(STEPS, 3)])
    assert len(cut) == TEST * A_DAY
    assert cut[0, 0] == FIRST * 3


def test_false_alarms_are_a_topic_week_on_the_average_and_in_the_worst_scenario() -> None:
    found = outcome([run()], [raised((5, 1), (500, 1), (900, 1), (1000, 1), (7, 2))])
    assert (found.false_alarms, found.worst, found.worst_scenario) == (1.0, 2.0, PLAIN[1])


def test_an_outbreak_is_found_within_two_hours_and_the_minutes_count_to_the_end_of_the_step() -> None:
    found = outcome([run()], [raised((104, 2), (110, 2), (A_DAY + 24, 2))])
    assert (found.found[10], found.delay[10]) == (1.0, 25.0)
    assert (found.found[20], found.delay[20]) == (0.0, None)


def test_an_alarm_in_the_first_step_is_five_minutes_late() -> None:
    assert outcome([run()], [raised((100, 2))]).delay[10] == 5.0


def test_an_alarm_from_before_finds_nothing() -> None:
    assert outcome([run()], [raised((99, 2))]).found[10] == 0.0


def test_the_threshold_keeps_to_what_is_allowed() -> None:
    dice = np.random.default_rng(1)
    scores = dice.exponential(1.0, (TEST * A_DAY, 3))
    scores[100 + 3, 2] = 40.0
    found = [calibrated([run()], [scores], allowed, 24) for allowed in (1.0, 0.25)]
    assert [one.false_alarms for one in found] == [pytest.approx(1.0, abs=0.3), pytest.approx(0.25)]
    assert found[0].threshold < found[1].threshold < 40
    assert found[1].found[10] == 1.0


def test_a_part_of_the_scenarios_is_judged_alone() -> None:
    part, told = restricted(run(), raised((104, 2), (5, 0)), [PLAIN[1]])
    assert told.shape == (TEST * A_DAY, 2)
    assert [put.column for put in part.outbreaks] == [1, 1]
    found = outcome([part], [told])
    assert (found.false_alarms, found.found[10]) == (0.0, 1.0)
