"""A watcher that is killed while it minds leaves nothing half done, and the next one does it once."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from os import utime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, EventRow, TaskRow
from alerts.incidents.tables import TroubleRow
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.messages import ScoredPost
from stream.state.database import reading, transaction
from stream.state.source_health import SourceHealth
from tests.alerts.conftest import ROOT

HOUR = timedelta(hours=1)
PLACES = ("brief.written", "heart.beaten", "incident.written", "watch.resumed")

Round = Callable[..., int]


@pytest.fixture
def damaged(context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime) -> None:
    """An open case whose task is lost, and a source that is blocked for an hour."""
    rumour(30)
    Watcher(context, [], "w").look(now)
    with transaction(context.engine) as session:
        session.execute(update(OutboxRow).values(task_id=None, state="sent"))
        session.execute(delete(TaskRow))
        session.execute(update(SourceHealth).values(state="blocked"))
        session.add(TroubleRow(key="blocked:bbs", grade="blue", what="", since=now - HOUR, first_seen_at=now - HOUR))


@pytest.fixture
def minded(tmp_path: Path, state_url: str, now: datetime) -> Round:
    """Runs one round of everything in a process of its own, killed at a place or not; its exit code."""
    alive = tmp_path / "var" / "alive" / "alerts"
    alive.parent.mkdir(parents=True)
    alive.touch()

    def one(minute: int, place: str = "") -> int:
        moment = now + timedelta(minutes=minute)
        utime(alive, (moment.timestamp(), moment.timestamp()))
        program = [sys.executable, str(Path(__file__).parent / "killed_round.py"), str(tmp_path)]
        arguments = [str(ROOT / "configs" / "example"), moment.isoformat(), state_url]
        environment = {"PYTHONPATH": str(ROOT)} | ({"WENFENG_FAILPOINTS": f"{place}=kill@1"} if place else {})
        return subprocess.run([*program, *arguments], cwd=ROOT, env=environment, check=False).returncode

    return one


@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_everything_is_done_once(
    context: CaseContext, damaged: None, minded: Round, tmp_path: Path, place: str
) -> None:
    assert minded(3, place) == -9
    assert minded(6) == 0
    with reading(context.engine) as session:
        topics = session.scalars(select(CaseRow.topic).order_by(CaseRow.id)).all()
        resumed = session.scalar(select(func.count()).where(EventRow.kind == "resumed"))
        running = session.scalars(select(TaskRow.step).where(TaskRow.ended_at.is_(None)).order_by(TaskRow.id)).all()
        letters = session.scalars(select(OutboxRow.step).order_by(OutboxRow.step)).all()
    assert topics == ["outage", "incident:blocked:bbs"]
    assert resumed == 1
    assert sorted(running) == ["acknowledge", "take"]
    assert [step.split("-")[0] for step in letters] == ["alive", "daily", "opened", "resumed", "trouble"]
    assert (tmp_path / "heartbeat").exists()
