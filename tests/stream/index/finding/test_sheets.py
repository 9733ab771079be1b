"""Sheets for people: every column, names in place of keys, nobody's voice, whole and readable by other programs."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from stream.index.finding.sheets import HEADS, Called, SheetForm, Written, write_sheet
from stream.index.port import WITHHELD_AFTER
from stream.messages import Act, Counts, Kind, Label, Precision, ScoredPost
from tests.stream.scored import NOON, scored

CALLED = Called(
    sites={"bbs": "企业论坛"}, sources={"bbs-main": "企业论坛主站"}, topics={"food": "食品"},
    fields={"service": "服务"}, cues={"danger": "险情"},
)  # fmt: skip
FULL = scored(
    1, "停电\n=1+1", title="标题", board="水电", floor=3, kind=Kind.THREAD, act=Act.APPEAL, topics=("food", "x"),
    fields=("service",), cues=("danger",), negative=0.123456, label=Label.UNCERTAIN,
    counts=Counts(views=10, replies=2, likes=3, reposts=4), observed_at=NOON + timedelta(hours=1),
)  # fmt: skip
ROW = {
    "编号": FULL.id, "发布时间": "2026-09-21 12:00", "标题": "标题", "正文": "停电\n'=1+1", "站点": "企业论坛",
    "信息源": "企业论坛主站", "版块": "水电", "楼层": 3, "类型": "主题帖", "倾向": "待人工判断", "意图": "诉求",
    "负面概率": 0.123, "话题": "食品、x", "诉求所涉": "服务", "待核实说法": "险情", "源站删除": None,
    "回复数": 2, "浏览数": 10, "点赞数": 3, "转发数": 4, "地址": "https://bbs.example.com/p/1",
    "首次采集": "2026-09-21 12:00", "最近采集": "2026-09-21 13:00",
}  # fmt: skip


def written(form: SheetForm, *posts: ScoredPost, most: int = 9) -> tuple[bytes, Written]:
    out = BytesIO()
    told = write_sheet(form, iter(posts), CALLED, out, now=NOON, most=most)
    assert not out.closed
    return out.getvalue(), told


def rows(form: SheetForm, *posts: ScoredPost, most: int = 9) -> list[dict[str, Any]]:
    """The sheet as another program reads it; a cell without anything is None."""
    data, _ = written(form, *posts, most=most)
    if form is SheetForm.CSV:
        told = [[cell or None for cell in row] for row in csv.reader(StringIO(data.decode("utf-8-sig")))]
    else:
        told = [list(row) for row in load_workbook(BytesIO(data)).active.values]
    assert tuple(told[0]) == HEADS
    return [dict(zip(HEADS, row, strict=False)) for row in told[1:]]


@pytest.fixture(params=list(SheetForm))
def form(request: pytest.FixtureRequest) -> SheetForm:
    return SheetForm(request.param)


def test_a_row_has_every_column_in_words_of_people(form: SheetForm) -> None:
    (row,) = rows(form, FULL)
    texts = {head: None if cell is None else str(cell) for head, cell in ROW.items()}
    assert {head: None if cell is None else str(cell) for head, cell in row.items()} == texts


def test_numbers_are_numbers_and_all_else_is_text_for_a_spreadsheet() -> None:
    assert rows(SheetForm.XLSX, FULL) == [ROW]
    odd = scored(2, "#N/A", title="_x003D_1", board="0012", url="=HYPERLINK(1)")
    data, _ = written(SheetForm.XLSX, odd)
    cells = dict(zip(HEADS, load_workbook(BytesIO(data)).active[2], strict=True))
    assert (cells["正文"].value, cells["正文"].data_type) == ("#N/A", "s")
    assert (cells["版块"].value, cells["地址"].value) == ("0012", "'=HYPERLINK(1)")
    assert {cell.data_type for cell in cells.values()} <= {"s", "n", "inlineStr"}


def test_ids_and_long_digits_stay_text_in_a_csv() -> None:
    odd = scored(2, id="1" * 32, board="0012", title="1e5")
    (row,) = rows(SheetForm.CSV, odd)
    assert (row["编号"], row["版块"], row["标题"]) == ("'" + "1" * 32, "'0012", "'1e5")


def test_a_csv_begins_with_its_mark_and_has_one_quoted_row_a_post() -> None:
    data, _ = written(SheetForm.CSV, scored(1, 'a"b,c'), scored(2))
    assert data.startswith(b'\xef\xbb\xbf"\xe7\xbc\x96\xe5\x8f\xb7"')
    assert data.count(b"\r\n") == 3
    assert b'"a""b,c"' in data


def test_nothing_of_an_author_is_in_a_sheet(form: SheetForm) -> None:
    data, _ = written(form, FULL)
    told = data.decode("utf-8-sig") if form is SheetForm.CSV else str(rows(form, FULL))
    assert FULL.voice is not None
    assert FULL.voice not in told
    assert FULL.native_id not in told


def test_words_of_a_post_gone_for_long_are_withheld(form: SheetForm) -> None:
    gone = scored(1, "没了", title="标题", deleted_at=NOON - WITHHELD_AFTER)
    fresh = scored(2, "还在", deleted_at=NOON - timedelta(hours=1))
    first, second = rows(form, gone, fresh)
    assert (first["标题"], first["正文"], first["源站删除"]) == (None, None, "2026-09-20 12:00")
    assert second["正文"] == "还在"


def test_times_are_as_fine_as_the_site_tells_them(form: SheetForm) -> None:
    day = scored(1, published_precision=Precision.DAY)
    never = scored(2, published_at=None, published_precision=Precision.UNKNOWN)
    assert [row["发布时间"] for row in rows(form, day, never)] == ["2026-09-21", None]


def test_a_sheet_is_cut_at_its_most_and_says_so_in_its_last_row(form: SheetForm) -> None:
    posts = [scored(n) for n in range(4)]
    assert written(form, *posts, most=4)[1] == Written(4, cut=False)
    assert written(form, *posts, most=3)[1] == Written(3, cut=True)
    *_, last = rows(form, *posts, most=3)
    assert last["编号"] == "以上 3 条，已到一次导出的上限，其余帖子未导出：请缩小范围分次导出"


def test_a_sheet_without_posts_has_its_heads(form: SheetForm) -> None:
    assert rows(form) == []
    assert written(form)[1] == Written(0, cut=False)


def test_no_more_posts_are_read_than_it_takes_to_know_that_there_are_more() -> None:
    read = []

    def posts() -> Iterator[ScoredPost]:
        for number in range(100):
            read.append(number)
            yield scored(number)

    write_sheet(SheetForm.CSV, posts(), Called(), BytesIO(), now=NOON, most=5)
    assert len(read) == 6


def test_a_key_without_a_name_goes_by_itself(form: SheetForm) -> None:
    out = BytesIO()
    write_sheet(form, [FULL], Called(), out, now=NOON)
    text = out.getvalue().decode("utf-8-sig") if form is SheetForm.CSV else ""
    assert form is SheetForm.XLSX or '"bbs","bbs-main"' in text


def test_a_post_of_a_megabyte_and_of_every_control_is_a_row(form: SheetForm) -> None:
    hostile = scored(
        1, "".join(map(chr, range(0x20))) + "<script>" + "长" * 1_000_000, title="\u202e=cmd|' /C calc'!A0"
    )
    (row,) = rows(form, hostile)
    assert row["标题"] == "'=cmd|' /C calc'!A0"
    assert len(row["正文"]) == 32_767
