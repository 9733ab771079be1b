from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from alerts.detection.baseline import learn

from alerts.detection.signals import (
    STEP,
    Coverage,
    DetectorInput,
    Reason,
    Signal,
    State,
    Thresholds,
    coverage_of,
    cusum,
    effective,
    judge,
    share_tail,
    silent_sources,
)
from stream.index.port import Bucket

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = Thresholds()
FRESH = (Coverage("bbs", NOW - timedelta(minutes=5), NOW + timedelta(minutes=15)),)


def bucket(start: datetime, negative: int, total: int | None = None, **changes: int) -> Bucket:
    counts = {"authors": negative, "texts": negative} | changes
    return Bucket(start, negative if total is None else total, negative, **counts)


def view(
    burst: list[int], days: int = 21, each_hour: int = 0, coverage: tuple[Coverage, ...] = FRESH, **window: int
) -> DetectorInput:
    """History of `each_hour` negatives, and a last hour whose 5-minute steps are `burst`."""
    start = NOW - HOUR
    hours = [bucket(start - n * HOUR, each_hour, each_hour * 3 + 1) for n in range(days * 24, 0, -1)]
    quiet = [bucket(start - n * STEP, 0) for n in range(276, 0, -1)]
    steps = quiet + [bucket(start + n * STEP, count) for n, count in enumerate(burst)]
    whole = bucket(start, sum(burst), window.pop("total", sum(burst) + 2), **window)
    return DetectorInput(hours, steps, whole, hours[0].start if hours else None, coverage)


def look(shown: DetectorInput) -> Signal:
    return judge("outage", shown, LIMITS, NOW)


def test_a_quiet_topic_is_calm() -> None:
    signal = look(view([0] * 12))
    assert signal.state is State.CALM
    assert signal.findings == ()


def test_thirty_voices_within_the_hour_are_a_spike_that_says_why() -> None:
    signal = look(view([0, 0, 0, 0, 1, 2, 4, 6, 6, 6, 3, 2]))
    assert signal.state is State.SPIKE
    assert {Reason.RISE, Reason.LEVEL} <= signal.reasons
    assert signal.since == NOW - HOUR + 4 * STEP
    assert (signal.negative, signal.authors, signal.factor) == (30, 30, pytest.approx(30 / signal.expected))


def test_the_daily_rush_of_a_busy_topic_is_no_spike() -> None:
    assert look(view([2] * 12, each_hour=22)).state is State.CALM


def test_one_person_writing_fifty_posts_is_at_most_watched() -> None:
    signal = look(view([0] * 8 + [10, 10, 15, 15], authors=1))
    assert signal.state is State.WATCH
    assert Reason.FEW_AUTHORS in signal.reasons


def test_copies_are_discounted_and_told() -> None:
    copied = bucket(NOW, 40, authors=40, texts=2)
    assert effective(copied, LIMITS) == pytest.approx(2 + 38 / 4)
    assert Reason.COPIES in look(view([0] * 8 + [10] * 4, texts=2)).reasons


def test_there_is_no_spike_before_a_day_of_history() -> None:
    shown = view([0] * 6 + [5] * 6)
    fresh = DetectorInput(shown.hours[-20:], shown.steps, shown.window, NOW - 20 * HOUR, FRESH)
    signal = look(fresh)
    assert signal.state is State.WATCH
    assert Reason.COLD_START in signal.reasons


def test_more_of_everything_is_watched_as_volume_and_a_worse_share_is_said() -> None:
    assert Reason.VOLUME in look(view([1] * 3, total=60)).reasons
    worse = look(view([4] * 12, each_hour=3, total=50))
    assert worse.state is State.SPIKE
    assert Reason.SHARE in worse.reasons


def test_unscored_posts_cannot_silence_a_topic() -> None:
    signal = look(view([0] * 12, unscored=9, total=9))
    assert signal.state is State.WATCH
    assert Reason.UNSCORED in signal.reasons


def test_a_topic_looks_at_the_sources_it_names_and_at_all_where_it_names_none() -> None:
    here, there = Coverage("bbs", NOW, NOW), Coverage("paper", NOW, None)
    assert coverage_of((), [here, there]) == (here, there)
    assert coverage_of(("paper",), [here, there]) == (there,)
    assert coverage_of(("paper", "new"), [here, there]) == (there, Coverage("new", None, None))
    assert silent_sources(coverage_of(("new",), [here, there]), NOW) == ("new",)


def test_silent_sources_make_a_topic_blind_but_never_hide_a_spike() -> None:
    silent = (Coverage("bbs", NOW - HOUR, NOW - HOUR / 2), Coverage("new", None, None), Coverage("file", NOW, None))
    assert look(view([0] * 12, coverage=silent)).state is State.BLIND
    assert look(view([0] * 12, coverage=silent)).silent == ("bbs", "new")
    assert look(view([0] * 6 + [5] * 6, coverage=silent)).state is State.SPIKE


def test_without_any_source_the_judgement_says_so() -> None:
    signal = look(view([0] * 12, coverage=()))
    assert signal.state is State.CALM
    assert signal.reasons == {Reason.SOURCES_UNKNOWN}


def test_an_outbreak_does_not_become_the_norm() -> None:
    quiet = [(NOW + n * HOUR, 1.0) for n in range(480)]
    outbreak = [(NOW + (480 + n) * HOUR, 200.0) for n in range(6)]
    assert learn(quiet + outbreak).expected(NOW, HOUR) < 2 * learn(quiet).expected(NOW, HOUR)


def test_the_day_curve_is_learnt() -> None:
    hours = [(NOW.replace(hour=0) + n * HOUR, 20.0 if n % 24 in (1, 2, 3) else 1.0) for n in range(24 * 20)]
    usual = learn(hours)
    assert usual.expected(NOW.replace(hour=2), HOUR) > 5 * usual.expected(NOW.replace(hour=12), HOUR)


def test_the_share_tail_is_a_probability() -> None:
    assert share_tail(0, 10, 0.3) == pytest.approx(1.0)
    assert share_tail(10, 10, 0.3) < share_tail(9, 10, 0.3) < 1e-2


@pytest.mark.parametrize(("mean", "ratio"), [(0.05, 1.2), (0.3, 2.5), (2.0, 1.2), (10.0, 1.2)])
def test_quiet_series_raise_at_most_about_one_false_alarm_a_week(mean: float, ratio: float) -> None:
    """Negative-binomial counts per 5 minutes with a day curve, four weeks after three of training."""
    rng = np.random.default_rng(7)
    slots = np.arange(49 * 288)
    curve = np.clip(1 + 0.6 * np.sin(2 * np.pi * slots / 288), 0.2, None)
    counts = rng.negative_binomial(mean * curve / (ratio - 1), 1 / ratio).astype(float)
    hours = counts.reshape(-1, 12).sum(axis=1)
    alarms, start = 0, NOW.replace(hour=0)
    for day in range(21, 49):
        usual = learn([(start + int(n) * HOUR, float(hours[n])) for n in range((day - 21) * 24, day * 24)])
        told = [(start + int(n) * STEP, float(counts[n])) for n in range(day * 288, day * 288 + 288)]
        best = max(cusum(told[:end], usual, LIMITS)[0] for end in range(12, 289, 12))
        alarms += best >= LIMITS.cusum
    assert alarms <= 4
