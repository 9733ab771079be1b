"""The benchmark's scale, on examples worked out by hand."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.detection.nab import PROFILES, Series, points, probation, score, sigmoid

STANDARD, LOW_FP, LOW_FN = PROFILES["standard"], PROFILES["low FP"], PROFILES["low FN"]
WINDOW = (500, 599)  # of 2,000 rows, of which 300 are probation


def of(*alarms: int) -> Series:
    return Series(2000, [WINDOW], alarms)


def test_the_sigmoid_is_nearly_one_before_the_end_of_a_window_zero_there_and_nearly_minus_one_behind_it() -> None:
    assert sigmoid(-1.0) == pytest.approx(0.986614298)
    assert sigmoid(0.0) == 0.0
    assert sigmoid(1.0) == pytest.approx(-0.986614298)
    assert sigmoid(3.01) == -1.0


def test_the_first_row_of_a_window_earns_all_of_it() -> None:
    assert points(of(500), STANDARD) == pytest.approx(1.0)
    assert score([of(500)], STANDARD) == pytest.approx(100.0)


def test_the_last_row_of_a_window_earns_next_to_nothing() -> None:
    place = 2 / (1 + exp(-5 / 100)) - 1
    assert points(of(599), STANDARD) == pytest.approx(place / 0.986614298)
    assert points(of(599), STANDARD) == pytest.approx(0.02533, abs=1e-5)


def test_only_the_first_alarm_of_a_window_counts() -> None:
    assert points(of(549, 550, 599), STANDARD) == points(of(549), STANDARD)


def test_a_missed_window_costs_what_the_profile_says() -> None:
    assert [points(of(), profile) for profile in (STANDARD, LOW_FP, LOW_FN)] == [-1.0, -1.0, -2.0]


def test_silence_scores_nothing_with_every_profile() -> None:
    assert [score([of()], profile) for profile in PROFILES.values()] == [0.0, 0.0, 0.0]


def test_an_alarm_before_any_window_costs_all_of_a_false_one() -> None:
    assert points(of(400), STANDARD) == pytest.approx(-1.11)
    assert score([of(400)], STANDARD) == pytest.approx(-5.5)
    assert score([of(400)], LOW_FP) == pytest.approx(-11.0)


def test_an_alarm_soon_after_a_window_costs_less_than_a_late_one() -> None:
    assert points(of(500, 600), STANDARD) == pytest.approx(1 + 0.11 * sigmoid(1 / 99))
    assert points(of(500, 698), STANDARD) == pytest.approx(1 - 0.11 * 0.986614298)
    assert points(of(500, 1900), STANDARD) == pytest.approx(1 - 0.11)


def test_the_window_before_is_the_one_an_alarm_is_measured_from() -> None:
    series = Series(2000, [(500, 599), (900, 999)], [500, 900, 1000])
    assert points(series, STANDARD) == pytest.approx(2 + 0.11 * sigmoid(1 / 99))


def test_the_probation_is_fifteen_percent_of_the_rows_and_at_most_750() -> None:
    assert [probation(rows) for rows in (1000, 5000, 20_000)] == [150, 750, 750]


def test_alarms_of_the_probation_neither_earn_nor_cost() -> None:
    assert of(0, 299, 300).judged == [300]
    assert points(of(10, 299, 500), STANDARD) == pytest.approx(1.0)


def test_windows_with_an_alarm_are_counted_once() -> None:
    assert Series(2000, [(500, 599), (900, 999)], [510, 520, 700]).found == 1


def test_a_group_is_scored_by_all_its_windows() -> None:
    found, missed = of(500), of()
    assert score([found, missed], STANDARD) == pytest.approx(50.0)
    assert score([found, missed], LOW_FN) == pytest.approx(50.0)


@given(st.lists(st.integers(300, 1999), unique=True).map(sorted))
def test_nobody_scores_more_than_perfection(alarms: list[int]) -> None:
    assert all(score([of(*alarms)], profile) <= 100.0 for profile in PROFILES.values())


@given(st.lists(st.integers(300, 499), unique=True).map(sorted))
def test_false_alarms_never_help(alarms: list[int]) -> None:
    assert score([of(*alarms, 550)], LOW_FP) <= score([of(550)], LOW_FP)
