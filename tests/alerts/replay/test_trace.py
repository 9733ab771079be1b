"""What is kept of a series to be drawn."""

from datetime import timedelta

from alerts.detection.signals import State
from alerts.replay.rows import CountRow
from alerts.replay.series import FastWindow, Replayed
from alerts.replay.trace import POINTS, STEPS, Trace
from tests.alerts.detection.series.offices import MONDAY

FIVE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def add(trace: Trace, number: int, counted: float | None, *, alert: bool = False) -> None:
    at = MONDAY + number * FIVE
    window = FastWindow(counted or 0.0, 1.0, 0.0, 5.0)
    row = CountRow(number + 2, str(at), at, counted or 0.0)
    shown = Replayed(row, 1.0, 0.1, State.CALM, alert, HOUR if alert else None)
    trace.add(at, None if counted is None else shown, window)


def test_a_short_series_has_a_point_at_the_end_of_each_step() -> None:
    trace = Trace(FIVE, STEPS)
    for number in range(3):
        add(trace, number, float(number))
    assert [at for at, _ in trace.points] == [MONDAY + number * FIVE for number in (1, 2, 3)]
    assert [window and window.counted for _, window in trace.points] == [0.0, 1.0, 2.0]


def test_a_long_one_has_a_point_an_hour_and_that_is_its_highest() -> None:
    trace = Trace(FIVE, STEPS + 1)
    for number in range(24):
        add(trace, number, float(number == 5) * 9 + 1)
    assert [window and window.counted for _, window in trace.points] == [10.0, 1.0]
    assert trace.points[0][0] == MONDAY + 6 * FIVE


def test_ten_years_have_no_more_points_than_are_kept() -> None:
    steps = 10 * 365 * 288
    trace = Trace(FIVE, steps)
    for number in range(12 * 24 * 30):
        add(trace, number, 1.0)
    assert len(trace.points) * steps / (12 * 24 * 30) <= POINTS


def test_what_was_not_observed_is_a_span_and_a_gap_in_the_line() -> None:
    trace = Trace(FIVE, 10)
    for number, counted in enumerate([1.0, None, None, 2.0, None]):
        add(trace, number, counted)
    assert trace.unseen == [(MONDAY + FIVE, MONDAY + 3 * FIVE), (MONDAY + 4 * FIVE, MONDAY + 5 * FIVE)]
    assert [window is None for _, window in trace.points] == [False, True, True, False, True]


def test_an_alarm_is_kept_with_its_count_whatever_becomes_of_its_point() -> None:
    trace = Trace(FIVE, STEPS + 1)
    for number in range(12):
        add(trace, number, float(number), alert=number == 3)
    (flag,) = trace.flags
    assert (flag.at, flag.counted, flag.span) == (MONDAY + 4 * FIVE, 3.0, HOUR)
