"""What a process keeps between visits: what is dear to look at is looked at now and then, and shown with its time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from structlog import get_logger

from stream.errors import Retryable

T = TypeVar("T")

PATIENCE = 0.05  # seconds that a page waits for a look that is under way: a third of what a page may take

log = get_logger()


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What was last seen, and when; None both before the first look. `why` says why there is nothing newer."""

    value: T | None = None
    at: datetime | None = None
    why: str = ""


class Board(Generic[T]):
    """Has the last reading of something dear, and looks anew, in a thread of its own, where it is older than `every`.

    Nobody waits for longer than `patience` seconds: a page shows what was seen before, and as of when.
    """

    def __init__(self, look: Callable[[datetime], T], every: timedelta, patience: float = PATIENCE) -> None:
        self._look, self._every, self._patience = look, every, patience
        self._reading: Reading[T] = Reading()
        self._tried_at: datetime | None = None
        self._worker: Thread | None = None
        self._lock = Lock()

    def read(self, now: datetime) -> Reading[T]:
        """Returns the last reading, after a moment's wait for one that is due."""
        with self._lock:
            due = self._tried_at is None or not timedelta(0) <= now - self._tried_at < self._every
            if due and (self._worker is None or not self._worker.is_alive()):
                self._tried_at = now
                self._worker = Thread(target=self._refresh, args=(now,), name="console look", daemon=True)
                self._worker.start()
            worker = self._worker
        if worker is not None:
            worker.join(self._patience)
        return self._reading

    def expire(self) -> None:
        """Makes a look due, whatever the time."""
        with self._lock:
            self._tried_at = None

    def _refresh(self, now: datetime) -> None:
        before = self._reading
        try:
            self._reading = Reading(self._look(now), now)
        except Retryable as error:
            self._reading = Reading(before.value, before.at, error.reason)
        except Exception:
            log.exception("console_look_failed")
            self._reading = Reading(before.value, before.at, "系统遇到未预料的问题，已记入日志")


class Keeping:
    """Keeps one of each thing, by its name, made at first need."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._things: dict[str, Any] = {}
        self._lock = Lock()

    def one(self, name: str, make: Callable[[], T]) -> T:
        """Returns the thing of that name."""
        with self._lock:
            if name not in self._things:
                self._things[name] = make()
            found: T = self._things[name]
        return found

    def board(self, name: str, look: Callable[[datetime], T], every: timedelta) -> Board[T]:
        """Returns the board of that name; the first caller's `look` is what it looks by."""
        return self.one(name, lambda: Board(look, every, self._patience))

    def renew(self, name: str) -> None:
        """Lets the board of that name be looked at anew when it is asked next: what it tells of was just changed."""
        with self._lock:
            board = self._things.get(name)
        if isinstance(board, Board):
            board.expire()
