"""When the sources did not answer, as those ask who must not learn from such hours."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from stream.state.database import reading, transaction
from stream.state.source_health import (
    SourceGap,
    SourceHealth,
    SourceState,
    Span,
    gaps,
    remove_gaps,
    unanswered,
)
from tests.databases import opened

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def spans(*told: tuple[float, float]) -> tuple[Span, ...]:
    return tuple((at(start), at(end)) for start, end in told)


def source(
    engine: Engine, name: str, succeeded: float | None, fresh: float | None = None, retired: float | None = None
) -> None:
    """A source that last answered, is fresh until and is retired since so many hours after `NOW`."""
    with transaction(engine) as session:
        session.add(
            SourceHealth(
                source=name,
                site="bbs",
                state=SourceState.OK,
                succeeded_at=None if succeeded is None else at(succeeded),
                fresh_until=None if fresh is None else at(fresh),
                retired_at=None if retired is None else at(retired),
            )
        )


def silent(engine: Engine, name: str, *told: tuple[float, float]) -> None:
    with transaction(engine) as session:
        session.add_all(SourceGap(source=name, since=at(start), until=at(end)) for start, end in told)


def test_gaps_that_overlap_are_told_by_source_and_time(engine: Engine) -> None:
    silent(engine, "two", (-9, -8), (-3, -2))
    silent(engine, "one", (-5, -4), (-20, -10), (-1, 1))
    with reading(engine) as session:
        found = [(gap.source, gap.since, gap.until) for gap in gaps(session, at(-10), at(-1))]
    assert found == [("one", at(-5), at(-4)), ("two", at(-9), at(-8)), ("two", at(-3), at(-2))]


def test_a_source_that_answers_is_not_named(engine: Engine) -> None:
    source(engine, "fresh", -1, 1)
    source(engine, "just so", -1, 0)
    source(engine, "without a rhythm", -99)
    assert unanswered(engine, at(-24), NOW) == {}


def test_closed_gaps_and_the_one_that_lasts_are_told_clipped_to_what_was_asked(engine: Engine) -> None:
    source(engine, "late", -2, -1)
    silent(engine, "late", (-30, -20), (-10, -9), (-50, -40))
    assert unanswered(engine, at(-24), NOW) == {"late": spans((-24, -20), (-10, -9), (-2, 0))}


def test_gaps_that_meet_are_one(engine: Engine) -> None:
    source(engine, "late", -2, -1)
    silent(engine, "late", (-8, -6), (-6, -2))
    assert unanswered(engine, at(-24), NOW) == {"late": spans((-8, 0))}


def test_a_moment_that_was_is_judged_by_what_was_silent_then(engine: Engine) -> None:
    source(engine, "back", -1, 1)
    silent(engine, "back", (-8, -1))
    assert unanswered(engine, at(-24), at(-4)) == {"back": spans((-8, -4))}
    assert unanswered(engine, at(-24), at(-8)) == {}


def test_a_retired_source_is_waited_for_by_nobody(engine: Engine) -> None:
    source(engine, "gone", -30, -29, retired=-2)
    silent(engine, "gone", (-50, -30))
    silent(engine, "nobody knows it", (-9, -8))
    assert unanswered(engine, at(-99), NOW) == {}


def test_a_source_that_never_answered_makes_no_hour_less_than_it_was(engine: Engine) -> None:
    source(engine, "never", None)
    assert unanswered(engine, at(-24), NOW) == {}


def test_gaps_past_their_time_are_told_and_then_removed(engine: Engine) -> None:
    silent(engine, "one", (-30, -20), (-10, -9), (-25, -8))
    assert remove_gaps(engine, at(-9), dry=True) == remove_gaps(engine, at(-9)) == 1
    assert remove_gaps(engine, at(-9)) == 0
    with reading(engine) as session:
        assert [gap.since for gap in gaps(session, at(-99), NOW)] == [at(-25), at(-10)]


@pytest.fixture(scope="module")
def one_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all examples, which begin by emptying it."""
    folder: Path = tmp_path_factory.mktemp("state")
    with opened(f"sqlite:///{folder / 'state.db'}") as engine:
        yield engine


@settings(max_examples=50)
@given(
    told=st.lists(st.tuples(st.integers(-40, 10), st.integers(1, 30)), max_size=8, unique_by=lambda one: one[0]),
    answered=st.integers(-40, 0),
)
def test_an_hour_is_unanswered_if_any_gap_has_it_and_never_twice(
    one_engine: Engine, told: Sequence[tuple[int, int]], answered: int
) -> None:
    with transaction(one_engine) as session:
        for row in (*session.query(SourceGap), *session.query(SourceHealth)):
            session.delete(row)
    source(one_engine, "one", answered, answered + 2)
    silent(one_engine, "one", *((start, start + long) for start, long in told))
    found = unanswered(one_engine, at(-24), NOW).get("one", ())
    known = [*((start, start + long) for start, long in told), *([(answered, 0)] if answered < -2 else [])]
    for hour in range(-24, 0):
        holding = [one for one in found if one[0] <= at(hour) < one[1]]
        assert len(holding) == any(start <= hour < end for start, end in known)
    assert all(at(-24) <= start < end <= NOW for start, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
