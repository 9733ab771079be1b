"""What belongs together is one wave, told once and remembered as long as a step can still belong to it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.detector import QUIET
from alerts.detection.series.waves import Crossing, Told, Wave, belongs, forget, remember, untold, waves

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

hours = st.lists(st.integers(0, 200), unique=True, min_size=1, max_size=30).map(sorted)


def crossing(hour: float, score: float = 6.0, *, fell: bool = False) -> Crossing:
    return Crossing(at=NOW + hour * HOUR, span=HOUR, score=score, threshold=5.0, counted=9, due=1, fell=fell)


def wave(*at: float, fell: bool = False) -> Wave:
    return Wave(tuple(crossing(hour, fell=fell) for hour in at))


def told(since: float, until: float, *, fell: bool = False) -> Told:
    return Told(NOW + since * HOUR, NOW + until * HOUR, fell)


def test_crossings_up_to_twelve_hours_apart_are_one_wave_and_further_apart_two() -> None:
    assert waves([crossing(0), crossing(12)]) == [wave(0, 12)]
    assert waves([crossing(0), crossing(12.1)]) == [wave(0), wave(12.1)]
    assert waves([]) == []


def test_a_wave_knows_its_ends_and_its_height() -> None:
    one = Wave((crossing(0, 6), crossing(1, 9), crossing(2, 7)))
    assert (one.first, one.peak, one.last) == (crossing(0, 6), crossing(1, 9), crossing(2, 7))


def test_a_topic_rose_again_where_an_hour_went_by_without_a_crossing() -> None:
    assert wave(0, 0.5, 1).runs == 1
    assert wave(0, 1, 1.5, 4).runs == 3


def test_what_fell_is_no_part_of_what_rose_though_they_overlap() -> None:
    up, down = [crossing(0), crossing(5)], [crossing(3, fell=True), crossing(14, fell=True)]
    assert waves(sorted(up + down, key=lambda one: one.at)) == [wave(0, 5), wave(3, 14, fell=True)]


def test_a_wave_is_the_told_one_or_goes_on_from_it_within_twelve_hours() -> None:
    assert belongs(wave(3, 4), told(3, 4))
    assert belongs(wave(16), told(3, 4))
    assert not belongs(wave(16.1), told(3, 4))
    assert belongs(wave(-9), told(3, 4))
    assert not belongs(wave(-9.1), told(3, 4))
    assert not belongs(wave(3, 4, fell=True), told(3, 4))


def test_a_told_wave_is_told_again_only_when_it_goes_on() -> None:
    assert untold([wave(0, 1)], [told(0, 1)]) == []
    assert untold([wave(0, 2)], [told(0, 1)]) == [wave(0, 2)]
    assert untold([wave(0, 1), wave(20)], [told(0, 1)]) == [wave(20)]
    assert untold([wave(0, 1, fell=True)], [told(0, 1)]) == [wave(0, 1, fell=True)]


def test_waves_that_a_late_one_joins_are_remembered_as_one() -> None:
    assert remember([told(0, 1), told(20, 21)], wave(10)) == (told(0, 21),)
    assert remember([told(0, 1)], wave(30)) == (told(0, 1), told(30, 30))
    assert remember([told(0, 1)], wave(1, fell=True)) == (told(0, 1), told(1, 1, fell=True))


def test_a_told_wave_is_forgotten_when_no_step_can_belong_to_it() -> None:
    kept = [told(0, 1), told(0, 4)]
    assert forget(kept, NOW + HOUR + QUIET) == tuple(kept)
    assert forget(kept, NOW + HOUR + QUIET + MINUTE) == (told(0, 4),)


@given(hours)
def test_every_crossing_is_in_one_wave_and_neighbouring_waves_are_apart(at: list[int]) -> None:
    found = waves(map(crossing, at))
    assert [one for group in found for one in group.crossings] == [crossing(hour) for hour in at]
    assert all(after.first.at - before.last.at > QUIET for before, after in pairwise(found))


@given(hours, st.randoms(use_true_random=False))
def test_once_told_in_any_order_nothing_is_untold_and_everything_is_known(at: list[int], chance: Random) -> None:
    found = waves(map(crossing, at))
    kept: tuple[Told, ...] = ()
    shuffled = list(found)
    chance.shuffle(shuffled)
    for one in shuffled:
        kept = remember(kept, one)
    assert untold(found, kept) == []
    assert [(one.since, one.until) for one in kept] == [(one.first.at, one.last.at) for one in found]


@given(hours, st.integers(1, 30))
def test_a_wave_that_is_told_as_it_grows_is_one_in_the_end(at: list[int], looks: int) -> None:
    """Whatever was seen of it at each look: what belongs together ends as one told span."""
    kept: tuple[Told, ...] = ()
    for seen in range(1, len(at) + 1, looks):
        for one in untold(waves(map(crossing, at[:seen])), kept):
            kept = remember(kept, one)
    for one in untold(waves(map(crossing, at)), kept):
        kept = remember(kept, one)
    assert [(one.since, one.until) for one in kept] == [(w.first.at, w.last.at) for w in waves(map(crossing, at))]
