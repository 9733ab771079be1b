"""Clocks that jump, on the way and in the machine's zone: nothing is told twice, no tick is lost or doubled."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.detection.signals import State
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.log.broker import QUARANTINE, RAW, SCORED, Topic
from stream.process.clock import SHANGHAI, ScriptedClock
from stream.process.schedule import due, next_tick
from stream.state.database import transaction
from stream.state.leases import take_lease
from tests.faults.rows.running import copying, publish_all, read_all
from tests.stream.logs import START, SqliteLog

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BACK = datetime(1970, 1, 2, tzinfo=UTC)


@pytest.mark.fault("F55")
@pytest.mark.parametrize(
    "jump", [HOUR, -HOUR, timedelta(days=4), -timedelta(days=400), None], ids=["+1h", "-1h", "+4d", "-400d", "1970"]
)
def test_a_watcher_whose_clock_jumps_opens_no_second_case_and_sends_no_letter_twice(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., object], now: datetime, tmp_path: Path,
    jump: timedelta | None,
) -> None:  # fmt: skip
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    rumour(30)
    assert watcher.look(now)[0].signal.state is State.SPIKE
    watcher.deliver(now)
    there = BACK if jump is None else now + jump
    for moment in (there, there + MINUTE, now + MINUTE, now + 2 * MINUTE):
        watcher.look(moment)
        watcher.escalate(moment)
        watcher.deliver(moment)
    with transaction(context.engine) as session:
        (case,) = session.scalars(select(CaseRow)).all()
        letters = session.scalars(select(OutboxRow)).all()
        assert case.opened_at == now
        assert len({letter.message_id for letter in letters}) == len(letters)
    assert len([path for path in (tmp_path / "letters").iterdir() if "opened" in path.read_text()]) == 1


@pytest.mark.fault("F55")
def test_a_lease_outlives_a_clock_that_was_set_back_and_still_ends(context: CaseContext, now: datetime) -> None:
    def taken(by: str, at: datetime) -> bool:
        with transaction(context.engine) as session:
            return take_lease(session, "watch", by, at, 2 * MINUTE) is not None

    assert taken("first", now)
    assert not taken("second", now - HOUR)
    assert taken("first", now - HOUR)
    assert taken("second", now + 3 * MINUTE)


class Jumping(ScriptedClock):
    """A wall clock that somebody sets while the monotonic one goes on, as in the machine."""

    shift = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.shift


@pytest.mark.fault("F55")
@pytest.mark.parametrize("shift", [HOUR, -HOUR, -timedelta(days=400)], ids=["+1h", "-1h", "-400d"])
def test_a_stage_whose_clock_jumps_reads_on(tmp_path: Path, shift: timedelta) -> None:
    log = SqliteLog(tmp_path)
    log.clock = clock = Jumping(START)
    log.admin().apply([Topic(RAW), Topic(SCORED), Topic(QUARANTINE)])
    worker = copying(log.consumer("copy"), log.producer(), clock)
    publish_all(log.producer(), 200, 100)
    assert worker.drain() == 200
    clock.shift = shift
    publish_all(log.producer(), 200, 100)
    assert worker.drain() == 200
    assert len(read_all(log.consumer("look", [SCORED]))) == 400
    log.close()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in New York, where one night in the year has no 02:30 and another has 01:30 twice."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.fault("F56")
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("line", ["30 1 * * *", "30 2 * * *", "30 14 * * *"])
def test_a_daily_line_comes_once_a_day_wherever_the_machine_stands(line: str) -> None:
    first = moment = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    ticks: list[datetime] = []
    while (tick := next_tick(line, moment)) and tick < first + timedelta(days=365):
        ticks.append(tick.astimezone(SHANGHAI))
        moment = tick
    minute, hour = map(int, line.split()[:2])
    assert [tick.date() for tick in ticks] == [(first + timedelta(days=day)).date() for day in range(365)]
    assert {(tick.hour, tick.minute) for tick in ticks} == {(hour, minute)}


@pytest.mark.fault("F54")
def test_three_hours_asleep_over_many_ticks_are_one_run() -> None:
    last = datetime(2026, 9, 1, 8, tzinfo=UTC)
    woken = last + 3 * HOUR
    assert due("*/10 * * * *", last, woken)
    assert not due("*/10 * * * *", woken, woken + MINUTE)
