"""A picture of a replayed series: what was counted, what was expected, where it crossed, and what nobody observed.

Counts stand on a square-root scale, as the detector measures them: a band is about as wide at every height. Needs
matplotlib, which only the demo's packages have.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager

from alerts.detection.residuals import FAST, fast_steps
from alerts.replay.series import FastWindow, Replayed

FONT = Path(__file__).parents[2] / "scripts" / "demo" / "fonts" / "WenfengSansSC-Regular.otf"
INK, SOFT, GRID = "#1f2933", "#66727f", "#e4e8ec"
COUNTED, EXPECTED, BAND, ALERT, UNSEEN = "#2f6690", "#d08c2e", "#f6e3c5", "#c8453b", "#d9dee3"
SIZE, DPI = (16, 7), 100  # inches: 1600 x 700
STEPS, POINTS = 1000, 5000  # a series of fewer steps has a point for each; no more points than these else
FORMATS = ["%Y年", "%-m月", "%-m月%-d日", "%H:%M", "%H:%M", "%H:%M:%S"]
OFFSETS = ["", "%Y年", "%Y年%-m月", "%Y年%-m月%-d日", "%Y年%-m月%-d日", "%Y年%-m月%-d日"]
LENGTHS = {3600: "1 小时", 86400: "1 天", 259200: "3 天"}


@dataclass(frozen=True, slots=True)
class Flag:
    """An alarm: when, how many the fast window counted, over which length it rose; None where it fell."""

    at: datetime
    counted: float
    span: timedelta | None


class Trace:
    """Gathers a series of `steps` as it is judged, a point an hour where it is long; `what` is counted, in Chinese."""

    def __init__(self, step: timedelta, steps: int, zone: tzinfo, what: str) -> None:
        self._step, self._zone, self._what = step, zone, what
        fast = fast_steps(step)
        self._each = 1 if steps <= STEPS else max(fast, -(-steps // POINTS) // fast * fast)
        self._window = fast * step
        self._points: list[tuple[datetime, FastWindow]] = []
        self._flags: list[Flag] = []
        self._unseen: list[tuple[datetime, datetime]] = []
        self._number = 0
        self._highest: tuple[datetime, FastWindow] | None = None

    @property
    def alerts(self) -> int:
        return len(self._flags)

    def add(self, at: datetime, replayed: Replayed | None, window: FastWindow | None) -> None:
        """Takes a step; one without a row is unseen. Of the steps of a point it keeps the highest."""
        end = at + self._step
        if replayed is None or window is None:
            seen_until = self._unseen[-1][1] if self._unseen else None
            self._unseen[-1:] = [(self._unseen[-1][0], end)] if seen_until == at else [*self._unseen[-1:], (at, end)]
        else:
            if self._highest is None or window.counted >= self._highest[1].counted:
                self._highest = end, window
            if replayed.alert:
                self._flags.append(Flag(end, window.counted, replayed.span))
        self._number += 1
        if self._number % self._each == 0 and self._highest:
            self._points.append(self._highest)
            self._highest = None

    def draw(self, path: Path, name: str, budget: float) -> None:
        """Writes the picture as a PNG, 1600 x 700, under the `name` of the file of counts."""
        fontManager.addfont(FONT)
        figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.05, 0.09, 0.935, 0.74))
        self._series(axes)
        self._alarms(axes)
        self._axes(axes)
        figure.text(0.05, 0.935, f"{name}：{self._said()}", fontsize=17, color=INK)
        figure.text(0.05, 0.885, f"{self._dates()}；预算为每周 {budget:g} 次告警", fontsize=11, color=SOFT)
        for words in figure.findobj(lambda one: hasattr(one, "set_fontfamily")):
            words.set_fontfamily(FontProperties(fname=FONT).get_name())  # type: ignore[attr-defined]
        figure.savefig(path, format="png")

    def _series(self, axes: Axes) -> None:
        times, windows = self._drawn()
        counted, due, fewest, most = (
            np.array([np.nan if one is None else getattr(one, field) for one in windows])
            for field in ("counted", "expected", "fewest", "most")
        )
        axes.fill_between(times, fewest, most, color=BAND, linewidth=0, zorder=1, label="预算之内（越过即告警）")  # type: ignore[arg-type]
        axes.plot(times, due, color=EXPECTED, linewidth=1.2, zorder=3, label="平时应有")  # type: ignore[arg-type]
        axes.plot(times, counted, color=COUNTED, linewidth=0.9, zorder=4, label=f"{self._what}数")  # type: ignore[arg-type]
        for number, (start, end) in enumerate(self._unseen):
            axes.axvspan(start, end, color=UNSEEN, linewidth=0, zorder=2, label="未采到" if number == 0 else None)  # type: ignore[arg-type]
        axes.set_ylim(0, self._top(counted, most))

    def _drawn(self) -> tuple[list[datetime], list[FastWindow | None]]:
        """Lists the points, with a gap where hours were not observed."""
        times: list[datetime] = []
        windows: list[FastWindow | None] = []
        longest = 2 * self._each * self._step
        for at, window in self._points:
            if times and at - times[-1] > longest:
                times.append(times[-1] + longest / 2)
                windows.append(None)
            times.append(at)
            windows.append(window)
        return times, windows

    def _alarms(self, axes: Axes) -> None:
        rises = {one.span for one in self._flags if one.span is not None}
        kinds: list[tuple[timedelta | None, str, str]] = [
            (span, self._marker(span), f"告警：{self._length(span)}内增多") for span in sorted(rises)
        ]
        kinds.append((None, "v", "告警：减少"))
        for span, marker, label in kinds:
            flags = [one for one in self._flags if one.span == span]
            if not flags:
                continue
            axes.vlines(
                [one.at for one in flags], 0, axes.get_ylim()[1], color=ALERT, linewidth=0.8, alpha=0.45, zorder=2
            )  # type: ignore[arg-type]
            axes.plot([one.at for one in flags], [one.counted for one in flags], marker, color=ALERT, markersize=9,  # type: ignore[arg-type]
                      markeredgecolor="white", markeredgewidth=0.8, zorder=6, label=label)  # fmt: skip

    def _marker(self, span: timedelta) -> str:
        return "^" if span == self._window else "D"

    def _length(self, span: timedelta) -> str:
        return LENGTHS.get(round(span.total_seconds()), f"{span / FAST:.3g} 小时")

    def _axes(self, axes: Axes) -> None:
        axes.set_yscale("function", functions=(lambda y: np.sqrt(np.maximum(y, 0.0)), np.square))
        axes.set_ylabel(f"每 {self._length(self._window)}{self._what}数（平方根刻度）", fontsize=11, color=SOFT)
        axes.set_yticks(_ticks(axes.get_ylim()[1]))
        locator = AutoDateLocator(tz=self._zone, minticks=6, maxticks=14)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(
            locator, tz=self._zone, formats=FORMATS, zero_formats=["", *FORMATS[:-1]], offset_formats=OFFSETS,
            show_offset=False,
        ))  # fmt: skip
        axes.margins(x=0.005)
        axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=0)
        axes.tick_params(colors=SOFT, labelsize=10, length=0, pad=5)
        for place, side in axes.spines.items():
            side.set_visible(place == "bottom")
            side.set_color(GRID)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=7, frameon=False, fontsize=10.5, labelcolor=INK)

    def _top(self, counted: np.ndarray, most: np.ndarray) -> float:
        """Leaves out the threshold of the first day, which nothing is held against yet, if it is far above the rest."""
        highest = max([float(np.nanmax(counted)), *(one.counted for one in self._flags)])
        return max(1.0, 1.08 * max(highest, float(np.nanpercentile(most, 90))))

    def _said(self) -> str:
        return f"{self.alerts} 次告警" if self.alerts else "没有告警"

    def _dates(self) -> str:
        first, last = (self._points[at][0].astimezone(self._zone) for at in (0, -1))
        return f"{first:%Y年%-m月%-d日} 至 {last:%Y年%-m月%-d日}"


def _ticks(top: float) -> list[float]:
    """Lists round counts that stand about evenly on a square-root scale."""
    found = [0.0]
    for at in range(1, 8):
        wanted = top * (at / 7.5) ** 2
        size = 10 ** np.floor(np.log10(max(wanted, 1e-9)))
        nearest = float(min((1, 2, 3, 4, 5, 6, 8, 10), key=lambda one: abs(one * size - wanted)) * size)
        if nearest > found[-1]:
            found.append(nearest)
    return found
