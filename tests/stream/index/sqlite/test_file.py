"""The index's file: made whole or refused in words, stepped forward from older versions, its rows in search order."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import ConfigError, Retryable
from stream.index.sqlite.file import HOUR, SLOT_BITS, first_row, hour_of, open_file, transaction
from stream.index.sqlite.tables import SCHEMA


def test_a_new_file_is_of_this_version_and_flushed_to_the_disk(tmp_path: Path) -> None:
    with closing(open_file(tmp_path / "a" / "b" / "index.db")) as connection:
        pragma = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in (
            "user_version", "journal_mode", "synchronous", "secure_delete")}  # fmt: skip
    assert pragma == {"user_version": SCHEMA, "journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    open_file(path).close()
    with closing(open_file(path)) as connection:
        before = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    with closing(open_file(path)) as connection:
        assert connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall() == before


@pytest.mark.parametrize("version", [0, SCHEMA + 1, 99])
def test_a_file_of_somebody_else_or_of_a_newer_program_is_refused_untouched(tmp_path: Path, version: int) -> None:
    path = tmp_path / "index.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (a)")
        other.execute(f"PRAGMA user_version = {version}")
        other.commit()
    with pytest.raises(ConfigError, match="not an index of version"):
        open_file(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


def test_what_is_no_database_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"not a database, but long enough to be looked at " * 100)
    with pytest.raises(ConfigError, match="fill it again from the log"):
        open_file(path)


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.db").mkdir()
    with pytest.raises(ConfigError, match=r"index\.db"):
        open_file(tmp_path / "index.db")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(ConfigError, match="var"):
        open_file(tmp_path / "var" / "index.db")


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write_and_fail(connection: sqlite3.Connection) -> None:
        with transaction(connection, "IMMEDIATE"):
            connection.execute("INSERT INTO erased VALUES ('a')")
            raise RuntimeError

    with closing(open_file(tmp_path / "index.db")) as connection:
        with pytest.raises(RuntimeError):
            write_and_fail(connection)
        assert not connection.in_transaction
        assert connection.execute("SELECT count(*) FROM erased").fetchone() == (0,)


def test_a_reader_sees_one_state_while_another_writes(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(open_file(path)) as reader, closing(open_file(path)) as writer, transaction(reader):
        assert reader.execute("SELECT count(*) FROM erased").fetchone() == (0,)
        with transaction(writer, "IMMEDIATE"):
            writer.execute("INSERT INTO erased VALUES ('a')")
        assert reader.execute("SELECT count(*) FROM erased").fetchone() == (0,)


def test_a_second_writer_waits_and_is_told_to_wait_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.file.BUSY", 0.05)
    path = tmp_path / "index.db"

    def write(connection: sqlite3.Connection) -> None:
        with transaction(connection, "IMMEDIATE"):
            raise AssertionError("two writers at once")

    with (
        closing(open_file(path)) as one,
        closing(open_file(path)) as other,
        transaction(one, "IMMEDIATE"),
        pytest.raises(Retryable) as waits,
    ):
        write(other)
    assert waits.value.after == 1.0


@given(st.integers(-(10**13), 10**13), st.integers(-(10**13), 10**13))
def test_rows_are_in_the_order_of_hours(one: int, other: int) -> None:
    assert hour_of(first_row(one)) == one // HOUR
    if one // HOUR < other // HOUR:
        assert first_row(one) + (1 << SLOT_BITS) <= first_row(other)


@given(st.integers(-(10**13), 10**13), st.integers(0, (1 << SLOT_BITS) - 1))
def test_every_slot_of_an_hour_is_of_that_hour(charted_at: int, slot: int) -> None:
    assert hour_of(first_row(charted_at) + slot) == hour_of(first_row(charted_at))


def test_the_greatest_time_that_travels_has_a_row_that_sqlite_holds() -> None:
    end_of_9999 = 253_402_300_799_999
    assert first_row(end_of_9999) + (1 << SLOT_BITS) < 1 << 63
