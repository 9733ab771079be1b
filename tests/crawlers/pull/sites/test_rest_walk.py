from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.observation import Observation
from crawlers.pages.wordpress.address import BY_ID, Listing
from crawlers.pages.wordpress.rest import RestPage
from crawlers.pull.sites.rest_walk import ListReading, for_guests, has_rested, is_off, next_sweep, not_for_guests
from stream.messages import Kind

NOW = datetime(2026, 11, 19, 6, tzinfo=UTC)


def page(*numbers: int, total: int | None = 4, pages: int | None = 2, withheld: int = 0) -> RestPage:
    shown = tuple(Observation(native_id=f"comment:{one}", kind=Kind.COMMENT, thread="post:1") for one in numbers)
    return RestPage(observations=shown, total=total, pages=pages, withheld=withheld)


def reading(may_stop: bool = False, sweep: bool = False) -> ListReading:
    return ListReading(listing=Listing.COMMENTS, may_stop=may_stop, sweep=sweep)


def test_the_first_reading_goes_to_the_end() -> None:
    one = reading()
    assert one.follow(page(1, 2), news=False)
    assert (one.number, one.ended) == (2, False)
    assert not one.follow(page(3, 4), news=True)
    assert (one.ended, one.steady, one.size) == (True, True, 100)
    assert one.gone(["comment:4", "comment:9"]) == ({"comment:9"}, True)


def test_a_later_one_stops_where_nothing_is_new() -> None:
    one = reading(may_stop=True)
    assert one.follow(page(9, 8, pages=9), news=True)
    assert not one.follow(page(7, 6, pages=9), news=False)
    assert (one.ended, one.size, one.gone(["comment:1"])) == (False, 20, (frozenset(), False))


def test_a_sweep_goes_on_by_id_whatever_is_new() -> None:
    one = reading(may_stop=True, sweep=True)
    assert one.follow(page(1, 2), news=False)
    assert (one.order, one.size) == (BY_ID, 100)


def test_without_totals_a_list_ends_at_an_empty_page() -> None:
    one = reading()
    assert one.follow(page(1, total=None, pages=None), news=True)
    assert one.follow(page(total=None, pages=None, withheld=1), news=False)
    assert not one.follow(page(total=None, pages=None), news=False)
    assert (one.ended, one.steady) == (True, False)  # nothing tells whether rows slipped


def test_a_page_that_repeats_ends_nothing() -> None:
    one = reading()
    one.follow(page(1, 2), news=True)
    assert not one.follow(page(1, 2), news=False)
    assert one.gone(["comment:3"]) == (frozenset(), False)


def test_what_is_missing_while_the_total_moves_is_doubtful() -> None:
    one = reading()
    one.follow(page(1, 2), news=True)
    one.follow(page(4, total=3), news=True)
    assert one.gone(["comment:3", "comment:4"]) == ({"comment:3"}, False)


def test_a_list_that_shows_nothing_has_lost_nothing() -> None:
    one = reading()
    assert not one.follow(page(total=0, pages=0), news=False)
    assert one.gone(["comment:3"]) == (frozenset(), False)


@pytest.mark.parametrize(
    ("counters", "total", "known", "off"),
    [
        (None, 4, 4, True),
        ("0", 4, 4, False),
        ("1", 5, 4, False),
        ("0", 5, 4, True),
        ("0", 3, 4, True),
        ("None", None, 4, False),
    ],
)
def test_a_total_that_moved_against_what_is_known_is_off(
    counters: str | None, total: int | None, known: int, off: bool
) -> None:
    assert is_off(counters, total, known) is off


def test_what_the_site_keeps_to_itself_is_not_missing() -> None:
    assert not_for_guests(10, 7) == 3
    assert not_for_guests(None, 7) is None
    assert [for_guests(told, 12) for told in ("3", "-1", None, "None")] == [9, 12, 12, 12]


def test_a_long_list_is_not_read_again_at_every_deletion() -> None:
    assert has_rested(500, None, NOW)
    assert has_rested(500, NOW - timedelta(minutes=10), NOW)
    assert not has_rested(100_000, NOW - timedelta(hours=23), NOW)
    assert has_rested(100_000, NOW - timedelta(days=1), NOW)


def test_a_long_list_is_swept_less_often() -> None:
    assert next_sweep(None, NOW) == next_sweep(5_000, NOW) == NOW + timedelta(days=1)
    assert next_sweep(50_000, NOW) == NOW + timedelta(days=5)


@given(st.lists(st.integers(1, 60), unique=True, max_size=40), st.integers(1, 10), st.sets(st.integers(1, 60)))
def test_whoever_reads_to_the_end_of_a_list_that_stands_still_knows_what_is_gone(
    listed: list[int], size: int, known: set[int]
) -> None:
    one = reading(sweep=True)
    pages = max(1, -(-len(listed) // size))
    rounds = 0
    while one.follow(
        page(*listed[(one.number - 1) * size : one.number * size], total=len(listed), pages=pages), news=False
    ):
        rounds += 1
    gone, certain = one.gone([f"comment:{number}" for number in known])
    assert rounds == pages - 1
    if listed:
        assert (gone, certain) == ({f"comment:{number}" for number in known - set(listed)}, True)
    else:
        assert (gone, certain) == (frozenset(), False)


def test_a_page_of_withheld_rows_alone_is_no_end_where_no_total_tells_one() -> None:
    one = reading()
    assert one.follow(page(total=None, pages=None, withheld=100), news=False)
    assert (one.number, one.ended) == (2, False)


def test_a_total_that_comes_late_or_goes_missing_leaves_what_is_missing_doubtful() -> None:
    for totals in ([None, 4], [4, None]):
        one = reading()
        for total, numbers in zip(totals, [(1, 2), (3, 4)], strict=True):
            one.follow(page(*numbers, total=total, pages=2), news=True)
        assert one.gone(["comment:9"]) == ({"comment:9"}, False)
        assert one.total == 4
