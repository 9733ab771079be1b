"""Facts are read where they lie: state database, running stages, log, disk."""

from collections.abc import Callable
from datetime import datetime, timedelta
from os import utime
from pathlib import Path

from sqlalchemy import text, update
from yaml import safe_dump

from alerts.casefile.context import CaseContext
from alerts.incidents.facts import LettersFact, QuarantineFact
from alerts.notify.tables import OutboxRow
from alerts.rounds.stock import HISTORIES_EVERY, QuarantineCount, Stock, read_letters
from alerts.watch import Watcher
from stream.config import read_stream
from stream.engines import apply_topics, open_producer
from stream.errors import Rejected
from stream.log.broker import Partition, Record
from stream.log.quarantine import Quarantine
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from stream.process.running import StageState
from stream.state.database import reading, transaction
from stream.state.source_health import SourceHealth, SourceState
from tests.alerts.rounds.conftest import Machine

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WAIT = timedelta(minutes=30)


def test_current_sources_are_facts_and_retired_ones_are_not(context: CaseContext, stock: Stock, now: datetime) -> None:
    with transaction(context.engine) as session:
        session.add(SourceHealth(source="old", site="old", state="failed", retired_at=now))
        session.add(SourceHealth(source="feed", site="feed", state="partial", reason="3 × layout", read=7, norm=20.0))
    found = stock.take(now).sources
    assert [(one.name, one.state) for one in found] == [("bbs", SourceState.OK), ("feed", SourceState.PARTIAL)]
    assert (found[1].reason, found[1].read, found[1].norm) == ("3 × layout", 7, 20.0)


def test_topics_stages_and_the_pipeline_are_facts(
    stock: Stock, machine: Machine, tmp_path: Path, now: datetime
) -> None:
    alive = tmp_path / "var" / "alive" / "score"
    alive.parent.mkdir(parents=True)
    alive.touch()
    utime(alive, (now.timestamp() - 3600, now.timestamp() - 3600))
    machine.is_behind, machine.complete_until = True, now - HOUR
    facts = stock.take(now)
    assert facts.topics["outage"].name == "停电抢修"
    stages = {one.name: (one.state, one.last) for one in facts.stages}
    assert stages["score"] == (StageState.STOPPED, now - HOUR)
    assert stages["index"] == (StageState.NEVER, None)
    assert facts.complete_until == now - HOUR
    assert [disk.folder for disk in facts.disks] == [str(tmp_path / "var")]
    assert 0 < facts.disks[0].free < facts.disks[0].size


def test_letters_wait_as_long_as_no_channel_took_them(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    rumour(30)
    Watcher(context, [], "w").look(now)

    def read(moment: datetime) -> LettersFact:
        with reading(context.engine) as session:
            return read_letters(session, WAIT, moment)

    assert read(now + WAIT - MINUTE) == LettersFact()
    assert read(now + WAIT) == LettersFact(1, now, 0)
    with transaction(context.engine) as session:
        session.execute(update(OutboxRow).values(state="failed"))
    assert read(now + WAIT) == LettersFact(0, None, 1)
    assert read(now + 25 * HOUR) == LettersFact()
    with transaction(context.engine) as session:
        session.execute(update(OutboxRow).values(state="sent"))
    assert read(now + HOUR) == LettersFact()


def test_a_changed_history_is_found_within_the_hour(
    context: CaseContext, stock: Stock, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    rumour(30)
    Watcher(context, [], "w").look(now)
    assert stock.take(now).changed == ()
    with transaction(context.engine) as session:
        session.execute(text("UPDATE alert_event SET note = 'x'"))
    assert stock.take(now + HISTORIES_EVERY - MINUTE).changed == ()
    assert stock.take(now + HISTORIES_EVERY).changed == (1,)


def test_what_waits_in_quarantine_is_counted_and_what_came_lately(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    config = read_stream(tmp_path)
    count = QuarantineCount(config)
    assert count(now) in (None, QuarantineFact(0, 0))  # there is no log yet
    apply_topics(config)
    assert count(now) == QuarantineFact(0, 0)
    clock = ScriptedClock(now - 2 * HOUR)
    producer = open_producer(config, clock)
    quarantine = Quarantine(producer, clock, "score")
    record = Record(Partition("posts.raw", 0), 0, "k", b"{}", {}, now)
    quarantine.put([(record, Rejected("unreadable", "no JSON"))])
    clock.turn_to(now)
    quarantine.put([(record._replace(offset=1), Rejected("unreadable", "no JSON"))])
    producer.close()
    assert count(now) == QuarantineFact(2, 1)
    assert count(now + 2 * HOUR) == QuarantineFact(2, 0)
