"""What would have been said of a past."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.detector import Detector, Sides
from alerts.detection.signals import State
from alerts.replay.rows import CountRow
from alerts.replay.series import WATCH, Replay, Replayed, Trailing, replay_series, whole
from tests.alerts.detection.series.offices import DAY, MONDAY, drawn, flat, judged, office

HOUR = timedelta(hours=1)
FIVE = timedelta(minutes=5)


def rows(
    counts: np.ndarray, step: timedelta = HOUR, negative: np.ndarray | None = None, authors: np.ndarray | None = None
) -> Iterator[CountRow]:
    for number, count in enumerate(counts):
        if not np.isnan(count):
            at = MONDAY + number * step
            yield CountRow(
                number + 2, str(at), at, count,
                None if negative is None else negative[number], None if authors is None else authors[number],
            )  # fmt: skip


def told(found: list[Replayed]) -> list[int]:
    return [round((one.row.at - MONDAY) / HOUR) for one in found if one.alert]


def negatives(burst: float, people: float, *, hours: int = 21 * 24, mean: float = 0.05) -> list[Replayed]:
    """Weeks of many posts and few negatives, and at the end `burst` negatives by `people`."""
    counts, bad = drawn(flat(30.0), hours / 24, HOUR), drawn(flat(mean), hours / 24, HOUR, seed=8)
    bad[-1], counts[-1] = burst, counts[-1] + burst
    voices = bad.copy()
    voices[-1] = people
    return list(
        replay_series(rows(counts + bad, HOUR, bad, voices), HOUR, 1.0, Sides.RISE, negatives=True, authors=True)
    )


def test_counts_alone_are_told_where_the_detector_tells() -> None:
    counts = drawn(office(8.0), 28, HOUR, dispersion=8.0)
    counts[600:604] += 200.0
    counts[640:643] = np.nan
    found = list(replay_series(rows(counts), HOUR, 1.0, Sides.BOTH))
    alone = [
        one for one in judged(Detector(np.ones(1), HOUR), counts) if not np.isnan(counts[(one.at - MONDAY) // HOUR])
    ]
    assert [one.alert for one in found] == [bool(one.alert[0]) for one in alone]
    assert [one.expected for one in found] == [one.expected[0] for one in alone]
    assert 600 in told(found)
    assert len(found) == 28 * 24 - 3


def test_the_score_is_a_half_at_the_threshold_and_the_state_follows_it() -> None:
    counts = drawn(flat(8.0), 28, HOUR, dispersion=4.0)
    counts[650:654] += 150.0
    found = list(replay_series(rows(counts), HOUR))
    assert {one.state for one in found} == {State.CALM, State.WATCH, State.SPIKE}
    for one in found:
        assert (one.score >= 0.5) == (one.state is State.SPIKE)
        assert (WATCH / (1 + WATCH) <= one.score < 0.5) == (one.state is State.WATCH)
        assert one.state is State.SPIKE or not one.alert


def test_a_rise_names_the_window_that_rose_and_a_fall_none() -> None:
    counts = drawn(flat(60.0), 28, HOUR)
    counts[500:502] = 600.0
    counts[640:650] = 0.0
    found = [one for one in replay_series(rows(counts), HOUR, 1.0, Sides.BOTH) if one.alert]
    assert [one.span for one in found] == [HOUR, None]


def test_with_negatives_a_flood_of_praise_is_nothing() -> None:
    counts, bad = drawn(flat(30.0), 21, HOUR), drawn(flat(1.0), 21, HOUR, seed=8)
    counts[-5:] = 900.0
    assert told(list(replay_series(rows(counts + bad, HOUR, bad), HOUR, 1.0, Sides.RISE, negatives=True))) == []
    assert told(list(replay_series(rows(counts + bad), HOUR, 1.0, Sides.RISE))) != []


def test_with_negatives_silence_is_judged_on_all_posts() -> None:
    counts, bad = drawn(flat(60.0), 21, HOUR), drawn(flat(1.0), 21, HOUR, seed=8)
    counts[-6:], bad[-6:] = 0.0, 0.0
    found = list(replay_series(rows(counts + bad, HOUR, bad), HOUR, 1.0, Sides.BOTH, negatives=True))
    assert len(told(found)) == 1
    assert told(found)[0] >= 21 * 24 - 6


def test_five_negatives_of_three_people_call_and_four_or_two_do_not() -> None:
    assert negatives(12, 9)[-1].alert
    for burst, people in ((4, 4), (12, 2)):
        last = negatives(burst, people, mean=0.001)[-1]
        assert not last.alert
        assert last.state is not State.SPIKE
        assert last.score < 0.5


@pytest.mark.parametrize(
    ("burst", "people", "alert"), [(100, 60, True), (99, 60, False), (300, 200, True), (300, 59, False)]
)
def test_on_the_first_day_a_hundred_negatives_of_sixty_people_in_an_hour_are_told(
    burst: float, people: float, alert: bool
) -> None:
    last = negatives(burst, people, hours=12)[-1]
    assert last.alert is alert
    assert (last.state is State.SPIKE) is alert


@pytest.mark.parametrize(("burst", "alert"), [(34.0, True), (33.0, False)])
def test_on_the_first_day_thirty_four_negatives_in_five_minutes_are_told(burst: float, alert: bool) -> None:
    bad = np.zeros(100)
    bad[-1] = burst
    found = list(replay_series(rows(bad, FIVE, bad, bad), FIVE, negatives=True, authors=True))
    assert found[-1].alert is alert


def test_on_the_first_day_counts_alone_are_calm() -> None:
    counts = np.array([1.0] * 20 + [900.0])
    last = list(replay_series(rows(counts), HOUR))[-1]
    assert (last.state, last.alert, last.score) == (State.CALM, False, 0.0)


def test_steps_without_a_row_are_steps_all_the_same() -> None:
    counts = np.array([1.0, np.nan, np.nan, 4.0])
    assert [(at - MONDAY) // HOUR for at, _ in whole(rows(counts), HOUR)] == [0, 1, 2, 3]
    assert [row is None for _, row in whole(rows(counts), HOUR)] == [False, True, True, False]
    assert list(whole(iter([]), HOUR)) == []


def test_the_window_says_what_the_last_hour_counted_and_may_count() -> None:
    run = Replay(FIVE, 1.0, Sides.BOTH, negatives=False, authors=False)
    for at, row in whole(rows(np.full(12 * 48, 2.0), FIVE), FIVE):
        run.judge(at, row)
    window = run.window()
    assert window.counted == 24.0
    assert window.expected == pytest.approx(24.0, rel=0.1)
    assert 0 <= window.fewest < 24 < window.most
    run.judge(MONDAY + 2 * DAY, None)
    assert run.window().counted == 22.0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(1, 12))
def test_trailing_sums_are_those_of_the_last_steps(values: list[int], length: int) -> None:
    sums = Trailing(FIVE, HOUR)
    for value in values:
        sums.add(value)
    assert sums.over(length * FIVE) == sum(values[-length:])
