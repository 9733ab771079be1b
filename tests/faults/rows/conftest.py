"""Engines of this folder's own, one of each for all its tests: they are killed, frozen, cut off and filled here."""

from collections.abc import Iterator

import pytest

from tests.alerts.conftest import config, context, index, now, quiet_weeks, rumour, write
from tests.faults.rows.private import PrivateEngine, private

__all__ = ["config", "context", "index", "now", "quiet_weeks", "rumour", "write"]


@pytest.fixture(scope="session")
def own_kafka() -> Iterator[PrivateEngine]:
    with private("kafka") as engine:
        yield engine


@pytest.fixture(scope="session")
def own_elastic() -> Iterator[PrivateEngine]:
    with private("elastic") as engine:
        yield engine


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[PrivateEngine]:
    with private("postgres") as engine:
        yield engine
