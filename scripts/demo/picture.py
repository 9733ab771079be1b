"""The one-page picture of a case: posts and negative share over time, with the case's steps marked.

Everything on it is read from the index and the case's record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import MaxNLocator, PercentFormatter

from stream.index.port import Axis, Bucket, Query, Reader
from stream.process.clock import SHANGHAI

FONT = Path(__file__).parent / "fonts" / "WenfengSansSC-Regular.otf"
INK, SOFT, GRID = "#1f2933", "#66727f", "#e4e8ec"
OTHERS, NEGATIVE, SHARE, BAND = "#b9c4cf", "#c8453b", "#7a1f18", "#fbeeec"
HOUR = timedelta(hours=1)
DAY_STEP = timedelta(hours=6)
FINE_STEP = timedelta(minutes=10)
SMOOTH = 3  # fine steps the share looks back over
LEAST = 3  # posts below which a share says nothing
LEVELS = 7  # lines of labels above the lower panel
SIZE = (12.6, 8.6)  # inches
DPI = 150


@dataclass(frozen=True, slots=True)
class Mark:
    """One step of the case. `by` is the person or the watcher; a `strong` mark is drawn through the whole panel."""

    at: datetime
    words: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is to be drawn: the weeks in the upper panel, the case's hours in the lower one."""

    title: str
    topic: str
    topic_name: str
    weeks: tuple[datetime, datetime]
    hours: tuple[datetime, datetime]
    marks: tuple[Mark, ...]
    footer: str


def draw(picture: Picture, reader: Reader, folder: Path) -> Path:
    """Writes story.png into `folder` and returns its path."""
    fontManager.addfont(FONT)
    family = FontProperties(fname=FONT).get_name()
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        3, 1, height_ratios=(2.0, 1.75, 3.6), hspace=0.0, left=0.062, right=0.94, top=0.868, bottom=0.085
    )
    weeks, flags, hours = (figure.add_subplot(grid[row]) for row in range(3))
    weeks.set_position(_raised(weeks, 0.035))
    _weeks(weeks, picture, reader)
    _hours(hours, picture, reader)
    _flags(flags, hours, picture)
    figure.text(0.062, 0.955, picture.title, fontsize=19, color=INK)
    figure.text(0.062, 0.918, _span(picture), fontsize=10.5, color=SOFT)
    figure.text(0.062, 0.022, picture.footer, fontsize=8.5, color=SOFT)
    for words in figure.findobj(lambda one: hasattr(one, "set_fontfamily")):
        words.set_fontfamily(family)  # type: ignore[attr-defined]
    path = folder / "story.png"
    figure.savefig(path)
    return path


def _weeks(axes: Axes, picture: Picture, reader: Reader) -> None:
    start, end = picture.weeks
    buckets = reader.histogram(Query(), Axis.CHARTED, start, end, DAY_STEP)
    _bars(axes, buckets, DAY_STEP)
    axes.axvspan(*(_hour(moment, start) for moment in picture.hours), color=BAND, zorder=0)
    _time_axis(axes, start, end, every=timedelta(days=2), form="%-m月%-d日")
    axes.set_ylim(0, _top(buckets))
    _title(axes, "全部话题，每 6 小时帖数")
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.98), ncols=2, frameon=False, fontsize=9, labelcolor=INK,
                handlelength=1.0, handleheight=1.0, columnspacing=1.4)  # fmt: skip


def _hours(axes: Axes, picture: Picture, reader: Reader) -> None:
    start, end = picture.hours
    query = Query(topics=(picture.topic,))
    buckets = reader.histogram(query, Axis.CHARTED, start, end, FINE_STEP)
    _bars(axes, buckets, FINE_STEP)
    _time_axis(axes, start, end, every=timedelta(hours=1), form="%H:%M")
    axes.set_ylim(0, _top(buckets))
    axes.set_ylabel("每 10 分钟帖数", fontsize=9.5, color=SOFT)
    share = axes.twinx()
    shares = [_share(buckets[max(0, at - SMOOTH + 1) : at + 1]) for at in range(len(buckets))]
    middles = [_hour(bucket.start + FINE_STEP / 2, start) for bucket in buckets]
    share.plot(middles, shares, color=SHARE, linewidth=1.8, marker="o", markersize=2.6, zorder=5)
    share.set_ylim(0, 1.18)
    share.set_yticks([0, 0.25, 0.5, 0.75, 1])
    share.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    share.set_ylabel("负面占比（前 30 分钟）", fontsize=9.5, color=SHARE)
    share.tick_params(axis="y", colors=SHARE, labelsize=9, length=0)
    for side in share.spines.values():
        side.set_visible(False)


def _flags(axes: Axes, below: Axes, picture: Picture) -> None:
    """The steps as small flags, each below those it would cross, with a thread down into the panel."""
    start, end = picture.hours
    axes.set_ylim(0, LEVELS + 1.1)
    axes.axis("off")
    day = start.astimezone(SHANGHAI).strftime("%-m月%-d日")
    axes.text(
        0, 0.97, f"话题「{picture.topic_name}」，{day}", transform=axes.transAxes, fontsize=11, color=INK, va="top"
    )
    placed: list[tuple[float, int]] = []  # right edge and line of each label
    for mark in picture.marks:
        x = (mark.at - start) / (end - start)
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
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=0)
    axes.tick_params(colors=SOFT, labelsize=9, length=0, pad=5)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(GRID)


def _share(buckets: Sequence[Bucket]) -> float:
    total = sum(bucket.total for bucket in buckets)
    return sum(bucket.negative for bucket in buckets) / total if total >= LEAST else float("nan")


def _top(buckets: Sequence[Bucket]) -> float:
    """Room above the highest bar, so that the share's 100 % and the legend stand free."""
    return max(bucket.total for bucket in buckets) * 1.18 + 1


def _title(axes: Axes, words: str) -> None:
    axes.set_title(words, loc="left", fontsize=11, color=INK, pad=7)


def _span(picture: Picture) -> str:
    start, end = (moment.astimezone(SHANGHAI) for moment in picture.weeks)
    return f"{start:%Y年%-m月%-d日} 至 {end - timedelta(seconds=1):%-m月%-d日}，北京时间"


def _raised(axes: Axes, by: float) -> tuple[float, float, float, float]:
    box = axes.get_position()
    return box.x0, box.y0 + by, box.width, box.height - by


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
