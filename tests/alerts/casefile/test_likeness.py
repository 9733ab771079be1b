"""What makes a wave look like a false alarm of before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.likeness import TEXTS, Alike, Texts, Traits, common_texts, compare
from alerts.detection.signals import Finding, Reason
from stream.messages import ScoredPost
from tests.alerts.casefile.conftest import signal_of

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def traits(at: datetime = NOON, texts: Texts = (), **changes: Any) -> Traits:
    window = {"window_start": at - HOUR, "window_end": at, "expected": 4.0}
    return Traits(replace(signal_of("outage", at), **(window | changes)), texts)


def alike(wave: Traits, before: Traits) -> Alike | None:
    return compare(wave, before, 12, NOON)


@pytest.mark.parametrize(("hours", "same"), [(-3, False), (-2, True), (0, True), (2, True), (3, False), (22, True)])
def test_the_same_time_of_day_is_two_hours_before_or_after_also_round_midnight(hours: int, same: bool) -> None:
    found = alike(traits(NOON + 5 * DAY + hours * HOUR), traits())
    assert found == (Alike(12, NOON, True, 0.0) if same else None)


@pytest.mark.parametrize(
    ("effective", "same"), [(30.0, True), (45.0, True), (46.0, False), (20.0, True), (19.0, False)]
)
def test_as_many_times_the_usual_is_within_half_as_much_again(effective: float, same: bool) -> None:
    assert (alike(traits(effective=effective), traits(effective=30.0)) is not None) == same


def test_of_next_to_nothing_the_counts_are_compared() -> None:
    assert alike(traits(expected=0.02, effective=30.0), traits(expected=0.4, effective=32.0)) is not None


def test_a_slow_rise_is_not_like_a_burst_nor_a_drought_like_a_wave() -> None:
    assert alike(traits(window_start=NOON - 3 * DAY), traits()) is None
    for reason in (Reason.FALL, Reason.BARE):
        assert alike(traits(findings=(Finding(reason, 9, 5),)), traits()) is None
        assert alike(traits(), traits(findings=(Finding(reason, 9, 5),))) is None


def test_a_case_from_before_windows_had_an_end_was_of_an_hour() -> None:
    assert alike(traits(), traits(window_start=NOON, window_end=None)) is not None


@pytest.mark.parametrize(
    ("texts", "part"), [((("a", 6), ("x", 4)), 0.6), ((("a", 5), ("x", 5)), 0.5), ((("a", 4), ("x", 6)), None)]
)
def test_the_texts_of_before_count_by_their_posts(texts: Texts, part: float | None) -> None:
    found = alike(traits(NOON + 6 * HOUR, texts), traits(texts=(("a", 1), ("b", 90))))
    assert found == (None if part is None else Alike(12, NOON, False, part))


def test_a_wave_of_the_same_shape_and_of_the_same_texts_is_both() -> None:
    same: Texts = (("a", 8), ("b", 2))
    assert alike(traits(texts=same), traits(texts=same)) == Alike(12, NOON, True, 1.0)


def test_the_commonest_texts_are_kept(write: Callable[..., ScoredPost]) -> None:
    posts = [write(n, fingerprint=f"{n % 30:016x}") for n in range(45)]
    kept = common_texts(posts)
    assert common_texts(posts[::-1]) == kept
    assert len(kept) == TEXTS
    assert kept[:2] == ((f"{0:016x}", 2), (f"{1:016x}", 2))
    assert kept[15:17] == ((f"{15:016x}", 1), (f"{16:016x}", 1))


EFFECTIVE = st.floats(0, 1e5)


@given(EFFECTIVE, EFFECTIVE, st.integers(-200, 200))
def test_shape_is_the_same_seen_from_either_side(one: float, other: float, hours: int) -> None:
    first, second = traits(effective=one), traits(NOON + hours * HOUR, effective=other)
    assert alike(first, second) == alike(second, first)
