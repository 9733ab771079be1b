import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Mapped, mapped_column

from stream.errors import Fenced
from stream.process.holders import holder, this_machine
from stream.state.database import Base, LeaseRow, alone, check_lease, migrate, reading, take_lease, transaction
from tests.databases import opened

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Moment(Base):
    __tablename__ = "test_moment"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]


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


def test_a_lease_has_one_holder_until_it_ends(engine: Engine) -> None:
    with transaction(engine) as session:
        assert take_lease(session, "watch", "one", NOW, MINUTE)
        assert take_lease(session, "watch", "two", NOW + MINUTE / 2, MINUTE) is None
        assert take_lease(session, "watch", "one", NOW + MINUTE / 2, MINUTE)
        assert take_lease(session, "watch", "two", NOW + 2 * MINUTE, MINUTE)


def test_a_holder_of_this_machine_that_ended_is_not_waited_for(engine: Engine) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with transaction(engine) as session:
        first = take_lease(session, "watch", f"{this_machine()} {gone.pid}", NOW, MINUTE)
        assert first is not None
        assert take_lease(session, "watch", holder(), NOW, MINUTE)
        with pytest.raises(Fenced):
            check_lease(session, first)
        assert take_lease(session, "watch", "elsewhere 1", NOW, MINUTE) is None


def test_a_holder_that_lost_its_lease_is_fenced_even_if_it_comes_back(engine: Engine) -> None:
    with transaction(engine) as session:
        first = take_lease(session, "watch", "one", NOW, MINUTE)
        take_lease(session, "watch", "two", NOW + 2 * MINUTE, MINUTE)
        assert first is not None
        with pytest.raises(Fenced, match="held by two"):
            check_lease(session, first)
        again = take_lease(session, "watch", "one", NOW + 4 * MINUTE, MINUTE)
        assert again is not None
        check_lease(session, again)
        with pytest.raises(Fenced):
            check_lease(session, first)


def test_of_many_that_ask_for_a_new_lease_at_once_one_has_it(engine: Engine) -> None:
    def ask(holder: int) -> bool:
        with transaction(engine) as session:
            return take_lease(session, "watch", str(holder), NOW, MINUTE) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(16))) == 1


def test_what_is_done_alone_is_done_one_after_the_other(engine: Engine) -> None:
    Base.metadata.create_all(engine, tables=[Moment.__table__])  # type: ignore[list-item]

    def add_the_next(_: int) -> None:
        with transaction(engine) as session:
            alone(session, "moments")
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
