"""A watcher that was away, blind, killed or set back judges what one would that never was."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine, select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, EventKind, EventRow
from alerts.detection.kept import TopicMemoryRow, WatchMemoryRow
from alerts.detection.signals import Reason, State
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.tables import OutboxRow
from alerts.watch import Seen, Watcher
from alerts.workflow.cases import Correlation
from stream.errors import Retryable
from stream.index.port import Reader
from stream.messages import ScoredPost
from stream.process.failpoints import VARIABLE
from stream.state.database import reading, transaction
from stream.state.source_health import SourceHealth
from tests.databases import opened

ROOT = Path(__file__).parents[3]
KILLED = ROOT / "tests" / "alerts" / "killed_watch.py"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

Rumour = Callable[..., list[ScoredPost]]

pytestmark = pytest.mark.usefixtures("quiet_weeks")


@dataclass(frozen=True)
class Remembered:
    """All that a watcher leaves behind of a topic: what was told, what it taught, how far it is judged, its cases."""

    told: str
    began_at: datetime
    settled_until: datetime | None
    numbers: bytes
    judged_until: datetime
    cases: Sequence[datetime]
    letters: int
    kinds: Sequence[str]


def remembered(engine: Engine) -> Remembered:
    with reading(engine) as session:
        memory, judged = session.get_one(TopicMemoryRow, "outage"), session.get_one(WatchMemoryRow, 1)
        return Remembered(
            told=memory.told, began_at=memory.began_at, settled_until=memory.settled_until, numbers=memory.numbers,
            judged_until=judged.judged_until, cases=list(session.scalars(select(CaseRow.since).order_by(CaseRow.id))),
            letters=len(session.scalars(select(OutboxRow)).all()),
            kinds=list(session.scalars(select(EventRow.kind).order_by(EventRow.id))),
        )  # fmt: skip


@pytest.fixture
def steady(context: CaseContext, now: datetime, tmp_path: Path) -> Iterator[CaseContext]:
    """The same posts before a watcher with a state of its own, who is to be spared every fault."""
    with opened(f"sqlite:///{tmp_path / 'steady.db'}") as engine:
        with transaction(engine) as session:
            fresh = now + timedelta(days=30)
            session.add(SourceHealth(source="bbs", site="bbs", state="ok", succeeded_at=now, fresh_until=fresh))
        yield replace(context, engine=engine)


def looking(context: CaseContext, *moments: datetime) -> list[Seen]:
    """What a watcher sees who begins with the first of these looks."""
    watcher = Watcher(context, [], "a")
    return [seen for moment in moments for seen in watcher.look(moment)]


@pytest.mark.fault("F71")
@pytest.mark.parametrize("restarted", [True, False])
def test_a_watcher_that_was_away_for_two_hours_tells_the_wave_of_that_time_late(
    context: CaseContext, steady: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path, *, restarted: bool
) -> None:
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "a")
    watcher.look(now - 2 * HOUR)
    rumour(200, until=now - 75 * MINUTE)
    if restarted:
        watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "a")
    told = watcher.look(now)[0]
    assert (told.signal.state, told.correlation) == (State.SPIKE, Correlation.OPENS)
    assert told.signal.negative > 100
    assert Reason.LATE in told.signal.reasons
    watcher.deliver(now)
    (letter,) = (tmp_path / "letters").glob("*.eml")
    body = message_from_bytes(letter.read_bytes(), policy=default).get_body(("plain",))
    assert body is not None
    assert "迟到" in body.get_content()
    looking(steady, *(now - at * MINUTE for at in range(120, -1, -10)))
    assert remembered(context.engine).told == remembered(steady.engine).told
    assert remembered(context.engine).cases == remembered(steady.engine).cases


@pytest.mark.fault("F72")
def test_a_topic_is_blind_while_scoring_stands_and_the_wave_of_that_time_is_told_when_it_has_caught_up(
    context: CaseContext, steady: CaseContext, rumour: Rumour, now: datetime
) -> None:
    came: list[datetime] = [now - 3 * HOUR]
    watcher = Watcher(context, [], "a", lambda moment: min(moment, came[-1]))
    moments = [now - at * MINUTE for at in range(180, 0, -20)]
    states = [watcher.look(moment)[0].signal.state for moment in moments]
    assert states == [State.CALM] + [State.BLIND] * 8
    rumour(120, until=now - 90 * MINUTE)
    came.append(now)
    told, present = watcher.look(now)
    assert (told.signal.state, told.correlation) == (State.SPIKE, Correlation.OPENS)
    assert told.signal.late
    assert present.signal.state is not State.BLIND
    looking(steady, *moments, now)
    assert remembered(context.engine).told == remembered(steady.engine).told
    assert remembered(context.engine).cases == remembered(steady.engine).cases
    assert [one.correlation for one in watcher.look(now + MINUTE)] == [None]


class Away:
    """An index that does not answer while it is `away`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.away = False

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise Retryable("the index is away")
        return getattr(self._reader, name)


@pytest.mark.fault("F73")
def test_a_look_at_an_index_that_is_away_judges_nothing_and_the_next_one_judges_it_all(
    context: CaseContext, steady: CaseContext, rumour: Rumour, now: datetime
) -> None:
    index = Away(context.reader)
    watcher = Watcher(replace(context, reader=cast(Reader, index)), [], "a")
    watcher.look(now - HOUR)
    before = remembered(context.engine)
    rumour(30, until=now - 40 * MINUTE)
    index.away = True
    for minutes in range(50, 0, -10):
        with pytest.raises(Retryable):
            watcher.look(now - minutes * MINUTE)
    assert remembered(context.engine) == before
    index.away = False
    assert watcher.look(now)[0].correlation is Correlation.OPENS
    looking(steady, now - HOUR, now)
    assert remembered(context.engine) == remembered(steady.engine)


@pytest.mark.fault("F74")
@pytest.mark.parametrize("place", ["leased", "looked", "written", "kept", "judged"])
def test_killed_between_the_case_and_the_memory_of_it_the_judgement_afterwards_is_the_same(
    context: CaseContext, steady: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path, state_url: str, place: str
) -> None:
    looking(context, now - 2 * HOUR)
    before = remembered(context.engine)
    rumour(30)
    program = [sys.executable, str(KILLED), str(tmp_path), str(ROOT / "configs" / "example"), now.isoformat()]
    environment = os.environ | {"PYTHONPATH": str(ROOT), VARIABLE: f"watch.{place}=kill@1"}
    killed = subprocess.run([*program, "nowhere", state_url], cwd=ROOT, env=environment, check=False)
    assert killed.returncode == -9
    after = remembered(context.engine)
    assert after.judged_until == before.judged_until
    assert len(after.cases) == len(json.loads(after.told)) == (1 if place in ("kept", "judged") else 0)
    looking(context, now + MINUTE)
    looking(steady, now - 2 * HOUR, now)
    looking(steady, now + MINUTE)
    assert remembered(context.engine) == remembered(steady.engine)
    assert remembered(context.engine).judged_until == now + MINUTE
    assert remembered(context.engine).kinds == [EventKind.OPENED]


@pytest.mark.fault("F75")
@pytest.mark.parametrize(("days", "restarted"), [(0.1, False), (2, False), (2, True), (400, False)])
def test_a_watcher_whose_clock_was_set_ahead_and_back_sees_the_wave_that_comes_then(
    context: CaseContext, steady: CaseContext, rumour: Rumour, now: datetime, days: float, *, restarted: bool
) -> None:
    watcher = Watcher(context, [], "a")
    for moment in (now - HOUR, now + timedelta(days=days), now - MINUTE):
        assert {seen.correlation for seen in watcher.look(moment)} <= {None}
    rumour(30)
    if restarted:
        watcher = Watcher(context, [], "a")
    assert watcher.look(now)[0].correlation is Correlation.OPENS
    looking(steady, now - HOUR, now - MINUTE, now)
    assert remembered(context.engine).told == remembered(steady.engine).told
    assert remembered(context.engine).judged_until == now
