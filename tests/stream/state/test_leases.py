"""One holder at a time, on either database; whoever lost a lease is told before anything is kept."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from stream.errors import Fenced
from stream.process.holders import holder, this_machine
from stream.state.database import transaction
from stream.state.leases import check_lease, take_lease

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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
