"""Charts of pages as SVG, drawn by the server: no script, colours by the style sheet's classes, words beside. Pure.

A chart has a title and a description, and the page a table of the same counts beside it: nothing is told by it alone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape

from alerts.desk.dealing.course import CaseCourse, CourseMark
from stream.index.port import Bucket
from stream.process.clock import local_time

WIDTH, HEIGHT = 400.0, 218.0  # in user units: letters of 11 are legible where the chart is 320 px wide
LEFT, RIGHT, TOP, BOTTOM = 30.0, 34.0, 38.0, 22.0  # margins; the second axis, of the share, is at the right
TICKS = 4  # moments named below
NEAR = 11.0  # units between two marks, below which they have one number together: 1–3
ROWS, DIGIT = 3, 7.0  # rows of such numbers, and how wide a sign of them is
DAY = timedelta(days=1)


def course_chart(course: CaseCourse, name: str) -> str:
    """Draws posts, the negative ones among them, their share, and the marks; `name` says of what. "" without bins."""
    if not course.bins:
        return ""
    top = ceiling(max(one.total for one in course.bins))
    parts = [
        *_frame(course, top), *_bars(course.bins, top), _share(course.bins), *_marks(course),
    ]  # fmt: skip
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-labelledby="course-title course-desc">'
        f'<title id="course-title">{escape(name)}：帖文走势</title>'
        f'<desc id="course-desc">{escape(in_words(course))}</desc>{"".join(parts)}</svg>'
    )


def in_words(course: CaseCourse) -> str:
    """Says in a sentence what the chart shows."""
    bins = course.bins
    total, negative = sum(one.total for one in bins), sum(one.negative for one in bins)
    if not total:
        return "这段时间没有帖文。"
    most = max(bins, key=lambda one: (one.negative, one.total))
    when = moment_of(most.start, course.step)
    return f"共 {total} 条帖文，其中负面 {negative} 条；{when}起的一格负面最多，{most.negative} 条。"


def deeds_of(course: CaseCourse) -> tuple[CourseMark, ...]:
    """Lists what was done, in the order of the numbers in the chart."""
    return tuple(one for one in course.marks if not one.is_letter)


def ceiling(most: int) -> int:
    """Rounds up to a count that an axis ends with: 4, 10, 20, 40, 100 and so on."""
    size = 1
    while True:
        for one in (1, 2, 4):
            if one * size >= most and one * size >= 4:
                return one * size
        size *= 10


def share_of(one: Bucket) -> float | None:
    """Computes the part of a step's posts that is negative; None of no post."""
    return one.negative / one.total if one.total else None


def moment_of(at: datetime, step: timedelta) -> str:
    """Writes the beginning of a step: the day where steps are days, else with the time of day."""
    return local_time(at, "%-m月%-d日" if step >= DAY else "%-m月%-d日%H:%M")


def _frame(course: CaseCourse, top: int) -> Iterator[str]:
    """Yields axes: counts at the left, the share at the right, moments below."""
    for part in (0.0, 0.5, 1.0):
        y = _y(part)
        yield f'<line class="c-grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 4, y + 4, f"{top * part:g}", "end")
        yield _text(WIDTH - RIGHT + 4, y + 4, f"{part:.0%}", "start")
    number = len(course.bins)
    short = course.step * number <= DAY
    for at in range(TICKS):
        place = round(at * (number - 1) / (TICKS - 1))
        form = "%H:%M" if short else "%-m/%-d" if course.step >= DAY / 4 else "%-m/%-d %H:%M"
        anchor = "start" if at == 0 else "end" if at == TICKS - 1 else "middle"
        yield _text(_x(place, number), HEIGHT - 6, local_time(course.bins[place].start, form), anchor)


def _bars(bins: Sequence[Bucket], top: int) -> Iterator[str]:
    width = max(1.0, 0.8 * (WIDTH - LEFT - RIGHT) / len(bins))
    for at, one in enumerate(bins):
        for count, kind, fill in ((one.total, "c-all", "#b8c7d4"), (one.negative, "c-neg", "#b3261e")):
            if count:
                y = _y(count / top)
                yield (
                    f'<rect class="{kind}" fill="{fill}" x="{_x(at, len(bins)):.1f}" y="{y:.1f}" width="{width:.1f}" '
                    f'height="{_y(0) - y:.1f}"/>'
                )


def _share(bins: Sequence[Bucket]) -> str:
    """Draws the share as a line from step to step that has posts."""
    half = 0.4 * (WIDTH - LEFT - RIGHT) / len(bins)
    shares = [(at, share) for at, one in enumerate(bins) if (share := share_of(one)) is not None]
    points = " ".join(f"{_x(at, len(bins)) + half:.1f},{_y(share):.1f}" for at, share in shares)
    return f'<polyline class="c-share" fill="none" stroke="#175199" points="{points}"/>' if points else ""


def _marks(course: CaseCourse) -> Iterator[str]:
    """Yields a numbered line for each deed, and a small triangle on the axis for letters."""
    start, span = course.bins[0].start, course.step * len(course.bins)
    deeds: list[float] = []
    for mark in course.marks:
        x = LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, (mark.at - start) / span))
        if not mark.is_letter:
            deeds.append(x)
            continue
        foot = _y(0)
        yield f'<path class="c-letter" d="M{x:.1f} {foot:.1f}l-3.5 6h7z"><title>{_told(mark)}</title></path>'
    ends = [0.0] * ROWS  # where the last number of each row ends
    number = 0
    for close in _close_together(deeds):
        words = f"{number + 1}" if len(close) == 1 else f"{number + 1}–{number + len(close)}"
        number += len(close)
        middle, half = (close[0] + close[-1]) / 2, DIGIT * len(words) / 2
        row = next((at for at, end in enumerate(ends) if end <= middle - half), ROWS - 1)
        ends[row] = middle + half
        y = 9.0 + 10.0 * row
        for x in close:
            yield f'<line class="c-mark" stroke="#5b6470" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 2:.1f}" y2="{_y(0):.1f}"/>'
        yield _text(middle, y, words, "middle", "c-number")


def _close_together(places: Sequence[float]) -> list[list[float]]:
    """Groups neighbours between which no two numbers have room."""
    groups: list[list[float]] = []
    for x in places:
        if groups and x - groups[-1][-1] < NEAR:
            groups[-1].append(x)
        else:
            groups.append([x])
    return groups


def _told(mark: CourseMark) -> str:
    return escape(f"{local_time(mark.at, '%-m月%-d日%H:%M')} {mark.words}")


def _text(x: float, y: float, words: str, anchor: str, kind: str = "c-text") -> str:
    return f'<text class="{kind}" font-size="11" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _x(at: int, number: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at / number


def _y(part: float) -> float:
    """Places a part of the height, from the foot up."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, part)
