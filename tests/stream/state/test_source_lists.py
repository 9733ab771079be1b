"""What is missing of a list, and where it is more than a site's own totals explain."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from stream.state.source_lists import Lacking, SourceList, lists_of_current, tolerated

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)


def board(source: str = "bbs", key: str = "3", name: str = "停电", **told: Any) -> SourceList:
    """A list that was read to its end."""
    given: dict[str, Any] = {"waiting": 0, "whole": True, "read_at": NOW}
    return SourceList(source=source, key=key, name=name, **(given | told))


def test_missing_is_what_the_site_counts_beyond_ours_and_never_less_than_nothing() -> None:
    one = board(threads_told=9, threads_held=7, posts_told=50, posts_held=53)
    assert (one.threads_missing, one.posts_missing) == (2, 0)


def test_what_nobody_tells_is_unknown_and_not_nothing() -> None:
    assert (board().threads_missing, board(posts_held=7).posts_missing) == (None, None)
    assert board(threads_held=7, posts_held=7).short is None


@pytest.mark.parametrize(
    ("told", "short"),
    [
        ({"threads_told": 45, "threads_held": 43}, None),
        ({"threads_told": 45, "threads_held": 42}, Lacking(3, 45)),
        ({"threads_told": 900, "threads_held": 891}, None),
        ({"threads_told": 900, "threads_held": 890}, Lacking(10, 900)),
        ({"threads_told": 45, "threads_held": 5, "waiting": 40}, None),  # they come by and by
        ({"threads_told": 45, "threads_held": 5, "waiting": 37}, Lacking(3, 45)),
        ({"posts_told": 27, "posts_held": 25}, None),  # as recorded: two of 27 hidden, eleven of 210 deleted
        ({"posts_told": 210, "posts_held": 199}, None),
        ({"posts_told": 210, "posts_held": 196}, Lacking(14, 210)),
        ({"posts_told": 210, "posts_held": 9, "waiting": 1}, None),
        ({"posts_told": 210, "posts_held": 9, "whole": False}, None),  # nobody wanted all
        ({"threads_told": 9, "threads_held": 0, "posts_told": 90, "posts_held": 0}, Lacking(9, 9)),
    ],
)
def test_a_list_is_short_where_more_is_missing_than_its_sites_totals_explain(
    told: dict[str, Any], short: Lacking | None
) -> None:
    assert board(**told).short == short


@given(told=st.integers(0, 10**7), part=st.sampled_from([0.01, 0.06]))
def test_a_part_is_tolerated_and_always_a_few(told: int, part: float) -> None:
    assert 2 <= tolerated(told, part) <= max(2, told * part + 1)


def test_lists_are_read_by_source_and_name_and_not_those_of_a_retired_one(engine: Engine) -> None:
    with transaction(engine) as session:
        for name, retired_at in (("b", None), ("a", None), ("old", NOW)):
            session.add(SourceHealth(source=name, site=name, state="ok", retired_at=retired_at))
        session.add_all(
            [board("b", "2"), board("b", "1"), board("a", "9", "电费"), board("a", "8", "乙"), board("old")]
        )
    found = lists_of_current(engine)
    assert {source: [one.key for one in lists] for source, lists in found.items()} == {"a": ["8", "9"], "b": ["1", "2"]}
    assert (found["b"][0].read_at, found["b"][0].complete_until) == (NOW, None)
