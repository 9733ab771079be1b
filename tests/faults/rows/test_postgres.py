"""The state database's deaths, on a PostgreSQL of our own: what was acknowledged is there, and nothing half of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.outbox import Attempt, Outcome
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.errors import Retryable
from stream.state.database import open_state, transaction
from stream.state.tombstones import TombstoneRow, bury
from tests.databases import Postgres, opened
from tests.faults.rows.private import PrivateEngine
from tests.faults.rows.proxy import Proxy
from tests.faults.rows.running import meanwhile, until_done, until_true
from tests.stream.scored import NOON

pytestmark = pytest.mark.slow

COUNT = 120


@pytest.fixture
def own_state(own_postgres: PrivateEngine) -> Iterator[str]:
    server = Postgres(own_postgres.address)
    with server.database() as url:
        yield url
    server.close()


@pytest.fixture
def engine(own_state: str) -> Iterator[Engine]:
    """In the place of the suite's: the context, too, works on the server that is killed."""
    with opened(own_state) as engine:
        yield engine


@pytest.fixture
def proxy(own_state: str) -> Iterator[Proxy]:
    port = make_url(own_state).port
    assert port is not None
    with closing(Proxy(port)) as proxy:
        yield proxy


def written_through(
    url: str, suffering: Callable[[], AbstractContextManager[None]], seconds: float
) -> tuple[set[str], set[str]]:
    """What was acknowledged and what is there, of `COUNT` transactions of two rows with an outage in their midst."""
    engine, told = open_state(url), set[str]()

    def outage() -> None:
        until_true(lambda: len(told) >= COUNT // 4, "no transaction is done")
        with suffering():
            time.sleep(seconds)

    with meanwhile(outage):
        for number in range(COUNT):
            until_done(lambda number=number: bury(engine, [f"a{number}", f"b{number}"], NOON, reason="test"))  # type: ignore[misc]
            told.add(f"a{number}")
            time.sleep(0.005)
    with transaction(engine) as session:
        there = set(session.scalars(select(TombstoneRow.post_id)))
    engine.dispose()
    return told | {name.replace("a", "b") for name in told}, there


@pytest.mark.parametrize("how", ["killed", "frozen", "cut off", "slow", "connections ended"])
@pytest.mark.fault("F16")
def test_every_transaction_is_there_whole_whatever_happens_to_the_server(
    own_postgres: PrivateEngine, own_state: str, proxy: Proxy, how: str
) -> None:
    @contextmanager
    def ended() -> Iterator[None]:
        operator = create_engine(own_state, isolation_level="AUTOCOMMIT")
        with operator.connect() as connection:
            ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wenfeng'"
            connection.execute(text(ours))
        operator.dispose()
        yield

    suffering: dict[str, Callable[[], AbstractContextManager[None]]] = {
        "killed": own_postgres.dead,
        "frozen": own_postgres.frozen,
        "cut off": lambda: proxy.suffers(down=True),
        "slow": lambda: proxy.suffers(delay=0.1),
        "connections ended": ended,
    }
    far = make_url(own_state).set(port=proxy.port).render_as_string(hide_password=False)
    acknowledged, there = written_through(far, suffering[how], 1)
    assert there == acknowledged
    assert len(there) == 2 * COUNT


@pytest.mark.fault("F5")
def test_a_database_killed_between_case_and_letter_leaves_one_case_and_one_letter(
    own_postgres: PrivateEngine, engine: Engine, context: CaseContext, quiet_weeks: None, rumour: Callable[..., object],
    now: datetime, tmp_path: Path,
) -> None:  # fmt: skip
    folder = tmp_path / "letters"
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=folder))], "w")
    rumour(30)
    with own_postgres.dead(), pytest.raises(Retryable):
        watcher.look(now)
    until_done(lambda: watcher.look(now))
    with own_postgres.dead(), pytest.raises(Retryable):
        watcher.deliver(now)
    sent: list[Attempt] = []
    until_done(lambda: sent.extend(watcher.deliver(now + timedelta(hours=1))))
    assert [attempt.outcome for attempt in sent] == [Outcome.SENT]
    with transaction(engine) as session:
        assert len(session.scalars(select(CaseRow)).all()) == len(session.scalars(select(OutboxRow)).all()) == 1
    assert len(list(folder.iterdir())) == 1
