"""What the seasonal contenders expect."""

from datetime import datetime

import numpy as np
import pytest

from scripts.detection.seasonal import LEAST, Ring, Season, Trailing
from scripts.detection.simulate import STEP
from stream.process.clock import SHANGHAI

START = datetime(2026, 7, 27, tzinfo=SHANGHAI)


def test_a_ring_gives_the_newest_first_and_zero_where_nothing_was_taken() -> None:
    ring = Ring(4, 1)
    for count in (1.0, 2.0, 3.0):
        ring.push(np.array([count]))
    assert [ring.ago(steps)[0] for steps in range(4)] == [3.0, 2.0, 1.0, 0.0]
    assert ring.ago(np.array([0, 2])).ravel().tolist() == [3.0, 1.0]


def test_a_full_ring_forgets_the_oldest() -> None:
    ring = Ring(2, 1)
    for count in range(5):
        ring.push(np.array([float(count)]))
    assert ring.ago(np.array([0, 1])).ravel().tolist() == [4.0, 3.0]
    assert (len(ring), ring.taken) == (2, 5)


def test_a_trailing_sum_is_of_the_last_steps() -> None:
    trailing = Trailing(3, 1)
    assert [trailing.push(np.array([float(count)]))[0] for count in (1, 2, 3, 4)] == [1.0, 3.0, 6.0, 9.0]


def learnt(weeks: int) -> Season:
    """A topic with ten posts a step from nine to six on working days, and one otherwise."""
    season = Season(1, STEP)
    for number in range(weeks * 7 * 288):
        moment = START + STEP * number
        count = 10.0 if moment.weekday() < 5 and 9 <= moment.hour < 18 else 1.0
        season.learn(moment, np.array([count]), season.mean(moment))
    return season


def test_days_and_weekends_are_learnt() -> None:
    season = learnt(6)
    wednesday, night, sunday = (START.replace(day=day, hour=hour) for day, hour in ((29, 11), (29, 3), (2, 11)))
    assert season.mean(wednesday)[0] == pytest.approx(10, rel=0.25)
    assert season.mean(night)[0] == pytest.approx(1, rel=0.3)
    assert season.mean(sunday.replace(month=8))[0] < 4


def test_an_outbreak_of_fifty_times_does_not_become_the_norm() -> None:
    season, calm = learnt(3), learnt(3)
    at = START.replace(month=8, day=17, hour=11)
    for number in range(12):
        for one, count in ((season, 500.0), (calm, 10.0)):
            moment = at + STEP * number
            one.learn(moment, np.array([count]), one.mean(moment))
    assert calm.mean(at)[0] < season.mean(at)[0] < 3 * calm.mean(at)[0]


def test_nothing_is_expected_to_be_nothing() -> None:
    assert Season(2, STEP).mean(START).tolist() == [LEAST, LEAST]
