"""The one-page picture of a case: the weeks before it, an ordinary morning, and its waves with the steps marked.

Everything on it is read from the index, from what the looks judged, and from the case's record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import MaxNLocator

from stream.index.port import Axis, Bucket, Query, Reader
from stream.process.clock import SHANGHAI

FONT = Path(__file__).parent / "fonts" / "WenfengSansSC-Regular.otf"
INK, SOFT, GRID = "#1f2933", "#66727f", "#e4e8ec"
OTHERS, NEGATIVE, SHADE = "#b9c4cf", "#c8453b", "#fbeeec"
USUAL, BAND = "#2f6f9f", "#cfe3f1"
HOUR = timedelta(hours=1)
DAY_STEP = timedelta(hours=6)
FINE_STEP = timedelta(minutes=5)
SUMMED = HOUR // FINE_STEP  # fine steps that a count of the last hour takes
LEVELS = 7  # lines of labels above a wave
SIZE = (12.6, 11.6)  # inches
LEFT, RIGHT = 0.062, 0.955
DPI = 150


@dataclass(frozen=True, slots=True)
class Mark:
    """One step of the case. `by` is the person or the watcher; a `strong` mark is drawn through the whole panel."""

    at: datetime
    words: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """Negatives within an hour at a look: what was usual, and the bar that would alarm."""

    at: datetime
    usual: float
    bar: float


@dataclass(frozen=True, slots=True)
class Panel:
    """Some hours of a topic: its counts, what was held against them, and steps of the case among them."""

    title: str
    topic: str
    hours: tuple[datetime, datetime]
    levels: tuple[Level, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is to be drawn: the weeks and a Monday on top, below them a row for each wave."""

    title: str
    weeks: tuple[datetime, datetime]
    monday: Panel
    waves: tuple[Panel, Panel]
    footer: str


def draw(picture: Picture, reader: Reader, folder: Path) -> Path:
    """Writes story.png into `folder` and returns its path."""
    fontManager.addfont(FONT)
    family = FontProperties(fname=FONT).get_name()
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    width = RIGHT - LEFT
    _weeks(figure.add_axes((LEFT, 0.755, width * 0.55, 0.135)), picture, reader)
    _hours(monday := figure.add_axes((LEFT + width * 0.61, 0.755, width * 0.39, 0.135)), picture.monday, reader)
    _title(monday, picture.monday.title)
    last = picture.waves[-1]
    for panel, bottom in zip(picture.waves, (0.41, 0.065), strict=True):
        _hours(axes := figure.add_axes((LEFT, bottom, width, 0.165)), panel, reader)
        _flags(figure.add_axes((LEFT, bottom + 0.165, width, 0.135)), axes, panel, after=panel is last)
    figure.text(LEFT, 0.962, picture.title, fontsize=19, color=INK)
    figure.text(LEFT, 0.938, _span(picture), fontsize=10.5, color=SOFT)
    figure.text(LEFT, 0.016, picture.footer, fontsize=8.5, color=SOFT)
    for words in figure.findobj(lambda one: hasattr(one, "set_fontfamily")):
        words.set_fontfamily(family)  # type: ignore[attr-defined]
    path = folder / "story.png"
    figure.savefig(path)
    return path


def _weeks(axes: Axes, picture: Picture, reader: Reader) -> None:
    start, end = picture.weeks
    buckets = reader.histogram(Query(), Axis.CHARTED, start, end, DAY_STEP)
    _bars(axes, buckets, DAY_STEP)
    for panel in (picture.monday, *picture.waves):
        axes.axvspan(*(_hour(moment, start) for moment in panel.hours), color=SHADE, zorder=0)
    _time_axis(axes, start, end, every=timedelta(days=7), form="%-m月%-d日")
    axes.set_ylim(0, max(bucket.total for bucket in buckets) * 1.3 + 1)
    _title(axes, "全部话题，每 6 小时帖数")
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 1.02), ncols=2, frameon=False, fontsize=9, labelcolor=INK,
                handlelength=1.0, handleheight=1.0, columnspacing=1.4)  # fmt: skip


def _hours(axes: Axes, panel: Panel, reader: Reader) -> None:
    """Counts of the last hour at every moment, as the detector sees them, over the band from the usual to the bar."""
    start, end = panel.hours
    moments, negative, total = _of_the_last_hour(panel, reader)
    shown = [level for level in panel.levels if start <= level.at <= end]
    at, usual, bars = (
        [_hour(one.at, start) for one in shown],
        [one.usual for one in shown],
        [one.bar for one in shown],
    )
    axes.fill_between(at, usual, bars, color=BAND, linewidth=0, zorder=1)
    axes.fill_between(moments, negative, total, color=OTHERS, alpha=0.8, linewidth=0, zorder=2)
    axes.fill_between(moments, negative, color=NEGATIVE, alpha=0.8, linewidth=0, zorder=2, label="负面")
    axes.plot(at, bars, color=USUAL, linewidth=1.6, zorder=4, label="预警线")
    axes.plot(at, usual, color=USUAL, linewidth=1.2, linestyle=(0, (4, 2)), zorder=4, label="平时")
    _plain(axes)
    _time_axis(axes, start, end, every=HOUR, form="%H:%M")
    axes.set_ylim(0, max([*total, *bars]) * 1.12 + 1)
    axes.set_ylabel("一小时内帖数", fontsize=9.5, color=SOFT)
    axes.legend(loc="upper right", frameon=False, fontsize=9, labelcolor=INK, handlelength=1.6)


def _of_the_last_hour(panel: Panel, reader: Reader) -> tuple[list[float], list[int], list[int]]:
    """At every fine step of the panel: hours since its beginning, negatives and posts of the hour before."""
    start, end = panel.hours
    steps = reader.histogram(Query(topics=(panel.topic,)), Axis.CHARTED, start - HOUR, end, FINE_STEP)
    windows = [steps[at - SUMMED : at] for at in range(SUMMED, len(steps) + 1)]
    return (
        [_hour(window[-1].start + FINE_STEP, start) for window in windows],
        [sum(step.negative for step in window) for window in windows],
        [sum(step.total for step in window) for window in windows],
    )


def _flags(axes: Axes, below: Axes, panel: Panel, *, after: bool) -> None:
    """The steps as small flags, each below those it would cross, with a thread down into the panel.

    `after`: steps that came later are named at the right edge.
    """
    start, end = panel.hours
    axes.set_ylim(0, LEVELS + 1.1)
    axes.axis("off")
    axes.set_title(panel.title, loc="left", fontsize=11, color=INK, pad=0)
    placed: list[tuple[float, int]] = []  # right edge and line of each label
    for mark in panel.marks:
        x = (mark.at - start) / (end - start)
        if x < 0 or (x > 1 and not after):
            continue
        text = f"{mark.at.astimezone(SHANGHAI):%H:%M} {mark.words}"
        text = text if x <= 1 else f"次日 {text} →"
        left = min(x, 1.0 - _width(text))
        level = min(max((line + 1 for right, line in placed if right > left), default=0), LEVELS - 1)
        placed.append((left + _width(text), level))
        height = (LEVELS - level - 0.42) / (LEVELS + 1.1)
        colour = NEGATIVE if mark.strong else INK
        axes.text(left + 0.004, height, text, transform=axes.transAxes, fontsize=9, color=colour, va="center",
                  zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2})  # fmt: skip
        if x <= 1:
            axes.plot([x, x], [0, height + 0.04], transform=axes.transAxes, color=colour, linewidth=0.8, zorder=3)
            below.axvline(_hour(mark.at, start), color=colour, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)


def _bars(axes: Axes, buckets: Sequence[Bucket], step: timedelta) -> None:
    left = [_hour(bucket.start, buckets[0].start) for bucket in buckets]
    width = step / HOUR * 0.86
    negative = [bucket.negative for bucket in buckets]
    others = [bucket.total - bucket.negative for bucket in buckets]
    axes.bar(left, negative, width, align="edge", color=NEGATIVE, label="负面", zorder=3)
    axes.bar(left, others, width, bottom=negative, align="edge", color=OTHERS, label="其他", zorder=3)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=0)
    axes.tick_params(colors=SOFT, labelsize=9, length=0, pad=5)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(GRID)


def _title(axes: Axes, words: str) -> None:
    axes.set_title(words, loc="left", fontsize=11, color=INK, pad=7)


def _span(picture: Picture) -> str:
    start, end = (moment.astimezone(SHANGHAI) for moment in picture.weeks)
    return f"{start:%Y年%-m月%-d日} 至 {end - timedelta(seconds=1):%-m月%-d日}，北京时间"


def _width(text: str) -> float:
    """About how much of the panel's width a label takes: a Han character is as wide as two letters."""
    return sum(0.0113 if ord(letter) > 0x2E80 else 0.0064 for letter in text) + 0.008


def _time_axis(axes: Axes, start: datetime, end: datetime, *, every: timedelta, form: str) -> None:
    """Hours since `start`, labelled in local time; `start` is a full hour or a local midnight."""
    moments = [start + every * number for number in range(int((end - start) / every) + 1)]
    labels = [moment.astimezone(SHANGHAI).strftime(form) for moment in moments]
    axes.set_xticks([_hour(moment, start) for moment in moments], labels)
    axes.set_xlim(0, _hour(end, start))


def _hour(moment: datetime, start: datetime) -> float:
    return (moment - start) / HOUR
