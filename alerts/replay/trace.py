"""A replayed series as it is drawn: a point a step or, in a long one, an hour; alarms; what was not observed. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.detection.series.residuals import hour_steps
from alerts.replay.series import FastWindow, Replayed

STEPS, POINTS = 1000, 5000  # a series of fewer steps has a point for each; of no series more points than these are kept


@dataclass(frozen=True, slots=True)
class Flag:
    """An alarm: the end of its step, how many the fast window counted, over which length it rose; None where not."""

    at: datetime
    counted: float
    span: timedelta | None


class Trace:
    """Gathers a series of `steps` as it is judged."""

    def __init__(self, step: timedelta, steps: int) -> None:
        fast = hour_steps(step)
        self.step, self.window = step, fast * step
        self._each = 1 if steps <= STEPS else max(1, -(-steps // POINTS // fast)) * fast
        self.points: list[tuple[datetime, FastWindow | None]] = []
        self.flags: list[Flag] = []
        self.unseen: list[tuple[datetime, datetime]] = []
        self._highest: tuple[datetime, FastWindow] | None = None
        self._number = 0

    def add(self, at: datetime, replayed: Replayed | None, window: FastWindow) -> None:
        """Takes a step; one that was not `replayed` is unseen. Of the steps of a point the highest is kept."""
        end = at + self.step
        if replayed is None:
            self._note_unseen(at, end)
        else:
            if self._highest is None or window.counted >= self._highest[1].counted:
                self._highest = end, window
            if replayed.alert:
                self.flags.append(Flag(end, window.counted, replayed.span))
        self._number += 1
        if self._number % self._each == 0:
            self.points.append(self._highest or (end, None))
            self._highest = None

    def _note_unseen(self, at: datetime, end: datetime) -> None:
        if self.unseen and self.unseen[-1][1] == at:
            self.unseen[-1] = (self.unseen[-1][0], end)
        else:
            self.unseen.append((at, end))
