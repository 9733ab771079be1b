"""Which stages run: a process leaves its name under `var/running` while it runs a stage, and signs of life beside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from os import getpid
from pathlib import Path

from stream.process.holders import ended, holder, this_machine

STAGES = ("crawlers", "score", "index", "alerts", "upkeep")  # the stages of an installation, in the posts' order
LATE = timedelta(minutes=3)  # a sign of life each minute, as the health checks of compose.yaml count


class StageState(StrEnum):
    """Whether a stage does its work."""

    RUNNING = "running"
    LATE = "late"  # a process is there and gives no sign of life: it hangs, or waits for an engine
    STOPPED = "stopped"
    NEVER = "never ran"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a stage left behind: when those of its processes began that run on this machine, and how many run elsewhere.

    `elsewhere` counts those that said so and did not say that they ended; `last` is the newest sign of life.
    """

    started: tuple[datetime, ...] = ()
    elsewhere: int = 0
    last: datetime | None = None


@contextmanager
def registered(var: Path, stage: str) -> Iterator[None]:
    """Lets others know that this process runs `stage`, for as long as it does; tidies up after those that were killed.

    A process of another machine or container that was killed stays noted: nobody here can tell.
    """
    folder = var / "running"
    folder.mkdir(parents=True, exist_ok=True)
    for note in folder.glob(f"{stage}.*"):
        if ended(_holder(note)):
            note.unlink(missing_ok=True)
    machine = sha256(this_machine().encode()).hexdigest()[:8]
    own = folder / f"{stage}.{machine}.{getpid()}"
    own.write_text(holder(), "utf-8")
    try:
        yield
    finally:
        own.unlink(missing_ok=True)


def read_signs(var: Path, stage: str) -> Signs:
    """Reads what the stage left under `var`, on this machine or on one that shares the folder."""
    started: list[datetime] = []
    elsewhere = 0
    for note in sorted((var / "running").glob(f"{stage}.*")):
        name, since = _holder(note), _changed(note)
        if name.rpartition(" ")[0] != this_machine():
            elsewhere += bool(name)
        elif not ended(name) and since is not None:
            started.append(since)
    return Signs(started=tuple(sorted(started)), elsewhere=elsewhere, last=_changed(var / "alive" / stage))


def judge(signs: Signs, now: datetime) -> StageState:
    """Tells how a stage is by its signs; one that began a moment ago has yet to give its first."""
    fresh = any(moment is not None and now - moment <= LATE for moment in (signs.last, *signs.started))
    if signs.started or signs.elsewhere:
        return StageState.RUNNING if fresh else StageState.LATE
    return StageState.NEVER if signs.last is None else StageState.STOPPED


def _holder(note: Path) -> str:
    try:
        return note.read_text("utf-8")
    except FileNotFoundError:  # it ended this moment
        return ""


def _changed(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
