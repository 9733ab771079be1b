"""A wave's trend as a small PNG for a letter: all posts, negative ones before them, letters and acts marked.

There are no words in it but the hours of the day: what stands for what is said in text beside it, which needs no font.
"""

from datetime import timedelta
from functools import lru_cache
from io import BytesIO

from alerts.notify.contents.situation import Bar, Happening
from stream.process.clock import local_time

SIZE, DPI = (5.6, 1.7), 140  # inches: 784 x 238, shown at 560 wide, on a phone at 350
ALL, NEGATIVE, INK, GRID = "#b9c6d4", "#b3261e", "#5b6470", "#e4e8ec"
DAY_AND_NIGHT = timedelta(hours=20)  # from here on an hour without its day could be two
LEAST = 2  # steps below which there is nothing to draw
LABELS = 5  # at most so many hours below it


@lru_cache(maxsize=32)  # a change of a case writes to several people, each in several forms
def chart(bars: tuple[Bar, ...], happened: tuple[Happening, ...]) -> bytes:
    """Draws the trend; the same steps give the same bytes. b"" where there are too few to draw."""
    if len(bars) < LEAST:
        return b""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # a sixth of what every command's start would take
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.07, 0.2, 0.92, 0.76))
    places = range(len(bars))
    axes.bar(places, [one.total for one in bars], color=ALL, width=0.8)
    axes.bar(places, [one.negative for one in bars], color=NEGATIVE, width=0.8)
    top = max(1, *(one.total for one in bars))
    for letters, marker, colour in ((True, "v", "#1f5a99"), (False, "D", "#2e7d32")):
        found = sorted({_place(bars, one) for one in happened if one.is_letter is letters and one.at >= bars[0].start})
        axes.plot(found, [top * (1.22 if letters else 1.1)] * len(found), marker, color=colour, markersize=6)
    axes.set_ylim(0, top * 1.32)
    axes.set_xlim(-0.6, len(bars) - 0.4)
    shown = list(places)[:: -(-len(bars) // LABELS)]
    hours = "%H:%M" if bars[-1].start - bars[0].start < DAY_AND_NIGHT else "%-m-%-d %H:%M"
    axes.set_xticks(shown, [local_time(bars[at].start, hours) for at in shown])
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(colors=INK, labelsize=9.5, length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    drawn = BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()


def _place(bars: tuple[Bar, ...], one: Happening) -> int:
    """Finds the step in which it happened."""
    return max(at for at, bar in enumerate(bars) if bar.start <= one.at)
