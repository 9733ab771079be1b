"""Cron lines that wake functions. A tick only wakes: what is due is for the woken function to find out, from rows.

Lines are in Asia/Shanghai. Nothing is remembered here: after a restart the caller says what is overdue, see `due`.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from logging import ERROR, getLogger
from re import IGNORECASE, fullmatch

from apscheduler.events import (  # type: ignore[import-untyped]
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]
from structlog import get_logger

from stream.process.clock import SHANGHAI, SystemClock
from stream.process.failpoints import failpoint

_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
_WEEKDAYS = rf"\*|{_DAY}(-{_DAY})?(,{_DAY}(-{_DAY})?)*"
_FIELDS = (  # each with what to write in it: ranges go upwards, so one over midnight is two
    ("minute", "0 to 59, as in 0, 5,35 or */10"),
    ("hour", "0 to 23, as in 9, 7-22 or 22-23,0-6"),
    ("day", "1 to 31 or last, as in 1 or 1,15"),
    ("month", "1 to 12 or names, as in 3, jan-mar or nov-dec,jan"),
    ("weekday", "names, as in mon, mon-fri, sat,sun or fri-sun,mon (* for every day)"),
)
_WEEKDAY = 4
_AGE = datetime(2000, 1, 1, tzinfo=UTC)  # from here a line must come due at least once
_SET_BACK = timedelta(minutes=1)  # a clock that falls behind by more was set back, by less it was corrected
_LOOK_AGAIN = 30.0  # seconds after which the scheduler looks at the clock, whenever its next tick is

log = get_logger(__name__)


def check_cron(text: str) -> str:
    """Returns the line as it is, or raises a `ValueError` that says what to write instead.

    Weekdays go by name: the scheduler counts them from Monday = 0 while cron counts from Sunday = 0. A day of the
    month together with a weekday is refused: cron means either, the scheduler both.
    """
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{text!r} is no cron line: write minute, hour, day, month and weekday, as in '0 9 * * mon'")
    if not fullmatch(_WEEKDAYS, fields[4], IGNORECASE):
        raise ValueError(_instead(text, fields))
    if fields[2] != "*" and fields[4] != "*":
        raise ValueError(
            f"{text!r}: give a day of the month or a weekday, not both, as in '0 9 1 * *' or '0 9 * * mon'"
        )
    try:
        trigger = _trigger(text)
    except ValueError as error:
        raise ValueError(_instead(text, fields)) from error
    if trigger.get_next_fire_time(None, _AGE) is None:
        raise ValueError(
            f"{text!r} never comes: its month has no day {fields[2]}; the last of each month is '0 9 last * *'"
        )
    return text


def _instead(text: str, fields: list[str]) -> str:
    """Names the fields of a line that cannot be read, and says what to write in them."""
    wrong = [
        f"its {name} {written!r}: write {instead}"
        for place, ((name, instead), written) in enumerate(zip(_FIELDS, fields, strict=True))
        if not _is_sound(place, written)
    ]
    return f"{text!r} is no cron line, for {'; '.join(wrong)}"


def _is_sound(place: int, written: str) -> bool:
    """Tells whether one field of a line can be read by itself."""
    if place == _WEEKDAY and not fullmatch(_WEEKDAYS, written, IGNORECASE):
        return False
    try:
        _trigger(" ".join(written if at == place else "*" for at in range(len(_FIELDS))))
    except ValueError:
        return False
    return True


def due(cron: str, last: datetime | None, now: datetime) -> bool:
    """Tells whether a tick came after `last`, the last run, and up to `now`; also if it never ran.

    Many missed ticks are one run. A clock set back makes nothing due twice.
    """
    if last is None:
        return True
    tick = next_tick(cron, last)
    return tick is not None and tick <= now


def next_tick(cron: str, last: datetime) -> datetime | None:
    """Finds the first tick after `last`, UTC; None for a line that never comes again."""
    tick: datetime | None = _trigger(cron).get_next_fire_time(None, last + timedelta(microseconds=1))
    return None if tick is None else tick.astimezone(UTC)


def schedule(
    crons: Mapping[str, str],
    jobs: Mapping[str, Callable[[], object]],
    *,
    now: datetime,
    overdue: Collection[str] = (),
    threads: int = 4,
    alive: Callable[[], object] | None = None,
) -> BackgroundScheduler:
    """Builds a scheduler, not started, that calls `jobs[name]` at each tick of `crons[name]`, and at once if `overdue`.

    A tick that comes late, however late, still counts; ticks missed together are one call; a job that still runs is
    not started again. A job that raises is logged and called at its next tick. Unknown names raise `ValueError`.
    `alive` is called each minute that a thread is free for it and no job's last call failed. A clock that is set back
    brings the ticks of the time that comes again: none waits until the old time is reached.
    """
    for names, known in ((crons.keys(), jobs.keys()), (set(overdue), crons.keys())):
        if unknown := sorted(names - known):
            raise ValueError(f"unknown jobs {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    getLogger("apscheduler").setLevel(ERROR)  # what it warns of, `_tell` says in one line of ours
    scheduler = _Scheduler(
        timezone=SHANGHAI,
        executors={"default": ThreadPoolExecutor(threads)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for name, line in crons.items():
        first = {"next_run_time": now} if name in overdue else {}
        scheduler.add_job(_wake, _trigger(check_cron(line)), args=(jobs[name],), id=name, name=name, **first)
    if alive is not None:
        _keep_telling(scheduler, alive)
    scheduler.add_listener(_tell, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    return scheduler


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """Keeps next ticks as times, as the library does, but finds them anew once the clock was set back."""

    def _process_jobs(self) -> float:
        now = SystemClock().now()
        if now < getattr(self, "_seen", now) - _SET_BACK:
            log.warning("clock set back, ticks found anew")
            for job in self.get_jobs():
                tick = job.trigger.get_next_fire_time(None, now)
                if tick is not None and job.next_run_time is not None and tick < job.next_run_time:
                    job.modify(next_run_time=tick)
        self._seen = now
        wait: float | None = super()._process_jobs()
        return _LOOK_AGAIN if wait is None else min(wait, _LOOK_AGAIN)


def _wake(job: Callable[[], object]) -> None:
    failpoint("schedule.woken")
    job()


def _keep_telling(scheduler: BackgroundScheduler, alive: Callable[[], object]) -> None:
    failing: set[str] = set()
    scheduler.add_listener(lambda event: failing.add(event.job_id), EVENT_JOB_ERROR)
    scheduler.add_listener(lambda event: failing.discard(event.job_id), EVENT_JOB_EXECUTED)
    scheduler.add_job(lambda: failing or alive(), _trigger("* * * * *"), id="alive", name="alive")


def _trigger(line: str) -> CronTrigger:
    return CronTrigger.from_crontab(line, timezone=SHANGHAI)


def _tell(event: JobEvent) -> None:
    if event.code == EVENT_JOB_ERROR:
        log.error("job failed", job=event.job_id, error=repr(event.exception), traceback=event.traceback)
    elif event.code == EVENT_JOB_MAX_INSTANCES:
        log.warning("job still running, tick left out", job=event.job_id)
    else:
        log.warning("job missed", job=event.job_id)
