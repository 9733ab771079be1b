"""Marks of pages, slots of histograms, queries within a time: what both adapters build on."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.order import mark, rank, ranked_mark, read_mark, read_ranked_mark, slots, within
from stream.index.port import Axis, Order, Query
from tests.stream.scored import HOUR, NOON, SECOND

ID = "0123456789abcdef" * 2


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_mark_is_read_back_as_it_was_made(charted_at: int, id_: str) -> None:
    assert read_mark(mark(charted_at, id_)) == (charted_at, id_)


@pytest.mark.parametrize(
    "after",
    ["", ":", f"12:{ID}x", f"12:{ID[:-1]}", f"12:{ID.upper()}", ID, f"+1:{ID}", f"1.5:{ID}", f" 1:{ID}", f"1:{ID}\n",
     f"{10**16}:{ID}", f"１:{ID}", "1:'; DROP TABLE post; --"],
)  # fmt: skip
def test_what_is_no_mark_is_refused_with_the_remedy(after: str) -> None:
    with pytest.raises(Rejected, match="start again from the first page") as refused:
        read_mark(after)
    assert refused.value.reason == "query"


@given(st.text(max_size=60))
def test_any_text_is_a_mark_or_refused(after: str) -> None:
    try:
        charted_at, id_ = read_mark(after)
    except Rejected:
        return
    assert len(id_) == 32
    assert mark(charted_at, id_).endswith(id_)


@given(st.floats(0, 1) | st.none(), st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_ranked_mark_is_read_back_as_it_was_made(value: float | None, charted_at: int) -> None:
    ranked = rank(Order.NEGATIVE, value)
    mark_ = ranked_mark(Order.NEGATIVE, ranked, charted_at, ID)
    assert read_ranked_mark(Order.NEGATIVE, mark_) == (ranked, charted_at, ID)


@given(st.integers(0, 2**53 - 1))
def test_a_counter_is_ranked_as_it_is(value: int) -> None:
    assert rank(Order.REPLIES, value) == value
    assert read_ranked_mark(Order.REPLIES, ranked_mark(Order.REPLIES, float(value), 1, ID)) == (value, 1, ID)


def test_probabilities_are_ranked_as_finely_as_every_engine_keeps_them() -> None:
    assert rank(Order.NEGATIVE, 0.1) == rank(Order.NEGATIVE, 0.10000000001) < rank(Order.NEGATIVE, 0.1000001)
    assert rank(Order.NEGATIVE, None) == rank(Order.REPLIES, None) == -1.0


@given(st.text(max_size=60) | st.text("negative:replies.0123456789e-", max_size=60))
def test_any_text_is_a_ranked_mark_or_refused(after: str) -> None:
    for order in (Order.NEGATIVE, Order.REPLIES):
        with suppress(Rejected):
            assert len(read_ranked_mark(order, after)) == 3


@pytest.mark.parametrize(
    ("length", "step", "number"),
    [
        (HOUR, HOUR, 1),
        (HOUR, timedelta(minutes=15), 4),
        (HOUR + SECOND, HOUR, 2),
        (HOUR - SECOND, HOUR, 1),
        (timedelta(0), HOUR, 0),
        (-HOUR, HOUR, -1),
        (timedelta(milliseconds=3), timedelta(milliseconds=1), 3),
    ],
)
def test_a_histogram_has_as_many_slots_as_begin_before_its_end(length: timedelta, step: timedelta, number: int) -> None:
    assert slots(NOON, NOON + length, step) == number


@pytest.mark.parametrize("step", [timedelta(0), -HOUR, timedelta(microseconds=999)])
def test_a_step_no_engine_can_count_by_is_refused(step: timedelta) -> None:
    with pytest.raises(ValueError, match="a millisecond at least"):
        slots(NOON, NOON + HOUR, step)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_slots_cover_the_range_and_no_slot_lies_behind_it(length: int, step: int) -> None:
    number = slots(NOON, NOON + timedelta(seconds=length), timedelta(seconds=step))
    assert (number - 1) * step < length <= number * step


@pytest.mark.parametrize("axis", list(Axis))
def test_a_query_without_a_time_takes_that_of_the_histogram(axis: Axis) -> None:
    narrowed = within(Query(words="停电", sites=("bbs",)), axis, NOON, NOON + HOUR)
    assert (narrowed.words, narrowed.sites) == ("停电", ("bbs",))
    name = axis.value.removesuffix("_at")
    assert getattr(narrowed, f"{name}_since") == NOON
    assert getattr(narrowed, f"{name}_until") == NOON + HOUR
    other = "counted" if name == "charted" else "charted"
    assert getattr(narrowed, f"{other}_since") is None
    assert getattr(narrowed, f"{other}_until") is None


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize(
    ("since", "until"),
    [(-1, 2), (0, 1), (0.25, 0.75), (-5, -4), (3, 4)],
)
def test_a_query_is_only_ever_narrowed(axis: Axis, since: float, until: float) -> None:
    name = axis.value.removesuffix("_at")
    wide = {f"{name}_since": NOON + since * HOUR, f"{name}_until": NOON + until * HOUR}
    narrowed = within(Query(**wide), axis, NOON, NOON + HOUR)  # type: ignore[arg-type]
    assert getattr(narrowed, f"{name}_since") == max(NOON, wide[f"{name}_since"])
    assert getattr(narrowed, f"{name}_until") == min(NOON + HOUR, wide[f"{name}_until"])


def test_a_histogram_that_ends_before_it_begins_is_empty_and_no_error() -> None:
    assert list(range(slots(NOON, NOON - 5 * HOUR, HOUR))) == []


def test_times_of_any_zone_are_compared_as_moments() -> None:
    local = NOON.astimezone(UTC).replace(tzinfo=None)
    with pytest.raises(TypeError):
        slots(local, datetime(2026, 9, 22, tzinfo=UTC), HOUR)
