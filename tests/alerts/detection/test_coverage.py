"""Coverage is of the sources that are still configured and switched on."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from alerts.detection.coverage import coverage, gaps
from alerts.detection.signals import Coverage, silent_sources
from stream.state.database import transaction
from stream.state.source_health import SourceHealth

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
MONTH, HOUR = timedelta(days=30), timedelta(hours=1)


def noted(
    engine: Engine, name: str, *, success: datetime | None, fresh: datetime | None, retired: datetime | None
) -> None:
    with transaction(engine) as session:
        session.add(
            SourceHealth(
                source=name, site=name, state="ok", succeeded_at=success, fresh_until=fresh, retired_at=retired
            )
        )


def test_a_source_removed_a_month_ago_blinds_nothing(engine: Engine) -> None:
    noted(engine, "old_forum", success=NOW - MONTH, fresh=NOW - MONTH + HOUR, retired=NOW - MONTH)
    noted(engine, "forum", success=NOW, fresh=NOW + HOUR, retired=None)
    assert coverage(engine) == (Coverage("forum", NOW, NOW + HOUR),)
    assert silent_sources(coverage(engine), NOW) == ()


def test_a_source_that_is_configured_and_does_not_answer_is_silent(engine: Engine) -> None:
    noted(engine, "b", success=NOW - MONTH, fresh=NOW - MONTH + HOUR, retired=None)
    noted(engine, "a", success=None, fresh=None, retired=None)
    noted(engine, "file", success=NOW - MONTH, fresh=None, retired=None)
    assert [one.source for one in coverage(engine)] == ["a", "b", "file"]
    assert silent_sources(coverage(engine), NOW) == ("a", "b")


def test_no_source_is_no_coverage(engine: Engine) -> None:
    assert coverage(engine) == ()


def spans(*hours: tuple[int, int]) -> list[tuple[datetime, datetime]]:
    return [(NOW + since * HOUR, NOW + until * HOUR) for since, until in hours]


def test_half_of_the_sources_that_did_not_answer_make_a_gap_and_fewer_none() -> None:
    missed = {"a": spans((0, 4)), "b": spans((2, 6))}
    assert gaps(["a", "b"], missed, 0.5) == spans((0, 6))
    assert gaps(["a", "b"], missed, 1.0) == spans((2, 4))
    assert gaps(["a", "b", "c"], missed, 0.5) == spans((2, 4))
    assert gaps(["a", "b", "c", "d", "e"], missed, 0.5) == []


def test_only_the_sources_that_are_asked_about_make_gaps() -> None:
    missed = {"a": spans((0, 4), (8, 9)), "b": spans((2, 6))}
    assert gaps(["a"], missed, 0.5) == spans((0, 4), (8, 9))
    assert gaps(["c"], missed, 0.5) == []
    assert gaps([], missed, 0.5) == []
    assert gaps(["a"], {}, 0.5) == []


@given(
    st.dictionaries(
        st.sampled_from("abcd"), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=4), max_size=4
    ),
    st.sampled_from([0.3, 0.5, 0.75, 1.0]),
)
def test_an_hour_is_in_a_gap_where_enough_sources_did_not_answer_in_it(
    drawn: dict[str, list[tuple[int, int]]], share: float
) -> None:
    missed = {name: spans(*((since, since + length) for since, length in some)) for name, some in drawn.items()}
    found = gaps("abcd", missed, share)
    for hour in range(40):
        moment = NOW + hour * HOUR + HOUR / 2
        silent = sum(any(since <= moment < until for since, until in some) for some in missed.values())
        assert any(since <= moment < until for since, until in found) == (silent >= share * 4)
    assert all(before[1] < after[0] for before, after in pairwise(found))
