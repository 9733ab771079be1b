"""The state database as an operator migrates and copies it, from file to file; tests/stream/state has the servers."""

from contextlib import closing
from sqlite3 import connect

import pytest

from stream.engines import open_state_engine
from stream.process.clock import SystemClock
from stream.state.database import disposing, reading, transaction
from stream.state.leases import take_lease
from stream.state.tombstones import bury, gone
from tests.stream.installation import DAY, Embedded
from tests.stream.scored import NOON


def erase(place: Embedded, *ids: str) -> None:
    with disposing(open_state_engine(place.config)) as engine:
        bury(engine, ids, NOON, reason="request")


def test_migrating_makes_the_database_and_may_be_done_again(place: Embedded) -> None:
    for _ in range(2):
        done = place.run("state", "migrate")
        assert (done.exit_code, done.stdout) == (0, "the state database is up to date\n")
    with closing(connect(place.var / "state.db")) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {"lease", "tombstone", "source_health", "review"} <= tables


def test_a_file_of_a_newer_program_is_refused_in_words(place: Embedded) -> None:
    place.run("state", "migrate")
    with closing(connect(place.var / "state.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    refused = place.run("state", "migrate")
    assert refused.exit_code == 78
    assert "of a newer program" in refused.stderr


def test_a_copy_has_every_row_and_says_so_table_by_table(place: Embedded) -> None:
    erase(place, "a" * 32, "b" * 32)
    place.write("state: sqlite:new.db")
    done = place.run("state", "copy", "sqlite:state.db")
    assert (done.exit_code, done.stderr) == (0, "")
    *tables, last = done.stdout.splitlines()
    assert last == "everything is there and the same"
    assert next(line for line in tables if line.startswith("tombstone\t")).split("\t")[1] == "2 rows"
    with disposing(open_state_engine(place.config)) as engine, reading(engine) as session:
        assert gone(session, ["a" * 32, "c" * 32], NOON) == {"a" * 32}


def test_an_origin_that_does_not_exist_is_refused_and_not_made(place: Embedded) -> None:
    refused = place.run("state", "copy", "sqlite:olt.db")
    assert (refused.exit_code, refused.stderr) == (1, f"no_such_file: {place.var / 'olt.db'}\n")
    assert not list(place.var.glob("*.db"))


def test_the_state_that_is_in_use_is_no_origin_of_itself(place: Embedded) -> None:
    place.run("state", "migrate")
    refused = place.run("state", "copy", "sqlite:./state.db")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("same_state: sqlite:./state.db is the state that stream.yml names")


def test_a_database_with_rows_in_it_is_no_target(place: Embedded) -> None:
    erase(place, "a" * 32)
    place.write("state: sqlite:new.db")
    assert place.run("state", "copy", "sqlite:state.db").exit_code == 0
    again = place.run("state", "copy", "sqlite:state.db")
    assert again.exit_code == 1
    assert again.stderr.startswith("not_empty: there are rows already in tombstone")


def test_a_state_that_a_stage_still_holds_is_not_copied(place: Embedded) -> None:
    with disposing(open_state_engine(place.config)) as engine, transaction(engine) as session:
        take_lease(session, "watch", "elsewhere 1", SystemClock().now(), DAY)
    place.write("state: sqlite:new.db")
    refused = place.run("state", "copy", "sqlite:state.db")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("in_use: elsewhere 1 still holds watch: stop every stage")


@pytest.mark.parametrize("words", [(), ("sqlite:a", "sqlite:b")])
def test_a_copy_has_one_origin(place: Embedded, words: tuple[str, ...]) -> None:
    assert place.run("state", "copy", *words).exit_code == 2
