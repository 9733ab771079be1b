"""A picture of a replayed series: what was counted, what was expected, where it crossed, and what nobody observed.

Counts stand on a square-root scale, as the detector measures them: a band is about as wide at every height. Needs
matplotlib, which only the demo's packages have.
"""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alerts.detection.series.residuals import HOUR
from alerts.pictures import chinese_font, dress
from alerts.replay.trace import Flag, Trace

INK, SOFT, GRID = "#1f2933", "#66727f", "#e4e8ec"
COUNTED, EXPECTED, BAND, ALERT, UNSEEN = "#2f6690", "#d08c2e", "#f6e3c5", "#c8453b", "#cdd4da"
SIZE, DPI = (16, 7), 100  # inches: 1600 x 700
DATES = ["%Y年", "%-m月", "%-m月%-d日", "%H:%M", "%H:%M", "%H:%M:%S"]  # of years, months, days, hours, minutes, seconds
BEGINNINGS = [
    "",
    "%Y年",
    "%-m月%-d日",
    "%-m月%-d日",
    "%H:%M",
    "%H:%M",
]  # the same, of the first in a year, month, day …
LENGTHS = {1: "1 小时", 24: "1 天", 72: "3 天"}


def draw(trace: Trace, path: Path, *, name: str, what: str, budget: float, zone: tzinfo) -> None:
    """Writes a PNG of 1600 x 700 under the `name` of the file of counts; `what` was counted, in Chinese."""
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.05, 0.09, 0.935, 0.74))
    top = _series(axes, trace, what)
    _unseen(axes, trace)
    _alarms(axes, trace, top)
    _dress(axes, top, zone)
    axes.set_ylabel(f"每 {_length(trace.window)}{what}数（平方根刻度）", fontsize=11, color=SOFT)
    alarms = f"{len(trace.flags)} 次告警" if trace.flags else "没有告警"
    first, last = (trace.points[at][0].astimezone(zone) for at in (0, -1))
    dates = f"{first:%Y年%-m月%-d日} 至 {last:%Y年%-m月%-d日}；预算为每周 {budget:g} 次告警"
    figure.text(0.05, 0.935, f"{name}：{alarms}", fontsize=17, color=INK)
    figure.text(0.05, 0.885, dates, fontsize=11, color=SOFT)
    if font := chinese_font():
        dress(figure, font)
    figure.savefig(path, format="png")


def _series(axes: Axes, trace: Trace, what: str) -> float:
    """Draws counts, what was expected and the band; returns how high the picture must reach."""
    times: Any = [at for at, _ in trace.points]
    counted, due, fewest, most = (
        np.array([np.nan if window is None else getattr(window, field) for _, window in trace.points])
        for field in ("counted", "expected", "fewest", "most")
    )
    axes.fill_between(times, fewest, most, color=BAND, linewidth=0, zorder=1, label="预算之内（越过即告警）")
    axes.plot(times, due, color=EXPECTED, linewidth=1.2, zorder=3, label="平时应有")
    axes.plot(times, counted, color=COUNTED, linewidth=0.9, zorder=4, label=f"{what}数")
    return _top(counted, most, trace.flags)


def _top(counted: NDArray[np.float64], most: NDArray[np.float64], flags: list[Flag]) -> float:
    """Reaches over all counts and nearly all of the band: its few highest places would make the rest small."""
    highest = max(float(np.nanmax(counted)), *(one.counted for one in flags), float(np.nanpercentile(most, 90)))
    return 1.08 * max(highest, 1.0)


def _unseen(axes: Axes, trace: Trace) -> None:
    for number, span in enumerate(trace.unseen):
        start, end = _times(span)
        axes.axvspan(start, end, color=UNSEEN, linewidth=0, zorder=2, label=None if number else "未采到")


def _alarms(axes: Axes, trace: Trace, top: float) -> None:
    spans: list[timedelta | None] = [*sorted({one.span for one in trace.flags if one.span is not None}), None]
    for span in spans:
        flags = [one for one in trace.flags if one.span == span]
        if not flags:
            continue
        times, counts = _times(one.at for one in flags), [one.counted for one in flags]
        marker = "v" if span is None else "^" if span == trace.window else "D"
        label = "告警：减少，或第一天即过线" if span is None else f"告警：{_length(span)}内增多"
        axes.vlines(times, 0, top, color=ALERT, linewidth=0.8, alpha=0.45, zorder=2)
        axes.plot(times, counts, marker, color=ALERT, markersize=9, markeredgecolor="white", markeredgewidth=0.8,
                  zorder=6, label=label)  # fmt: skip


def _dress(axes: Axes, top: float, zone: tzinfo) -> None:
    axes.set_yscale("function", functions=(lambda y: np.sqrt(np.maximum(y, 0.0)), np.square))
    axes.set_ylim(0, top)
    ticks = _ticks(top)
    axes.set_yticks(ticks, [f"{tick:,g}" if tick < 1e6 else f"{tick / 1e4:,.0f} 万" for tick in ticks])
    locator = AutoDateLocator(tz=zone, minticks=6, maxticks=14)  # type: ignore[no-untyped-call]
    dates = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator, tz=zone, formats=DATES, zero_formats=BEGINNINGS, show_offset=False
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates)
    axes.margins(x=0.005)
    axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=0)
    axes.tick_params(colors=SOFT, labelsize=10, length=0, pad=5)
    for place, side in axes.spines.items():
        side.set_visible(place == "bottom")
        side.set_color(GRID)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=8, frameon=False, fontsize=10.5, labelcolor=INK)


def _ticks(top: float) -> list[float]:
    """Lists round counts that stand about evenly on a square-root scale."""
    found = [0.0]
    for at in range(1, 8):
        wanted = top * (at / 7.5) ** 2
        size = 10 ** np.floor(np.log10(wanted))
        nearest = float(min((1, 2, 3, 4, 5, 6, 8, 10), key=lambda one: abs(one * size - wanted)) * size)
        if nearest > found[-1]:
            found.append(nearest)
    return found


def _times(moments: Any) -> list[Any]:
    """Types moments as matplotlib's stubs do not: they know floats, the library takes times as well."""
    found: list[datetime] = list(moments)
    return found


def _length(span: timedelta) -> str:
    return (
        LENGTHS.get(round(span / HOUR), f"{span / HOUR:.3g} 小时") if span >= HOUR else f"{span / HOUR * 60:.0f} 分钟"
    )
