import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event

import pytest
from apscheduler.schedulers import base  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from stream.process import clock as clock_module
from stream.process.clock import SHANGHAI, SystemClock
from stream.process.schedule import check_cron, due, next_tick, schedule

MONDAY = datetime(2026, 9, 7, 9, tzinfo=SHANGHAI)
PATIENCE = 10  # seconds


@pytest.fixture
def started() -> Iterator[list[BackgroundScheduler]]:
    started: list[BackgroundScheduler] = []
    yield started
    for scheduler in started:
        scheduler.shutdown(wait=True)


@pytest.mark.parametrize(
    "line",
    [
        "* * * * *",
        "*/5 8-20 * * *",
        "0 9 * * mon",
        "0 9 * * MON-FRI",
        "0 9 * * mon,wed-fri",
        "30 8 1 * *",
        "0 0 29 2 *",
        "0 9 * jan-mar *",
    ],
)
def test_a_line_that_means_one_thing_is_accepted_as_it_is(line: str) -> None:
    assert check_cron(line) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 9 * * 1", "for its weekday '1': write names, as in mon"),
        ("0 9 * * 0-4", "write names"),
        ("0 9 * * */2", "write names"),
        ("0 9 * * montag", "write names"),
        ("0 9 * * fri-mon", "weekday 'fri-mon': write names, as in mon, mon-fri, sat,sun or fri-sun,mon"),
        ("0 9 1 * mon", "not both, as in '0 9 1 * *' or '0 9 * * mon'"),
        ("0 9 * *", "minute, hour, day, month and weekday"),
        ("0 9 * * * *", "minute, hour, day, month and weekday"),
        ("@daily", "minute, hour, day, month and weekday"),
        ("", "minute, hour, day, month and weekday"),
        ("60 9 * * *", "'60 9 * * *' is no cron line, for its minute '60': write 0 to 59, as in 0, 5,35 or */10"),
        ("*/0 9 * * *", "for its minute '*/0': write 0 to 59"),
        ("*/70 9 * * *", "for its minute '*/70': write 0 to 59"),
        ("0 25 * * *", "for its hour '25': write 0 to 23"),
        ("0 22-6 * * *", "for its hour '22-6': write 0 to 23, as in 9, 7-22 or 22-23,0-6"),
        ("0 9 L * *", "for its day 'L': write 1 to 31 or last"),
        ("0 9 * 13 *", "for its month '13': write 1 to 12 or names"),
        ("0 9 * nov-jan *", "for its month 'nov-jan': write 1 to 12 or names, as in 3, jan-mar or nov-dec,jan"),
        ("60 9 * foo *", "for its minute '60': write 0 to 59, as in 0, 5,35 or */10; its month 'foo': write 1 to 12"),
        ("nine 9 * * *", "for its minute 'nine': write 0 to 59"),
        ("0 0 30 2 *", "never comes: its month has no day 30; the last of each month is '0 9 last * *'"),
    ],
)
def test_a_line_that_is_wrong_or_means_two_things_is_refused_with_what_to_write(line: str, expected: str) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        check_cron(line)


@pytest.mark.parametrize(
    "line",
    ["0,5,35 7-22 1,15 3 *", "*/10 22-23,0-6 last jan-mar *", "0 9 * nov-dec,jan sat,sun", "0 9 * * fri-sun,mon"],
)
def test_what_refusals_say_to_write_instead_is_taken(line: str) -> None:
    assert check_cron(line) == line


@given(st.text(alphabet="0123456789*/,- monfri", max_size=20))
def test_any_text_is_accepted_or_refused_but_never_breaks_the_check(text: str) -> None:
    with suppress(ValueError):
        assert due(check_cron(text), MONDAY - timedelta(days=1500), MONDAY)


def test_monday_is_monday_in_shanghai() -> None:
    line = "0 9 * * mon"
    before = MONDAY - timedelta(minutes=1)
    assert not due(line, before - timedelta(days=5), before)
    assert due(line, before, MONDAY)
    assert due(line, before.astimezone(UTC), MONDAY.astimezone(UTC))


def test_a_tick_is_due_until_it_was_run_once() -> None:
    line = "0 * * * *"
    asleep = MONDAY + timedelta(hours=3, minutes=20)
    assert due(line, MONDAY, asleep)
    assert not due(line, asleep, asleep + timedelta(minutes=39))
    assert due(line, asleep, asleep + timedelta(minutes=40))
    assert not due(line, MONDAY, MONDAY)


def test_what_never_ran_is_due_and_a_clock_set_back_makes_nothing_due_twice() -> None:
    assert due("0 9 * * mon", None, MONDAY)
    assert not due("0 * * * *", MONDAY, MONDAY - timedelta(days=3))


def test_the_next_tick_is_told_in_utc() -> None:
    assert next_tick("0 9 * * mon", MONDAY - timedelta(days=2)) == MONDAY
    assert next_tick("0 9 * * mon", MONDAY) == MONDAY + timedelta(days=7)
    tick = next_tick("0 9 * * mon", MONDAY)
    assert tick is not None
    assert tick.tzinfo is UTC


def test_jobs_nobody_wrote_are_refused_by_name() -> None:
    now = SystemClock().now()
    with pytest.raises(ValueError, match="unknown jobs crwal; known are brief, crawl"):
        schedule({"crwal": "* * * * *"}, {"crawl": list, "brief": list}, now=now)
    with pytest.raises(ValueError, match="unknown jobs brief; known are crawl"):
        schedule({"crawl": "* * * * *"}, {"crawl": list, "brief": list}, now=now, overdue=["brief"])
    with pytest.raises(ValueError, match="write names"):
        schedule({"crawl": "0 9 * * 1"}, {"crawl": list}, now=now)


def test_every_job_waits_however_late_and_runs_alone(started: list[BackgroundScheduler]) -> None:
    scheduler = schedule({"crawl": "0 9 * * mon"}, {"crawl": list}, now=SystemClock().now())
    scheduler.start(paused=True)
    started.append(scheduler)
    (job,) = scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert str(job.trigger.timezone) == "Asia/Shanghai"


def test_ticks_missed_while_the_machine_slept_are_one_call_at_once(started: list[BackgroundScheduler]) -> None:
    calls: list[str] = []
    called = Event()

    def crawl() -> None:
        calls.append("crawl")
        called.set()

    now = SystemClock().now()
    lines = {"crawl": f"{(now.minute + 30) % 60} * * * *", "brief": "0 0 1 1 *"}  # no tick while this test runs
    asleep_since = now - timedelta(hours=3)
    scheduler = schedule(
        lines, {"crawl": crawl, "brief": lambda: calls.append("brief")}, now=asleep_since, overdue=["crawl"]
    )
    scheduler.start()
    started.append(scheduler)
    assert called.wait(PATIENCE)
    time.sleep(0.1)
    assert calls == ["crawl"]


def test_a_job_that_fails_is_logged_and_stays(started: list[BackgroundScheduler]) -> None:
    reached = Event()

    def broken() -> None:
        reached.set()
        raise ZeroDivisionError("by 0")

    now = SystemClock().now()
    with capture_logs() as lines:
        scheduler = schedule({"broken": "0 0 1 1 *"}, {"broken": broken}, now=now, overdue=["broken"])
        scheduler.start()
        assert reached.wait(PATIENCE)
        scheduler.shutdown(wait=True)
    (line,) = lines
    assert (line["event"], line["job"], line["error"]) == ("job failed", "broken", "ZeroDivisionError('by 0')")
    assert "raise ZeroDivisionError" in line["traceback"]


def test_a_tick_left_out_because_the_job_still_runs_is_one_line_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    running, release = Event(), Event()

    def slow() -> None:
        running.set()
        release.wait(PATIENCE)

    now = SystemClock().now()
    with capture_logs() as lines:
        scheduler = schedule({"slow": "0 0 1 1 *"}, {"slow": slow}, now=now, overdue=["slow"])
        scheduler.start()
        assert running.wait(PATIENCE)
        scheduler.modify_job("slow", next_run_time=SystemClock().now())
        until = time.monotonic() + PATIENCE
        while not lines and time.monotonic() < until:
            time.sleep(0.01)
        release.set()
        scheduler.shutdown(wait=True)
    assert [(line["event"], line["job"]) for line in lines] == [("job still running, tick left out", "slow")]
    assert [record for record in caplog.records if record.name.startswith("apscheduler")] == []


def test_a_clock_that_is_set_back_three_hours_brings_the_ticks_of_those_hours(
    started: list[BackgroundScheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    called, ahead = Event(), timedelta(hours=3)

    class ShiftedClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    monkeypatch.setattr(base, "datetime", ShiftedClock)
    monkeypatch.setattr(clock_module, "datetime", ShiftedClock)
    scheduler = schedule({"crawl": "* * * * *"}, {"crawl": called.set}, now=ShiftedClock.now(UTC))
    scheduler.start(paused=True)
    started.append(scheduler)
    scheduler._process_jobs()
    stale = scheduler.get_job("crawl").next_run_time
    ahead = timedelta(0)
    with capture_logs() as logs:
        scheduler._process_jobs()
    assert stale - datetime.now(UTC) > timedelta(hours=2, minutes=58)
    assert scheduler.get_job("crawl").next_run_time - datetime.now(UTC) <= timedelta(minutes=1)
    assert [line["event"] for line in logs] == ["clock set back, ticks found anew"]


def test_a_clock_that_is_corrected_by_seconds_changes_no_tick(
    started: list[BackgroundScheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timedelta(seconds=20)

    class ShiftedClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    monkeypatch.setattr(clock_module, "datetime", ShiftedClock)
    scheduler = schedule({"crawl": "0 9 * * mon"}, {"crawl": Event().set}, now=datetime.now(UTC))
    scheduler.start(paused=True)
    started.append(scheduler)
    scheduler._process_jobs()
    before = scheduler.get_job("crawl").next_run_time
    ahead = timedelta(0)
    with capture_logs() as logs:
        scheduler._process_jobs()
    assert (scheduler.get_job("crawl").next_run_time, logs) == (before, [])
