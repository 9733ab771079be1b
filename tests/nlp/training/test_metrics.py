"""Figures of merit on cases small enough to reckon by hand."""

import time

import numpy as np
import pytest

from nlp.training.metrics import (
    calibration_errors,
    confusions,
    false_alarms,
    figure,
    macro_f1,
    macro_f1s,
    precisions,
    recalls,
    resamplings,
    shares,
)


def once(rows: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.ones((1, rows), np.float32)


def test_macro_f1_is_the_mean_over_the_classes_there_are() -> None:
    assert macro_f1(np.array([0, 1, 1]), np.array([0, 0, 1]), 2) == pytest.approx(2 / 3)
    assert macro_f1(np.array([0, 1, 1]), np.array([0, 0, 1]), 9) == pytest.approx(2 / 3)
    assert macro_f1(np.array([0, 0]), np.array([1, 1]), 2) == 0.0


def test_precision_recall_and_false_alarms_are_of_one_class() -> None:
    met = confusions(once(4), np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0]), 2)
    assert precisions(met, 0)[0] == 0.5
    assert recalls(met, 0)[0] == pytest.approx(1 / 3)
    assert false_alarms(met, 0)[0] == 1.0
    assert recalls(confusions(once(1), np.array([1]), np.array([1]), 2), 0)[0] == 0.0


def test_certainty_that_is_half_right_is_miscalibrated_by_half() -> None:
    assert calibration_errors(once(2), np.array([True, False]), np.array([1.0, 1.0]))[0] == pytest.approx(0.5)
    assert calibration_errors(once(2), np.array([True, False]), np.array([0.5, 0.5]))[0] == pytest.approx(0.0)


def test_a_share_of_nothing_is_no_number() -> None:
    these, nothing = np.array([True, False]), np.array([False, False])
    assert shares(once(2), these, ~nothing)[0] == 0.5
    assert np.isnan(shares(once(2), these, nothing)[0])


def test_a_line_of_weights_draws_as_many_rows_as_there_are_and_the_first_line_draws_each_once() -> None:
    drawn = resamplings(40, seed=1, rounds=600)
    assert (drawn[0] == 1).all()
    assert (drawn.sum(1) == 40).all()
    assert len(np.unique(drawn, axis=0)) > 590
    assert (resamplings(40, seed=1, rounds=600) == drawn).all()


def test_every_resampling_is_judged_as_if_its_rows_were_written_out() -> None:
    random = np.random.default_rng(3)
    truth, chosen = random.integers(0, 3, 30), random.integers(0, 3, 30)
    drawn = resamplings(30, seed=2, rounds=20)
    rows = np.repeat(np.arange(30), drawn[7].astype(int))
    assert macro_f1s(confusions(drawn, truth, chosen, 3))[7] == pytest.approx(macro_f1(truth[rows], chosen[rows], 3))


def test_the_interval_holds_the_figure_and_narrows_with_more_rows() -> None:
    everything = np.ones(1000, bool)
    right = np.arange(1000) % 2 == 0
    narrow = figure(shares(resamplings(1000, seed=1), right, everything))
    assert narrow.low < 0.5 == narrow.value < narrow.high
    wide = figure(shares(resamplings(50, seed=1), right[:50], everything[:50]))
    assert narrow.high - narrow.low < wide.high - wide.low


def test_a_better_judge_is_seen_through_the_luck_of_the_rows() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 2, 1000)
    good, better = (np.where(random.random(1000) < right, truth, 1 - truth) for right in (0.7, 0.8))
    drawn = resamplings(1000, seed=4)
    met = [macro_f1s(confusions(drawn, truth, one, 2)) for one in (good, better)]
    assert figure(met[1] - met[0]).low > 0
    assert figure(met[0] - met[0]).low == 0


def test_two_thousand_resamplings_of_two_thousand_rows_take_seconds() -> None:
    since = time.process_time()
    macro_f1s(confusions(resamplings(2000, seed=1), np.arange(2000) % 6, np.arange(2000) % 5, 6))
    assert time.process_time() - since < 5
