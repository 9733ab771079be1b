from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from alerts.claims.claim import Claim
from alerts.claims.tables import find_claim, insert_claim, lock_library, read_claims, retire_claim
from stream.state.database import reading, transaction
from tests.alerts.claims.conftest import NOW, TODAY


def test_a_claim_is_read_as_it_was_kept(engine: Engine, explosion: Claim) -> None:
    with transaction(engine) as session:
        lock_library(session)
        kept = insert_claim(session, replace(explosion, valid_until=TODAY))
    assert kept == replace(explosion, id=kept.id, valid_until=TODAY)
    with reading(engine) as session:
        assert find_claim(session, kept.id) == kept
        assert find_claim(session, kept.id + 1) is None
        assert read_claims(session) == [kept]


def test_a_retired_claim_is_listed_only_where_asked_for_and_keeps_its_first_day(
    engine: Engine, explosion: Claim
) -> None:
    with transaction(engine) as session:
        first, second = (insert_claim(session, explosion) for _ in range(2))
        retire_claim(session, first.id, NOW)
        retire_claim(session, first.id, NOW + timedelta(days=1))
    with reading(engine) as session:
        assert read_claims(session) == [second]
        assert [one.retired_at for one in read_claims(session, also_retired=True)] == [NOW, None]
