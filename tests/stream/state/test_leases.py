"""One holder at a time, on either database; whoever lost a lease is told before anything is kept."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from stream.errors import Fenced
from stream.process.holders import holder, this_machine
from stream.state.database import reading, transaction
from stream.state.leases import Lease, LeaseRow, check_lease, give_lease, take_lease
from tests.databases import opened

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


def test_a_lease_that_is_given_back_is_not_waited_for_and_only_its_holder_gives_it(engine: Engine) -> None:
    with transaction(engine) as session:
        first = take_lease(session, "watch", "one", NOW, MINUTE)
        assert first is not None
        give_lease(session, Lease("watch", "two", 1), NOW)
        assert take_lease(session, "watch", "two", NOW, MINUTE) is None
        give_lease(session, first, NOW)
        assert take_lease(session, "watch", "two", NOW, MINUTE)
        give_lease(session, first, NOW)
        assert take_lease(session, "watch", "one", NOW, MINUTE) is None


def test_of_many_that_ask_for_a_new_lease_at_once_one_has_it(engine: Engine) -> None:
    def ask(holder: int) -> bool:
        with transaction(engine) as session:
            return take_lease(session, "watch", str(holder), NOW, MINUTE) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(16))) == 1


def test_a_new_lease_begins_with_the_first_token(engine: Engine) -> None:
    with transaction(engine) as session:
        assert take_lease(session, "watch", "one", NOW, MINUTE) == Lease("watch", "one", 1)


def test_who_renews_keeps_the_token_and_who_takes_over_has_the_next(engine: Engine) -> None:
    with transaction(engine) as session:
        for number in range(3):
            renewed = take_lease(session, "watch", "one", NOW + number * MINUTE, MINUTE)
            assert renewed == Lease("watch", "one", 1)
        assert take_lease(session, "watch", "two", NOW + 3 * MINUTE, MINUTE) == Lease("watch", "two", 2)


def test_a_lease_ends_with_its_last_moment(engine: Engine) -> None:
    with transaction(engine) as session:
        take_lease(session, "watch", "one", NOW, MINUTE)
        just_before = NOW + MINUTE - timedelta(microseconds=1)
        assert take_lease(session, "watch", "two", just_before, MINUTE) is None
        assert take_lease(session, "watch", "two", NOW + MINUTE, MINUTE) is not None


def test_leases_of_other_names_are_other_leases(engine: Engine) -> None:
    with transaction(engine) as session:
        assert take_lease(session, "watch", "one", NOW, MINUTE)
        assert take_lease(session, "send", "two", NOW, MINUTE)
        with pytest.raises(Fenced, match="lease gone is held by nobody"):
            check_lease(session, Lease("gone", "one", 1))


def test_a_lease_that_ran_out_and_that_nobody_took_still_holds(engine: Engine) -> None:
    with transaction(engine) as session:
        lease = take_lease(session, "watch", "one", NOW, MINUTE)
        assert lease is not None
        assert take_lease(session, "watch", "one", NOW + 10 * MINUTE, MINUTE) == lease
        check_lease(session, lease)


def test_what_a_fenced_holder_wrote_in_the_same_transaction_is_not_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        first = take_lease(session, "watch", "one", NOW, MINUTE)
        take_lease(session, "watch", "two", NOW + 2 * MINUTE, MINUTE)
    assert first is not None

    def write_as_the_first() -> None:
        with transaction(engine) as session:
            take_lease(session, "another", "one", NOW, MINUTE)
            check_lease(session, first)

    with pytest.raises(Fenced):
        write_as_the_first()
    with reading(engine) as session:
        assert [row.name for row in session.query(LeaseRow)] == ["watch"]


@given(st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), st.integers(0, 90)), max_size=30))
def test_whoever_asks_in_whatever_order_two_never_hold_at_once(asked: list[tuple[str, int]]) -> None:
    """Against a model: a holder until a time; the token counts the changes of holder."""
    with opened("sqlite://") as engine, transaction(engine) as session:
        held: tuple[str, datetime, int] | None = None
        now = NOW
        for who, seconds in asked:
            now += timedelta(seconds=seconds)
            lease = take_lease(session, "watch", who, now, MINUTE)
            if held is None or held[0] == who or held[1] <= now:
                token = 1 if held is None else held[2] + (held[0] != who)
                assert lease == Lease("watch", who, token)
                held = who, now + MINUTE, token
            else:
                assert lease is None
