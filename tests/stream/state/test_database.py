import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing import get_context
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import Engine, Insert, event, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from stream.errors import Retryable
from stream.state.database import (
    Base,
    advisory_lock,
    disposing,
    migrate,
    open_state,
    reading,
    transaction,
    writing,
)
from stream.state.leases import LeaseRow, take_lease
from tests.databases import opened

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Moment(Base):
    __tablename__ = "test_moment"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]


def _lease(name: str) -> Insert:
    return insert(LeaseRow).values(name=name, holder="one", token=1, until=NOW)


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with transaction(engine) as session:
        assert session.query(LeaseRow).count() == 0


def test_a_time_comes_back_aware_and_equal(engine: Engine) -> None:
    Base.metadata.create_all(engine, tables=[Moment.__table__])  # type: ignore[list-item]
    told = NOW.astimezone(timezone(timedelta(hours=8)))
    with transaction(engine) as session:
        session.add_all([Moment(id=1, at=told), Moment(id=2, at=None)])
    with transaction(engine) as session:
        assert session.get_one(Moment, 1).at == told
        assert session.get_one(Moment, 1).at.tzinfo is UTC  # type: ignore[union-attr]
        assert session.get_one(Moment, 2).at is None


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    Base.metadata.create_all(engine, tables=[Moment.__table__])  # type: ignore[list-item]
    with pytest.raises(Exception, match="without a zone"), transaction(engine) as session:
        session.add(Moment(id=1, at=datetime(2026, 9, 1)))


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    def write_and_fail() -> None:
        with transaction(engine) as session:
            take_lease(session, "watch", "one", NOW, MINUTE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with transaction(engine) as session:
        assert session.query(LeaseRow).count() == 0


def test_statements_are_kept_together_or_not_at_all(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine) as connection:
            advisory_lock(connection, "leases")
            connection.execute(_lease("two"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with writing(engine) as connection:
        connection.execute(_lease("one"))
    assert _leases(engine) == ["one"]


def test_what_need_not_be_flushed_is_said_of_one_transaction_alone(engine: Engine) -> None:
    asked = "PRAGMA synchronous" if engine.dialect.name == "sqlite" else "SHOW synchronous_commit"
    told = []
    for flushed in (True, False, True):
        with writing(engine, flushed=flushed) as connection:
            told.append(connection.execute(text(asked)).scalar())
    assert told == ([2, 1, 2] if engine.dialect.name == "sqlite" else ["on", "off", "on"])


def test_what_was_not_flushed_outlives_a_process_that_is_killed(engine: Engine, state_url: str) -> None:
    process = get_context("spawn").Process(target=_write_and_be_killed, args=(state_url,))
    process.start()
    process.join()
    assert process.exitcode == -SIGKILL
    assert _leases(engine) == ["one"]


def _write_and_be_killed(url: str) -> None:
    with disposing(open_state(url)) as engine:
        with writing(engine, flushed=False) as connection:
            connection.execute(_lease("one"))
        os.kill(os.getpid(), SIGKILL)


def _leases(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [row.name for row in session.query(LeaseRow)]


def test_who_writes_statements_waits_for_who_writes_rows(tmp_path: Path) -> None:
    first, second = (open_state(f"sqlite:///{tmp_path}/state.db") for _ in range(2))
    migrate(first)
    event.listen(second, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1"))
    with disposing(first), disposing(second), transaction(first) as session:
        take_lease(session, "watch", "one", NOW, MINUTE)
        with pytest.raises(Retryable, match="locked"), writing(second) as connection:
            connection.execute(_lease("two"))


def test_what_is_done_alone_is_done_one_after_the_other(engine: Engine) -> None:
    Base.metadata.create_all(engine, tables=[Moment.__table__])  # type: ignore[list-item]

    def add_the_next(_: int) -> None:
        with transaction(engine) as session:
            advisory_lock(session, "moments")
            session.add(Moment(id=session.query(Moment).count() + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_the_next, range(24)))
    with reading(engine) as session:
        assert session.query(Moment).count() == 24


def test_who_reads_waits_for_no_writer(engine: Engine) -> None:
    with transaction(engine) as writing:
        take_lease(writing, "watch", "one", NOW, MINUTE)
        with reading(engine) as session:
            assert session.query(LeaseRow).count() == 0


def test_every_write_to_a_file_is_synchronous_and_in_the_write_ahead_log(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine, engine.begin() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
