"""The charts of reports, as PNG. Without a Chinese font they are drawn with English words and the caption says so."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from alerts.pictures import chinese_font, dress
from alerts.reports.document import Illustration
from alerts.reports.wave import TrendStep
from stream.process.clock import SHANGHAI

INK, SOFT, GRID = "#1f2933", "#66727f", "#e4e8ec"
ALL, NEGATIVE, BEFORE = "#b8c7d4", "#b3443c", "#d9dee3"
WIDTH, DPI = 6.3, 200  # inches: a little wider than the text of an A4 page
DATES = ["%Y年", "%-m月", "%-m月%-d日", "%H:%M", "%H:%M", "%H:%M:%S"]
BEGINNINGS = ["", "%Y年", "%-m月%-d日", "%-m月%-d日", "%H:%M", "%H:%M"]
PLAIN_DATES = ["%Y", "%m-%d", "%m-%d", "%H:%M", "%H:%M", "%H:%M:%S"]
NO_FONT = "（本机没有中文字体，图中文字以英文代替）"

Mark = tuple[datetime, str]  # what happened when, in Chinese
Words = Callable[[str, str], str]


def trend_chart(steps: Sequence[TrendStep], width: timedelta, caption: str, marks: Sequence[Mark] = ()) -> Illustration:
    """Draws posts and the negative ones among them in time, with lines where something was done."""
    font = chinese_font()
    say = _say(font)
    figure, axes = _figure(2.5)
    times: list[Any] = [one.start + width / 2 for one in steps]
    bar: Any = 0.9 * width
    axes.bar(times, [one.total for one in steps], bar, color=ALL, label=say("全部帖文", "all posts"), zorder=2)
    axes.bar(times, [one.negative for one in steps], bar, color=NEGATIVE, label=say("负面", "negative"), zorder=3)
    top = 1.0 + max([one.total for one in steps], default=0)
    axes.set_ylim(0, top * (1.3 if marks else 1.12))
    for at, (moment, words) in enumerate(marks, start=1):
        x: Any = moment
        axes.axvline(x, color=INK, linewidth=0.8, linestyle=(0, (3, 2)), zorder=4)
        label = words if font else str(at)
        height = top * (1.22 if at % 2 else 1.1)
        axes.text(x, height, f" {label}", fontsize=7.5, color=INK, va="center", zorder=5)
    _time_axis(axes, font)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    return _finish(figure, font, caption)


def bar_chart(rows: Sequence[tuple[str, int]], caption: str) -> Illustration:
    """Draws one bar a row, in the order given, with its number; without a font rows are numbered from 1."""
    font = chinese_font()
    figure, axes = _figure(0.5 + 0.32 * max(2, len(rows)))
    names = [name if font else str(at) for at, (name, _) in enumerate(rows, start=1)]
    places = list(range(len(rows)))[::-1]
    drawn = axes.barh(places, [count for _, count in rows], 0.62, color=NEGATIVE, zorder=2)
    axes.bar_label(drawn, padding=4, fontsize=8.5, color=INK)
    axes.set_yticks(places, names)
    axes.margins(x=0.12)
    axes.set_xticks([])
    return _finish(figure, font, caption)


def comparison_chart(rows: Sequence[tuple[str, int, int]], caption: str) -> Illustration:
    """Draws for each row what was before and what is now beside each other."""
    font = chinese_font()
    say = _say(font)
    figure, axes = _figure(0.9 + 0.42 * max(2, len(rows)))
    places = list(range(len(rows)))[::-1]
    names = [name if font else str(at) for at, (name, _, _) in enumerate(rows, start=1)]
    now, before = [one[2] for one in rows], [one[1] for one in rows]
    upper = axes.barh([at + 0.19 for at in places], now, 0.36, color=NEGATIVE, label=say("本周", "this week"), zorder=2)
    lower = axes.barh(
        [at - 0.19 for at in places], before, 0.36, color=BEFORE, label=say("上周", "last week"), zorder=2
    )
    for drawn in (upper, lower):
        axes.bar_label(drawn, padding=4, fontsize=8, color=INK)
    axes.set_yticks(places, names)
    axes.margins(x=0.12)
    axes.set_xticks([])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    return _finish(figure, font, caption)


def _say(font: str | None) -> Words:
    return lambda chinese, english: chinese if font else english


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _time_axis(axes: Axes, font: str | None) -> None:
    locator = AutoDateLocator(tz=SHANGHAI, minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    formats, zero = (DATES, BEGINNINGS) if font else (PLAIN_DATES, ["", *PLAIN_DATES[:5]])
    dates = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator, tz=SHANGHAI, formats=formats, zero_formats=zero, show_offset=False
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=0)


def _finish(figure: Figure, font: str | None, caption: str) -> Illustration:
    for axes in figure.axes:
        axes.tick_params(colors=SOFT, labelsize=8, length=0, pad=4)
        for place, side in axes.spines.items():
            side.set_visible(place == "bottom")
            side.set_color(GRID)
    if font:
        dress(figure, font)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return Illustration(caption if font else caption + NO_FONT, drawn.getvalue())
