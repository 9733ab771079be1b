"""From scores to alarms."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.detector import Sides
from scripts.detection.alarms import alarms, candidates, lowest_within, scores, watch
from scripts.detection.contenders import ZScore
from scripts.detection.simulate import STEP

START = datetime(2026, 7, 27, tzinfo=UTC)


def crossings(*columns: str) -> np.ndarray:
    return np.array([[step == "x" for step in column] for column in columns]).T


def test_an_alarm_is_the_first_crossing_after_a_quiet_time() -> None:
    raised = alarms(crossings("..xxx...x....xx."), quiet=3)
    assert np.flatnonzero(raised[:, 0]).tolist() == [2, 8, 13]


def test_a_quiet_time_counts_from_the_last_crossing_not_the_last_alarm() -> None:
    raised = alarms(crossings("x..x..x..x..x"), quiet=3)
    assert np.flatnonzero(raised[:, 0]).tolist() == [0]


def test_columns_know_nothing_of_each_other() -> None:
    raised = alarms(crossings("x.....", "...x.."), quiet=2)
    assert raised.sum(axis=0).tolist() == [1, 1]
    assert raised[3].tolist() == [False, True]


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.integers(0, 10))
def test_two_alarms_are_further_apart_than_the_quiet_time(crossed: list[bool], quiet: int) -> None:
    found = np.flatnonzero(alarms(np.array(crossed)[:, None], quiet)[:, 0])
    assert all(np.diff(found) > quiet)
    assert len(found) >= any(crossed)


def test_thresholds_that_are_tried_lie_close_where_scores_are_rare() -> None:
    tried = candidates(np.arange(10_000.0))
    assert 9_999 < tried[-1] < 10_000
    assert 4_990 < tried[0] < 5_010
    assert (tried > 9_000).sum() > len(tried) / 2


def test_the_lowest_threshold_is_found_from_above() -> None:
    costs = {5.0: 0.0, 4.0: 1.0, 3.0: 2.0, 2.0: 0.5}
    thresholds = np.array([2.0, 3.0, 4.0, 5.0])
    assert lowest_within(thresholds, costs.__getitem__, 1.0) == 4.0
    assert lowest_within(thresholds, costs.__getitem__, 5.0) == 2.0


def test_what_was_not_observed_counts_as_zero_for_contenders() -> None:
    moments = [START + STEP * number for number in range(40)]
    counts = np.full((40, 1), 5.0)
    counts[20] = np.nan
    zeroed = np.nan_to_num(counts)
    told = scores(ZScore(1, STEP), moments, counts)
    assert told.tolist() == scores(ZScore(1, STEP), moments, zeroed).tolist()
    assert told[20, 0] < 0


def test_the_detector_is_watched_with_its_own_thresholds() -> None:
    dice = np.random.default_rng(1)
    moments = [START + STEP * number for number in range(288 * 9)]
    counts = dice.poisson(3.0, (len(moments), 2)).astype(float)
    counts[-200:-190, 1] += 60
    seen = watch(moments, counts, np.array([1.0, 1.0]), step=STEP, sides=Sides.RISE)
    assert not seen.alert[: 288 * 8, 1].any()
    assert np.flatnonzero(seen.alert[-200:-190, 1]).tolist() == [0]
    assert (seen.crossed == (seen.share >= 1)).all()
    assert not seen.alert[-210:, 0].any()


def test_a_quieter_budget_has_a_higher_threshold() -> None:
    moments = [START + timedelta(minutes=5) * number for number in range(288 * 3)]
    counts = np.random.default_rng(1).poisson(3.0, (len(moments), 1)).repeat(2, axis=1).astype(float)
    seen = watch(moments, counts, np.array([2.0, 0.1]), step=STEP, sides=Sides.RISE)
    assert (seen.score[:, 0] == seen.score[:, 1]).all()
    later = seen.score[288 * 2 :, 0] > 0
    assert (seen.share[288 * 2 :][later, 0] > seen.share[288 * 2 :][later, 1]).all()
