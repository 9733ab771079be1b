"""How the SQLite index comes to its counts: by one statement that reads the times it was asked for, and no others."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from stream.index.port import Axis, Query
from stream.index.sqlite.counts import Counting
from stream.index.sqlite.file import open_file
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Precision
from tests.stream.scored import HOUR, NOON, SECOND, scored

STEP = timedelta(minutes=5)
RANGES = {
    Axis.COUNTED: "SEARCH p USING INDEX post_by_counted (counted_at>? AND counted_at<?)",
    Axis.CHARTED: "SEARCH p USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
}


def asked(connection: sqlite3.Connection, query: Query, axis: Axis) -> list[str]:
    """The statements of a tally over an hour."""
    told: list[str] = []
    connection.set_trace_callback(told.append)
    Counting(query, axis, NOON, NOON + HOUR, STEP).tally(connection)
    connection.set_trace_callback(None)
    return told


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [step[-1] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


@pytest.mark.parametrize("axis", Axis)
def test_all_topics_are_one_statement_over_the_range_of_times(tmp_path: Path, axis: Axis) -> None:
    with closing(open_file(tmp_path / "index.db")) as connection:
        for query in (Query(), Query(precisions=(Precision.DAY,))):
            (statement,) = asked(connection, query, axis)
            steps = plan(connection, statement)
            assert steps[:2] == [RANGES[axis], "SEARCH t USING PRIMARY KEY (row=?)"]
            assert not [step for step in steps if step.startswith("SCAN")]


@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize("number", [1, 2, 10_000])
def test_some_topics_are_read_without_the_posts_of_others_times(tmp_path: Path, axis: Axis, number: int) -> None:
    with closing(open_file(tmp_path / "index.db")) as connection:
        (statement,) = asked(connection, Query(topics=tuple(f"t{n}" for n in range(number))), axis)
        assert not [step for step in plan(connection, statement) if step.startswith("SCAN")]


def test_a_tally_sees_one_state_of_the_file_and_no_transaction_is_left(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(number, at=NOON + number * SECOND) for number in range(9)])
        for number in range(9, 12):
            told = reader.tally(Query(), Axis.COUNTED, NOON, NOON + HOUR, STEP)
            assert [bucket.total for bucket in told["food"]] == [number]
            writer.put([scored(number, at=NOON + number * SECOND)])


def test_the_steps_of_a_tally_and_of_a_histogram_begin_at_the_same_times(tmp_path: Path) -> None:
    start = NOON + timedelta(microseconds=1)  # which no engine keeps: the first whole millisecond after it begins
    with closing(SqliteIndexWriter(tmp_path / "index.db")) as writer:
        writer.put([scored(1), scored(2, at=NOON + timedelta(milliseconds=1)), scored(3, at=NOON + STEP)])
    with closing(open_file(tmp_path / "index.db")) as connection:
        counting = Counting(Query(), Axis.COUNTED, start, NOON + HOUR, STEP)
        first, *rest = counting.histogram(connection)
        assert (first.start, first.total, sum(one.total for one in rest)) == (start, 2, 0)
        assert counting.tally(connection) == {"food": [first]}
