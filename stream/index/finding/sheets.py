"""Found posts as a sheet for people, CSV or XLSX: Chinese heads and names, Beijing times, no authors and no voices."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from io import TextIOWrapper
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]

from stream.index.finding.cells import in_xlsx, safe_text, unchanged
from stream.index.finding.words import ACT_NAMES, KIND_NAMES, LABEL_NAMES
from stream.index.port import withheld
from stream.messages import Precision, ScoredPost
from stream.process.clock import local_time

MOST = 50_000  # rows; more is not read by people, and takes a spreadsheet long to open

Cell = str | int | float | None


class SheetForm(StrEnum):
    """The file that a sheet is."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """What people call the keys in posts, by key; a key that is missing goes by itself."""

    sites: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    cues: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """How many posts a sheet got, and whether there were more of them than it may hold."""

    rows: int
    cut: bool


_COLUMNS: tuple[tuple[str, int, Callable[[ScoredPost, Called], Cell]], ...] = (  # head, width in characters, content
    ("编号", 34, lambda post, _: post.id),
    ("发布时间", 17, lambda post, _: _published(post)),
    ("标题", 30, lambda post, _: post.title),
    ("正文", 60, lambda post, _: post.text),
    ("站点", 14, lambda post, called: called.sites.get(post.site, post.site)),
    ("信息源", 14, lambda post, called: called.sources.get(post.source, post.source)),
    ("版块", 14, lambda post, _: post.board),
    ("楼层", 6, lambda post, _: post.floor),
    ("类型", 8, lambda post, _: KIND_NAMES[post.kind]),
    ("倾向", 10, lambda post, _: LABEL_NAMES[post.label]),
    ("负面概率", 9, lambda post, _: None if post.negative is None else round(post.negative, 3)),
    ("意图", 6, lambda post, _: ACT_NAMES[post.act] if post.act else None),
    ("话题", 20, lambda post, called: _names(post.topics, called.topics)),
    ("诉求所涉", 14, lambda post, called: _names(post.fields, called.fields)),
    ("待核实说法", 10, lambda post, called: _names(post.cues, called.cues)),
    ("回复数", 8, lambda post, _: post.counts.replies),
    ("浏览数", 8, lambda post, _: post.counts.views),
    ("点赞数", 8, lambda post, _: post.counts.likes),
    ("转发数", 8, lambda post, _: post.counts.reposts),
    ("地址", 40, lambda post, _: post.url),
    ("首次采集", 17, lambda post, _: local_time(post.first_seen_at)),
    ("最近采集", 17, lambda post, _: local_time(post.observed_at)),
    ("源站删除", 17, lambda post, _: None if post.deleted_at is None else local_time(post.deleted_at)),
)
HEADS = tuple(head for head, _, _ in _COLUMNS)


def write_sheet(
    form: SheetForm,
    posts: Iterable[ScoredPost],
    called: Called,
    out: BinaryIO,
    *,
    now: datetime,
    most: int = MOST,
) -> Written:
    """Writes the first `most` posts in their order into `out`, which stays open; a last row says that there are more.

    Posts gone for long are without their words at `now`. One post beyond `most` is read, and no further. A CSV is UTF-8
    with the mark by which spreadsheets know it, and is written as posts come; an XLSX is written at the end.
    """
    rows = _Rows(posts, called, now, most)
    (_write_csv if form is SheetForm.CSV else _write_xlsx)(rows, out)
    return Written(rows.written, rows.cut)


class _Rows:
    """The sheet's rows, heads first; counts the posts while they are written."""

    def __init__(self, posts: Iterable[ScoredPost], called: Called, now: datetime, most: int) -> None:
        self._posts, self._called, self._now, self._most = iter(posts), called, now, most
        self.written, self.cut = 0, False

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        yield HEADS
        for post in islice(self._posts, self._most):
            self.written += 1
            shown = withheld(post, self._now)
            yield [_safe(of(shown, self._called)) for _, _, of in _COLUMNS]
        self.cut = next(self._posts, None) is not None
        if self.cut:
            yield [f"以上 {self._most} 条，已到一次导出的上限，其余帖子未导出：请缩小范围分次导出"]


def _write_csv(rows: _Rows, out: BinaryIO) -> None:
    text = TextIOWrapper(out, "utf-8-sig", newline="")
    sheet = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in rows:
        sheet.writerow([unchanged(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    text.flush()
    text.detach()


def _write_xlsx(rows: _Rows, out: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("帖子")
    sheet.freeze_panes = "A2"
    for at, (_, width, _) in enumerate(_COLUMNS):
        sheet.column_dimensions[chr(ord("A") + at)].width = width

    def text(cell: Cell) -> Any:
        if not isinstance(cell, str):
            return cell
        told = WriteOnlyCell(sheet, in_xlsx(cell))
        told.data_type = "s"  # or `#N/A` would be an error and not a text
        return told

    for row in rows:
        sheet.append(list(map(text, row)))
    book.save(out)


def _safe(cell: Cell) -> Cell:
    return safe_text(cell) if isinstance(cell, str) else cell


def _published(post: ScoredPost) -> str | None:
    if post.published_at is None:
        return None
    return local_time(post.published_at, "%Y-%m-%d" if post.published_precision is Precision.DAY else "%Y-%m-%d %H:%M")


def _names(keys: Iterable[str], names: Mapping[str, str]) -> str:
    return "、".join(names.get(key, key) for key in keys)
