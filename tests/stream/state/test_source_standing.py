"""How a source stands follows from its row and the time alone."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from stream.state.database import transaction
from stream.state.source_health import SourceHealth, SourceState
from stream.state.source_standing import (
    Condition,
    SourceDetails,
    SourceFact,
    StandingSign,
    current_facts,
    fact_of,
    judge,
    stale_after,
)

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def source(state: SourceState = SourceState.OK, **changes: Any) -> SourceFact:
    """A source that is read every hour and was read half an hour ago."""
    half = NOW - HOUR / 2
    given: dict[str, Any] = {
        "state_since": half, "started_at": half, "ended_at": half, "succeeded_at": half, "fresh_until": half + 2 * HOUR,
        "due_at": half + HOUR, "news_at": half, "pages": 9, "read": 9,
    }  # fmt: skip
    return SourceFact(name="bbs", state=state, **(given | changes))


@pytest.mark.parametrize(
    ("fact", "condition"),
    [
        (source(), Condition.WORKING),
        (SourceFact(name="new", state=SourceState.RUNNING), Condition.UNREAD),
        (source(SourceState.BLOCKED, reason="captcha"), Condition.BLOCKED),
        (source(SourceState.FAILED, failed_in_a_row=1), Condition.LATE),
        (source(SourceState.FAILED, failed_in_a_row=2), Condition.FAILED),
        (source(SourceState.FAILED, failed_in_a_row=1, fresh_until=NOW - HOUR), Condition.FAILED),
        (source(SourceState.FAILED, failed_in_a_row=1, fresh_until=None, succeeded_at=None), Condition.FAILED),
        (source(SourceState.FAILED, failed_in_a_row=1, pages=1, not_understood=1), Condition.CHANGED),
        (source(SourceState.FAILED, failed_in_a_row=1, pages=9, not_understood=1), Condition.LATE),
        (source(fresh_until=NOW - HOUR), Condition.SILENT),
        (source(due_at=NOW - HOUR), Condition.LATE),
        (source(due_at=NOW - timedelta(minutes=2)), Condition.WORKING),
        (source(SourceState.RUNNING, ended_state=SourceState.OK, due_at=NOW - HOUR), Condition.WORKING),
        (source(SourceState.RUNNING, ended_state=SourceState.BLOCKED), Condition.BLOCKED),
        (source(SourceState.RUNNING, started_at=NOW - DAY, fresh_until=None), Condition.SILENT),  # it was killed
        (source(SourceState.PARTIAL, reason="1 × layout", not_understood=1), Condition.INCOMPLETE),
        (source(SourceState.PARTIAL, reason="9 × layout", not_understood=9), Condition.CHANGED),
        (source(SourceState.PARTIAL, details=SourceDetails(lost=("教育",))), Condition.INCOMPLETE),
        (source(details=SourceDetails(short={"停电": (46, 130)})), Condition.INCOMPLETE),
        (source(norm=100.0, read=19), Condition.CHANGED),
        (source(read=30, filled=20, page_norm=8.0), Condition.CHANGED),
        (source(SourceState.PARTIAL, read=30, filled=20, page_norm=8.0), Condition.CHANGED),
        (source(read=32, filled=20, page_norm=8.0), Condition.WORKING),
        (source(read=9, filled=19, page_norm=8.0), Condition.WORKING),  # new threads, one post each
        (source(read=0, filled=5, page_norm=0.9), Condition.CHANGED),
        (source(read=0, filled=4, page_norm=8.0), Condition.WORKING),
        (source(norm=9.0, read=0), Condition.WORKING),
        (source(newest_at=datetime(2020, 1, 1, tzinfo=UTC)), Condition.SILENT),
        (source(news_at=NOW - 31 * DAY), Condition.SILENT),
        (source(news_at=NOW - 31 * DAY, fresh_until=None), Condition.WORKING),  # handed in when there is something
        (source(news_at=NOW - 31 * DAY, news_gap=20 * 86400.0), Condition.WORKING),
        (source(news_at=NOW - 8 * DAY, news_gap=3600.0), Condition.SILENT),
        (source(details=SourceDetails(empty=True)), Condition.SILENT),
        (source(expires_at=NOW + 3 * DAY), Condition.EXPIRING),
        (source(expires_at=NOW - DAY), Condition.EXPIRING),
        (source(expires_at=NOW + 30 * DAY), Condition.WORKING),
    ],
)
def test_each_thing_that_may_be_wrong_has_its_word(fact: SourceFact, condition: Condition) -> None:
    assert judge(fact, NOW).condition is condition


def test_it_is_told_since_when_and_why() -> None:
    blocked = judge(source(SourceState.BLOCKED, reason="captcha", rests_until=NOW + HOUR, state_since=NOW - DAY), NOW)
    assert (blocked.since, blocked.why) == (NOW - DAY, "captcha; left alone until 2026-11-28 15:00")
    stale = judge(source(newest_at=datetime(2020, 1, 1, tzinfo=UTC)), NOW)
    assert (stale.sign, stale.why) == (StandingSign.NEWS, "nothing new since 2020-01-01 08:00")
    lost = judge(source(SourceState.PARTIAL, reason="gone: 教育", details=SourceDetails(lost=("教育",))), NOW)
    assert (lost.sign, lost.why) == (StandingSign.LOST, "gone: 教育")
    short = judge(source(details=SourceDetails(short={"停电": (46, 130)}, short_since=NOW - DAY)), NOW)
    assert (short.sign, short.since, short.why) == (StandingSign.MISSING, NOW - DAY, "46 of 130 missing in 停电")
    empty = judge(source(read=30, filled=20, page_norm=8.0), NOW)
    assert (empty.sign, empty.why) == (StandingSign.PAGES, "30 posts on 20 pages, usually about 8.0 on each")


def test_the_most_telling_thing_is_said_first() -> None:
    everything = {
        "fresh_until": NOW - HOUR, "due_at": NOW - HOUR, "news_at": NOW - 99 * DAY, "expires_at": NOW + DAY,
    }  # fmt: skip
    assert judge(source(SourceState.BLOCKED, **everything), NOW).condition is Condition.BLOCKED
    assert judge(source(SourceState.FAILED, **everything), NOW).condition is Condition.FAILED
    assert judge(source(**everything), NOW).condition is Condition.SILENT


@pytest.mark.parametrize(("gap", "days"), [(None, 30), (60.0, 7), (86400.0, 8), (10 * 86400.0, 80), (99 * 86400.0, 90)])
def test_how_long_nothing_new_is_usual_is_learnt_within_bounds(gap: float | None, days: int) -> None:
    assert stale_after(gap) == days * DAY


names = st.text(min_size=1, max_size=9)


@given(
    lost=st.lists(names), short=st.dictionaries(names, st.tuples(st.integers(0, 99), st.integers(0, 99))),
    unknown=st.dictionaries(names, st.integers(0, 9)), empty=st.booleans(),
)  # fmt: skip
def test_details_are_read_as_they_were_written(
    lost: list[str], short: dict[str, tuple[int, int]], unknown: dict[str, int], empty: bool
) -> None:
    details = SourceDetails(lost=tuple(lost), short=short, short_since=NOW, unknown=unknown, empty=empty)
    row = SourceHealth(source="a", site="a", state="ok", details=details.encode())
    assert fact_of(row).details == details


def test_what_another_version_kept_of_lists_is_passed_over() -> None:
    row = SourceHealth(source="a", site="a", state="ok", details='{"lists": {"停电": [9, 4]}, "lost": ["教育"]}')
    assert fact_of(row).details == SourceDetails(lost=("教育",))


def test_of_very_many_names_only_so_many_are_kept() -> None:
    details = SourceDetails(lost=tuple(map(str, range(999))), unknown={str(n): n for n in range(999)})
    kept = json.loads(details.encode())
    assert (len(kept["lost"]), len(kept["unknown"])) == (200, 200)


def test_the_sources_that_are_configured_are_read_by_name(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(SourceHealth(source="b", site="b", state="running", ended_state="ok", norm=20.0, read=5))
        session.add(SourceHealth(source="a", site="a", state="partial", reason="x"))
        session.add(SourceHealth(source="old", site="old", state="ok", retired_at=NOW))
    first, second = current_facts(engine)
    assert (first.name, first.ended, first.details) == ("a", SourceState.PARTIAL, SourceDetails())
    assert (second.name, second.ended, second.drift) == ("b", SourceState.OK, 0.25)


def test_a_source_that_is_read_by_another_view_has_changed_since_it_is() -> None:
    details = SourceDetails(plainer={"lists": "archiver", "threads": "mobile"}, plainer_since=NOW - 3 * DAY)
    standing = judge(source(SourceState.PARTIAL, reason="9 × layout", not_understood=4, details=details), NOW)
    assert (standing.condition, standing.sign, standing.since) == (
        Condition.CHANGED,
        StandingSign.VIEW,
        NOW - 3 * DAY,
    )
    assert "2026-11-25 14:00: lists by the archiver view, threads by the mobile view" in standing.why
    row = SourceHealth(source="a", site="a", state="partial", details=details.encode())
    assert fact_of(row).details == details
