"""What a mail server, a network before it and two people at once can do to a letter."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, EventKind, EventRow, broken_link
from alerts.notify.channel import Unreachable
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from scripts.engines.process import free_ports
from stream.index.sqlite.posts import SqliteIndexReader
from stream.state.database import transaction
from stream.topics import Rule, TopicsConfig, WatchedTopic
from tests.alerts.notify.channels.test_channels import LETTER, NAME, Server
from tests.faults.rows.proxy import Proxy
from tests.faults.rows.running import until_true

CASES = 8


@pytest.fixture
def mailed() -> Iterator[tuple[Server, Proxy]]:
    """A mail server behind a network that we can spoil."""
    server, (port,) = Server(), free_ports(1)
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    with closing(Proxy(port)) as proxy:
        yield server, proxy
    controller.stop()


def channel(proxy: Proxy, seconds: float = 0.2) -> SmtpChannel:
    short = timedelta(seconds=seconds)
    config = SmtpConfig(host="127.0.0.1", port=proxy.port, tls="none", timeout=short, accept_timeout=short)
    return SmtpChannel(config, "wenfeng@example.com")


@pytest.mark.fault("F47")
def test_a_server_that_drips_is_left_when_the_letters_time_is_up(mailed: tuple[Server, Proxy]) -> None:
    server, proxy = mailed
    smtp = channel(proxy)
    with proxy.suffers(drip=0.1):  # never a whole timeout between two bytes
        began = time.monotonic()
        with pytest.raises(Unreachable):
            smtp.send("b@example.com", LETTER, NAME)
        assert time.monotonic() - began < 2 * smtp.longest.total_seconds() + 2
    assert server.kept == []
    until_true(lambda: bool(channel(proxy, 5).send("b@example.com", LETTER, NAME)), "the next letter does not go out")


@pytest.mark.fault("F43")
@pytest.mark.parametrize("weather", ["down", "silent", "lost"])
def test_a_broken_network_keeps_the_letter_for_later(mailed: tuple[Server, Proxy], weather: str) -> None:
    _, proxy = mailed
    with proxy.suffers(**{weather: True}), pytest.raises(Unreachable):
        channel(proxy).send("b@example.com", LETTER, NAME)
    assert channel(proxy, 5).send("b@example.com", LETTER, NAME)


@pytest.mark.fault("F49")
def test_who_acts_while_the_ladder_is_climbed_is_never_called_for_what_he_did(
    context: CaseContext, rumour: Callable[..., object], quiet_weeks: None, now: datetime, tmp_path: Path
) -> None:
    """Of every case at once one thread acknowledges what another one escalates: either comes first, never both ways."""
    rules = (Rule(any_of=("停电",)),)
    topics = {f"t{n}": WatchedTopic(name=f"话题{n}", owner="dispatch", rules=rules) for n in range(CASES)}
    context = replace(context, topics=TopicsConfig(topics=topics))
    rumour(150, topics=tuple(topics))  # topics of which nothing is known yet: enough for the absolute bar
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    watcher.look(now)
    late, together = now + timedelta(minutes=61), Barrier(2)

    def answer() -> None:  # a person's process has a reader of its own
        together.wait(30)
        with closing(SqliteIndexReader(tmp_path / "index.db")) as reader:
            for case in range(1, CASES + 1):
                act(replace(context, reader=reader), case, ActRequest("acknowledge", "张敏"), late)

    def climb() -> None:
        together.wait(30)
        watcher.escalate(late)
        watcher.deliver(late)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(answer), threads.submit(climb)]:
            done.result(120)
    watcher.escalate(late + timedelta(minutes=2))
    with transaction(context.engine) as session:
        assert len(session.scalars(select(CaseRow)).all()) == CASES
        for case in range(1, CASES + 1):
            events = session.scalars(select(EventRow).where(EventRow.case_id == case).order_by(EventRow.number)).all()
            kinds = [event.kind for event in events]
            assert broken_link(events) is None
            assert not {EventKind.WARNED, EventKind.ESCALATED} & set(kinds[kinds.index("acknowledge") :])
        letters = session.scalars(select(OutboxRow.message_id)).all()
        assert len(letters) == len(set(letters))
