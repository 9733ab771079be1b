"""Made-up topics: the same at each run, with the means, the spread and the outbreaks that were promised."""

from datetime import datetime

import numpy as np
import pytest

from scripts.detection.simulate import (
    A_DAY,
    MORE,
    PLAIN,
    SIZES,
    STEP,
    TEST,
    TRAIN,
    Kind,
    Scenario,
    Simulated,
    noise,
    shape_of,
    simulate,
)  # fmt: skip
from stream.process.clock import SHANGHAI

ONE = Scenario(Kind.PLAIN, 2.0, 2.5, 0.1)
MOMENTS = [datetime(2026, 7, 27, tzinfo=SHANGHAI) + STEP * number for number in range(14 * A_DAY)]


@pytest.fixture(scope="module")
def run() -> Simulated:
    (only,) = simulate([ONE], quiet=12, with_outbreaks=1)
    return only


def test_there_are_twenty_scenarios_and_four_kinds_beside_them() -> None:
    assert len(PLAIN) == 20
    assert {one.kind for one in PLAIN} == {Kind.PLAIN}
    assert {one.kind for one in MORE} == {*Kind} - {Kind.PLAIN}


def test_the_same_seed_makes_the_same_series(run: Simulated) -> None:
    (again,) = simulate([ONE], quiet=12, with_outbreaks=1)
    (other,) = simulate([ONE], quiet=12, with_outbreaks=1, seed=2)
    assert (again.counts == run.counts).all()
    assert again.outbreaks == run.outbreaks
    assert not (other.counts == run.counts).all()


def test_the_series_last_six_weeks_and_are_those_that_were_asked_for(run: Simulated) -> None:
    assert run.counts.shape == (42 * A_DAY, 12 + len(SIZES))
    assert run.quiet.sum() == 12
    assert run.first_tested == TRAIN * A_DAY


@pytest.mark.parametrize("mean", [0.3, 2.0, 60.0])
def test_quiet_series_have_the_promised_mean(mean: float) -> None:
    (only,) = simulate([Scenario(Kind.PLAIN, mean, 1.2, 0.1)], quiet=20, with_outbreaks=0)
    assert only.counts[only.first_tested :].mean() == pytest.approx(mean, rel=0.06)


def test_counts_have_the_promised_dispersion() -> None:
    (only,) = simulate([Scenario(Kind.PLAIN, 2.0, 2.5, 0.001)], quiet=20, with_outbreaks=0)
    noon = only.counts[only.first_tested + 12 * 12 :: A_DAY].ravel()
    assert noon.var() / noon.mean() == pytest.approx(2.5, rel=0.35)


def test_one_outbreak_a_day_is_put_into_the_tested_weeks(run: Simulated) -> None:
    for column in np.flatnonzero(~run.quiet):
        days = [put.at // A_DAY for put in run.outbreaks if put.column == column]
        assert days == list(range(TRAIN, TRAIN + TEST))
    assert {put.size for put in run.outbreaks} == set(SIZES)
    assert all(put.at % A_DAY <= A_DAY - 24 for put in run.outbreaks)


def test_an_outbreak_has_so_many_deviations_of_an_hours_count() -> None:
    assert ONE.hourly_deviation == pytest.approx((12 * 2.0 * 2.5) ** 0.5)
    (only,) = simulate([Scenario(Kind.PLAIN, 0.05, 1.2, 0.1)], quiet=0, with_outbreaks=8)
    deviation = only.scenarios[0].hourly_deviation
    for size in (10, 20):
        inside = [only.counts[put.at : put.at + 48, put.column].sum() for put in only.outbreaks if put.size == size]
        assert np.mean(inside) == pytest.approx(size * deviation + 48 * 0.05, rel=0.12)


def test_half_of_an_outbreak_is_there_within_half_an_hour() -> None:
    (only,) = simulate([Scenario(Kind.PLAIN, 0.05, 1.2, 0.1)], quiet=0, with_outbreaks=8)
    puts = [put for put in only.outbreaks if put.size == 20]
    first = sum(only.counts[put.at : put.at + 6, put.column].sum() for put in puts)
    whole = sum(only.counts[put.at : put.at + 48, put.column].sum() for put in puts)
    usual = len(puts) * 0.05  # a step
    assert (first - 6 * usual) / (whole - 48 * usual) == pytest.approx(0.5, abs=0.06)


def test_noise_has_the_promised_deviation_and_halves_over_two_hours() -> None:
    drawn = noise(0.3, 200_000, np.random.default_rng(1))
    assert drawn.std() == pytest.approx(0.3, rel=0.05)
    assert np.corrcoef(drawn[:-24], drawn[24:])[0, 1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("kind", [Kind.PLAIN, Kind.OFFICE])
def test_an_ordinary_week_is_one_on_the_average(kind: Kind) -> None:
    assert shape_of(kind, MOMENTS).mean() == pytest.approx(1.0)


def test_an_office_is_a_twentieth_at_night_and_on_weekends() -> None:
    shape = shape_of(Kind.OFFICE, MOMENTS)
    monday, night, sunday = shape[10 * 12], shape[3 * 12], shape[6 * A_DAY + 10 * 12]
    assert night / monday == pytest.approx(1 / 20)
    assert sunday / monday == pytest.approx(1 / 20)


def test_the_last_of_a_month_is_a_bill_day() -> None:
    bills, plain = shape_of(Kind.BILL, MOMENTS), shape_of(Kind.PLAIN, MOMENTS)
    assert (bills / plain).reshape(14, A_DAY).mean(axis=1).round(6).tolist() == [1.0] * 4 + [3.0] + [1.0] * 9


def test_the_calendar_moves_working_days() -> None:
    moments = [datetime(2025, 9, 22, 10, tzinfo=SHANGHAI) + STEP * A_DAY * day for day in range(21)]
    shape = shape_of(Kind.OFFICE, moments, calendar=True)
    worked = [moment.strftime("%m-%d") for moment, one in zip(moments, shape, strict=True) if one > 1]
    assert worked == ["09-22", "09-23", "09-24", "09-25", "09-26", "09-28", "09-29", "09-30", "10-09", "10-10", "10-11"]


def test_holidays_are_simulated_apart_as_they_begin_at_another_time() -> None:
    runs = list(simulate([ONE, Scenario(Kind.HOLIDAY, 2.0, 2.5, 0.1)], quiet=1, with_outbreaks=0))
    assert [run.moments[0].year for run in runs] == [2026, 2025]
    tested = [moment.date().isoformat() for moment in runs[1].moments[runs[1].first_tested :]]
    assert "2025-10-01" in tested
    assert "2025-10-11" in tested


def test_heavy_tails_have_bursts_in_single_steps() -> None:
    (only,) = simulate([Scenario(Kind.HEAVY, 2.0, 10.0, 0.3)], quiet=4, with_outbreaks=0)
    assert only.counts.var() / only.counts.mean() > 10
