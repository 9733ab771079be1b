"""How grave a case is: a table of criteria, and a grade that says which of them held. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from stream.process.configuration import STRICT


class Grade(StrEnum):
    """The four colours, gravest first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


GRADE_NAMES = {Grade.RED: "特别重大", Grade.ORANGE: "重大", Grade.YELLOW: "较大", Grade.BLUE: "一般"}


def gravest(*grades: Grade) -> Grade:
    """Finds the gravest of these grades."""
    return min(grades, key=list(Grade).index)


class Measure(StrEnum):
    """What a criterion may ask of a spike's window."""

    NEGATIVE = "negative"
    AUTHORS = "authors"
    FACTOR = "factor"
    SHARE = "share"
    SITES = "sites"
    REPOSTS = "reposts"
    VIEWS = "views"

    @classmethod
    def _missing_(cls, value: object) -> "Measure | None":
        return cls.AUTHORS if value == "voices" else None  # in cases and in an alerts.yml of before


SAMPLE = 200  # negative posts looked at for sites, counters and quotes
HIGHEST = {Measure.SHARE: 1, Measure.SITES: SAMPLE}  # beyond which nothing is ever measured

MEASURE_NAMES = {
    Measure.NEGATIVE: "负面帖文数",
    Measure.AUTHORS: "不同发言者数",
    Measure.FACTOR: "相当于常态的倍数",
    Measure.SHARE: "负面占比",
    Measure.SITES: "涉及网站数",
    Measure.REPOSTS: "单帖最高转发数",
    Measure.VIEWS: "单帖最高浏览数",
}


@checked(frozen=True, kw_only=True, config=STRICT)
class Criterion:
    """One row of the table; `source` says where the number comes from, or that the organisation sets it."""

    grade: Grade
    measure: Measure
    at_least: Annotated[float, Field(gt=0)]
    source: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A criterion with what was measured."""

    criterion: Criterion
    measured: float

    @property
    def holds(self) -> bool:
        return self.measured >= self.criterion.at_least


@dataclass(frozen=True, slots=True)
class Grading:
    """A grade with every criterion of the table, held or not: what made it, and what would raise it."""

    grade: Grade
    weighed: tuple[Weighed, ...]

    @property
    def held(self) -> tuple[Weighed, ...]:
        return tuple(one for one in self.weighed if one.holds and one.criterion.grade is self.grade)


def grade(measures: Mapping[Measure, float], table: Sequence[Criterion]) -> Grading:
    """Finds the gravest grade of which any criterion holds; blue where none does: a spike is a case in any event."""
    weighed = tuple(Weighed(row, measures.get(row.measure, 0.0)) for row in table)
    order = list(Grade)
    held = [one.criterion.grade for one in weighed if one.holds]
    return Grading(min(held, key=order.index, default=Grade.BLUE), weighed)


def never_reached(table: Sequence[Criterion], otherwise: Collection[Grade] = ()) -> Iterator[str]:
    """Yields rows of the table that never decide, as a graver grade asks no more of the same measure, or none can be
    that high; and grades that neither a row nor anything else (`otherwise`) ever gives, the lowest aside."""
    order = list(Grade)
    for at, one in enumerate(table):
        graver = (
            other for other in table
            if order.index(other.grade) < order.index(one.grade)
            and other.measure is one.measure
            and other.at_least <= one.at_least
        )  # fmt: skip
        above = next(graver, None)
        if above is not None:
            yield (
                f"grades.{at}: {one.grade} by {one.measure} >= {one.at_least:g} never decides: {above.grade} asks "
                f"{above.at_least:g} of it"
            )
        elif _is_too_high(one):
            yield (
                f"grades.{at}: {one.grade} by {one.measure} >= {one.at_least:g} never decides: no more than "
                f"{HIGHEST[one.measure]} is ever measured"
            )
    given = {*otherwise, *(one.grade for one in table if not _is_too_high(one)), Grade.BLUE}
    yield from (f"grades: nothing ever gives {one}" for one in order if one not in given)


def _is_too_high(row: Criterion) -> bool:
    return row.measure in HIGHEST and row.at_least > HIGHEST[row.measure]
