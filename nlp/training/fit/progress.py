"""How far training is: a bar where a person looks, a line now and then where a log does."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

EVERY = 30.0  # seconds between two lines of a log


class Steps:
    """Counts the steps of one stretch of training and tells them: how many, how fast, how long it will take.

    `unit` is what a step reads many of.
    """

    def __init__(
        self,
        name: str,
        total: int,
        done: int = 0,
        *,
        unit: str = "tokens",
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._total, self._done, self._clock = name, total, done, clock
        self._console = console or Console(stderr=True)
        self._began = self._told = clock()
        self._first, self._read, self._unit = done, 0, unit
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(
            *columns, TextColumn("{task.fields[rate]}"), console=self._console, disable=not self._console.is_terminal
        )
        self._task = self._bar.add_task(name, total=total, completed=done, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, read: int) -> None:
        """Count a step that read so many tokens, or what the unit is."""
        self._done += 1
        self._read += read
        now = self._clock()
        self._bar.update(self._task, completed=self._done, rate=f"{self._per_second(now):,.0f} {self._unit}/s")
        if not self._console.is_terminal and (now - self._told >= EVERY or self._done == self._total):
            self._told = now
            self._console.print(self.line(now), soft_wrap=True, highlight=False)

    def line(self, now: float) -> str:
        """Say where the stretch stands, for a log."""
        seconds = max(now - self._began, 1e-9)
        rate = (self._done - self._first) / seconds
        left = (self._total - self._done) / rate if rate else 0.0
        return (
            f"{self._name}: {self._done:,} of {self._total:,} steps, {rate:.2f} steps/s, "
            f"{self._per_second(now):,.0f} {self._unit}/s, {left / 60:.1f} min left"
        )

    def _per_second(self, now: float) -> float:
        return self._read / max(now - self._began, 1e-9)
