"""What configs/kibana/dashboards.yml may say: data views, saved searches, dashboards and their panels."""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
ViewName = Literal["posts", "cases", "history", "health"]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Operation = Literal[
    "count",
    "sum",
    "average",
    "median",
    "min",
    "max",
    "unique_count",
    "last_value",
    "share",
    "lowest",
    "highest",
    "against_earlier",
]
Shape = Literal[
    "metric", "line", "area_stacked", "bar", "bar_stacked", "bar_percentage_stacked", "bar_horizontal",
    "bar_horizontal_stacked", "donut", "table", "heatmap", "tags",
]  # fmt: skip

_CHARTS = ("line", "area_stacked", "bar", "bar_stacked", "bar_percentage_stacked")  # time runs from left to right
_COUNTS = ("count", "share", "lowest", "highest", "against_earlier")  # of documents, not of a field


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FieldName:
    """How people call a field. `values` is a vocabulary of scripts/kibana/vocabulary.py, `format` a number's form."""

    name: Words
    values: Key | None = None
    format: Literal["duration", "percent", "link"] | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class View:
    """A data view: an alias of the index (`posts` is wenfeng-posts) with its time and the names of its fields."""

    name: Words
    time: str
    fields: dict[str, FieldName | Words]
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Search:
    """A saved search, newest first or `oldest_first`. `query` is KQL, in which quotation marks make a phrase."""

    view: ViewName
    title: Words
    note: Words
    query: str = ""
    columns: tuple[str, ...]
    oldest_first: bool = False


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Bucket:
    """By what a panel groups: a time `every` so often, or the `top` values of a field.

    Values come by the panel's first number, the largest before the others, or the smallest where it is `rising`.
    """

    field: str
    name: Words
    top: Annotated[int, Field(ge=1, le=1000)] | None = None
    every: Literal["auto", "1h", "1d", "1w"] | None = None
    rising: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "Bucket":
        if (self.top is None) == (self.every is None):
            raise ValueError("give either top (values of a field) or every (a time)")
        if self.rising and self.top is None:
            raise ValueError("rising is for values of a field (top)")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Value:
    """A number of a panel. `where` (KQL) narrows it; `share` is count where it holds over count of `among`.

    `weeks_ago` shifts a count; `lowest` and `highest` are of the counts that many weeks before, each up to `weeks_ago`.
    `against_earlier` is the count over that of `weeks_ago`.
    `last_value` is by the view's time or `by`.
    """

    op: Operation
    name: Words
    field: str | None = None
    where: str = ""
    among: str = ""
    weeks_ago: Annotated[int, Field(ge=1, le=8)] | None = None
    by: str | None = None
    colour: Colour | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Value":
        if (self.field is None) != (self.op in _COUNTS):
            raise ValueError(f"{self.op} needs {'no' if self.field else 'a'} field")
        if self.op == "share" and not self.where:
            raise ValueError("share needs where")
        if self.op in ("lowest", "highest") and (self.weeks_ago is None or self.weeks_ago < 2):
            raise ValueError(f"{self.op} needs weeks_ago of 2 or more")
        if self.op == "against_earlier" and self.weeks_ago is None:
            raise ValueError("against_earlier needs weeks_ago")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mark:
    """What happened to cases, as upright lines on a chart over time: the events of `history` where `where` holds."""

    name: Words
    where: Words
    colour: Colour
    icon: Literal["bell", "flag", "circle", "tag", "starFilled", "triangle"] = "flag"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Panel:
    """One picture. In charts the first of `by` is the axis and the second parts the series; in tables all are rows.

    `marks` are drawn over a chart of another view: what narrows the chart would narrow them too, so that such a chart
    has its conditions in its values.
    """

    title: Words
    shape: Shape
    view: ViewName
    values: Annotated[tuple[Value, ...], Field(min_length=1)]
    by: tuple[Bucket, ...] = ()
    where: str = ""
    marks: tuple[Mark, ...] = ()
    note: str = ""
    width: Annotated[int, Field(ge=4, le=48)] = 24
    height: Annotated[int, Field(ge=3, le=40)] = 12

    @model_validator(mode="after")
    def _fits(self) -> "Panel":
        least, most = {"metric": (0, 0), "table": (1, 6), "heatmap": (2, 2), "donut": (1, 2), "tags": (1, 1)}.get(
            self.shape, (1, 2)
        )
        if not least <= len(self.by) <= most:
            raise ValueError(f"{self.shape} takes {least} to {most} of `by`")
        if self.shape in ("metric", "heatmap", "donut", "tags") and len(self.values) != 1:
            raise ValueError(f"{self.shape} shows one value")
        if self.marks and (self.where or not self.by or self.by[0].every is None or self.shape not in _CHARTS):
            raise ValueError("marks stand on a chart over time, the panel's own `where` empty")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Found:
    """A saved search as a panel."""

    search: Key
    title: Words
    width: Annotated[int, Field(ge=4, le=48)] = 48
    height: Annotated[int, Field(ge=3, le=40)] = 18


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Text:
    """Words on a dashboard, in Markdown; [[key]] becomes a link to that dashboard."""

    text: Words
    width: Annotated[int, Field(ge=4, le=48)] = 48
    height: Annotated[int, Field(ge=3, le=40)] = 4


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Control:
    """A list above a dashboard from which people choose values of a field."""

    view: ViewName
    field: str
    title: Words


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Dashboard:
    """Panels from left to right, top to bottom, in a grid of 48 columns."""

    title: Words
    note: Words
    since: Annotated[str, StringConstraints(pattern=r"^now-\d+[hdw]$")]
    refresh: Annotated[int, Field(ge=0)] = 0  # seconds; 0: not by itself
    controls: tuple[Control, ...]
    panels: dict[Key, Panel | Found | Text]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Description:
    """configs/kibana/dashboards.yml."""

    views: dict[ViewName, View]
    searches: dict[Key, Search]
    dashboards: dict[Key, Dashboard] = field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "Description":
        wrong = [
            f"dashboards.{key}.panels.{name}: no search {panel.search!r}"
            for key, board in self.dashboards.items()
            for name, panel in board.panels.items()
            if isinstance(panel, Found) and panel.search not in self.searches
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self
