from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.edge import to_post
from crawlers.pages.sighting import Sighting
from crawlers.pull.revisits import Absent, absent, next_visit, worth_sending
from stream.messages import Counts, Crawl, Kind, Post

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def post(kind: Kind = Kind.REPLY, text: str = "停电了", **given: object) -> Post:
    made = to_post(
        Sighting(native_id="pid:1", kind=kind, thread="pid:1", text=text),
        site="bbs",
        source="forum",
        voice_key=b"k",
        first_seen_at=NOW,
        observed_at=NOW,
        crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
    )
    return replace(made, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), HOUR),
        (DAY - HOUR, HOUR),
        (DAY, DAY),
        (7 * DAY, 7 * DAY),
        (30 * DAY - HOUR, 7 * DAY),
        (30 * DAY, None),
        (-HOUR, HOUR),
        (None, DAY),
    ],
)
def test_a_thread_is_read_again_the_more_rarely_the_older_it_is(age: timedelta | None, pause: timedelta | None) -> None:
    published_at = None if age is None else NOW - age
    assert next_visit(published_at, NOW) == (None if pause is None else NOW + pause)


@pytest.mark.parametrize(
    ("known", "seen", "worth"),
    [
        (None, post(), True),
        (post(), post(observed_at=NOW + HOUR), False),
        (post(), post(text="改了"), True),
        (post(), post(edited_at=NOW), True),
        (post(deleted_at=NOW), post(), True),
        (post(), post(counts=Counts(views=9)), False),  # a reply has no counters of its own
        (post(Kind.THREAD), post(Kind.THREAD, counts=Counts(views=9)), True),
        (post(Kind.THREAD, counts=Counts(views=9)), post(Kind.THREAD), False),  # unknown now is no news
    ],
)
def test_only_what_changed_is_worth_sending(known: Post | None, seen: Post, worth: bool) -> None:
    assert worth_sending(known, seen) is worth


def ids(*numbers: int) -> list[str]:
    return [f"pid:{number}" for number in numbers]


def found(gone: list[int], doubtful: list[int]) -> Absent:
    return Absent(frozenset(ids(*gone)), frozenset(ids(*doubtful)))


@pytest.mark.parametrize(
    ("known", "pages", "expected"),
    [
        ([1, 2, 3], [ids(1, 2, 3)], found([], [])),
        ([1, 2, 3], [ids(1, 3)], found([2], [])),
        ([1, 2, 3], [ids(1, 2)], found([3], [])),  # the last page was read, so nothing can be behind it
        ([1, 2, 3], [ids(2, 3)], found([1], [])),  # the opening post itself, shielded
        ([1, 2, 3, 4], [ids(1, 2), ids(4, 5)], found([], [3])),  # between two pages
        ([1, 2, 3], [ids(3, 1)], found([], [2])),  # newest first, or merged: no order to rely on
        ([1, 2], [[]], found([], [1, 2])),
        ([1, 2], [], found([], [1, 2])),
    ],
)
def test_an_absence_is_certain_only_where_the_post_would_have_had_to_stand(
    known: list[int], pages: list[list[str]], expected: Absent
) -> None:
    assert absent(ids(*known), pages) == expected
