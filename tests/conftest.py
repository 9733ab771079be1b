"""Budgets for Hypothesis and tracebacks (two busy cores; a slow draw is no failure); state databases of either kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from structlog.dev import ConsoleRenderer, plain_traceback

from tests.databases import Postgres, opened
from tests.engines import engine as address_of

settings.register_profile(
    "suite", max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
ConsoleRenderer.get_active().exception_formatter = plain_traceback  # the other draws every local, for a second each


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The test server; skipped without one, as tests/engines.py says."""
    server = Postgres(address_of("WENFENG_TEST_POSTGRES"))
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new state database is: every test that uses it, or `engine`, runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture
def engine(state_url: str) -> Iterator[Engine]:
    """A new state database with every table."""
    with opened(state_url, migrated=state_url.startswith("postgresql")) as engine:
        yield engine
