"""A report before it has a form: what it says, in order. The same values become docx and HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stream.process.clock import SHANGHAI


class ReportLayout(StrEnum):
    """How a report is set. Official: GB/T 9704. Daily: smaller, as 每日舆情 is filed."""

    OFFICIAL = "official"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first or second level; numbers are part of `text`."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table. `widths` are parts of the page's width, one a column."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Illustration:
    """A chart as PNG; `caption` also says what it shows to whoever cannot see it."""

    caption: str
    png: bytes


Block = Heading | Prose | ReportTable | Illustration


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialReport:
    """All of a report. `series` and `issue` stand on its head: 舆情快报〔2026〕第3期."""

    form: ReportLayout
    unit: str
    series: str
    issue: int
    classified: str
    title: str
    period: str
    made_at: datetime
    blocks: tuple[Block, ...]

    @property
    def number(self) -> str:
        """Its number as offices write it, of the year in Asia/Shanghai."""
        return f"{self.series}〔{self.made_at.astimezone(SHANGHAI).year}〕第{self.issue}期"


_TENS = "零一二三四五六七八九十"


def numbered(sections: Sequence[tuple[str, Sequence[Block]]]) -> tuple[Block, ...]:
    """Puts the sections in order under headings 一、二、三、; one without a block is left out. At most ten."""
    kept = [(title, blocks) for title, blocks in sections if blocks]
    told: list[Block] = []
    for at, (title, blocks) in enumerate(kept, start=1):
        told += [Heading(f"{_TENS[at] if at <= 10 else at}、{title}"), *blocks]
    return tuple(told)
