from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.totals import TableShape, speaks_of_the_table

NAMES = ["编号", "标题", "内容", "时间", "作者", "件数"]
ROW = ["GD001", "停电", "城南停电了", "2026-11-28 08:00", "甲", 3]


def missing(*values: Any, before: list[list[Any]] | None = None) -> str:
    shape = TableShape(words=("内容", "标题"), telling=("编号", "时间", "作者"), promised=("编号", "时间"))
    for row in [ROW, ROW] if before is None else before:
        shape.met(dict(zip(NAMES, row, strict=True)))
    return shape.missing_in(dict(zip(NAMES, [*values, *[None] * (len(NAMES) - len(values))], strict=True)))


SUMS = [
    ["合计"], ["", "", "合计"], ["", "总 计"], ["", "", "合计：1,234"], ["", "", "合计（件）", "", "", 1234],
    ["", "", "小计", "", "", "35"], ["共计", "", "35"], ["", "", "Total", "", "", 99.5], ["Grand Total"],
    ["", "", "總計：300"], ["", "", "汇总：共12条"], ["", "", "城南供电所 小计", "", "", 4], ["城南区 汇总", "", 12],
    ["", "", "平均值", "", "", 2.5], ["", "", "本页合计 12 件"],
]  # fmt: skip
NOTES = [
    ["", "", "共 1234 条"], ["共计：12 条记录"], ["", "", "总记录数：1234"], ["(1234 rows)"], ["第 1 页，共 10 页"],
    ["以下空白"], ["制表人：张三"], ["", "", "共2条记录，导出时间：2026-11-28 10:00"],
    ["", "", "填报单位：市民服务中心（盖章）"], ["", "", "單位：件"],
    ["", "", "导出时间：2026-11-28 10:22:33"], ["制表人：张三", "", "审核人：李四", "导出时间：2026-11-28"],
    ["制表人：", "张三", "审核人：", "李四"],
    ["导出时间", datetime(2026, 11, 28, 9)], ["", "", "制表人：张三　审核人：李四　制表日期：2026年11月28日"],
    ["", "", "以上数据来源于12345热线平台。"], ["数据来源：清博舆情"], ["", "", "注：本表数据截至2026年11月28日"],
    ["制表人：张三", "", "", "2026-11-28"], ["", "", "统计时间：2026-11-01至2026-11-28"],
]  # fmt: skip
PEOPLE = [
    ["", "", "合计多收了我三百块"], ["", "", "总计300元，其中多收50元"], ["", "", "共三条意见，都没人理"],
    ["", "", "小计较"], ["", "", "审核人：一直不给通过，三天了"], ["", "", "以上数据来源于哪里？造假"],
    ["", "", "单位：我们单位一直停电"], ["", "", "工作汇总"], ["", "", "制表人：张三你出来！"], ["", "", "666"],
    ["", "", "total disaster"], ["", "城南", "合计"], ["", "", "填报时间太短了"],
]  # fmt: skip


@pytest.mark.parametrize("values", SUMS + NOTES)
def test_a_row_of_nothing_but_sums_or_notes_that_lacks_what_others_have_is_about_the_table(values: list[Any]) -> None:
    assert missing(*values) in ("编号", "时间")


@pytest.mark.parametrize("values", PEOPLE)
def test_what_a_person_may_have_said_is_not_however_short_and_in_whatever_row(values: list[Any]) -> None:
    assert missing(*values) == ""


@pytest.mark.parametrize(
    "told", [{"编号": "GD9"}, {"编号": 57}, {"时间": "2026-11-28"}, {"时间": 46354.4}, {"作者": "甲"}]
)
@pytest.mark.parametrize("words", ["合计", "合计：1,234", "共 12 条", "制表人：张三"])
def test_a_row_with_an_id_a_time_or_a_writer_of_its_own_is_a_persons_whatever_it_says(
    told: dict[str, Any], words: str
) -> None:
    assert missing(*[(told | {"内容": words}).get(name) for name in NAMES]) == ""


def test_where_others_lack_the_same_nothing_tells_such_a_row_from_a_persons() -> None:
    bare = [None, None, "停电", None, None, None]
    assert missing("", "", "共 12 条", before=[bare] * 10) == ""
    assert missing("", "", "共 12 条", before=[*[ROW] * 6, *[bare] * 5]) == "编号"
    assert missing("", "", "合计", before=[*[ROW] * 5, *[bare] * 5]) == ""


def test_an_id_that_is_a_sum_or_a_note_is_none_whatever_others_lack() -> None:
    bare = [None, None, "停电", None, None, None]
    for values in (["合计", "", "3"], ["制表人：张三", "", "审核人：李四", "", "日期：2026-11-28"]):
        assert missing(*values, before=[bare] * 10) == "编号"


def test_before_any_row_it_is_the_header_that_promises_an_id_and_a_time() -> None:
    assert missing("", "", "合计：1,234", before=[]) == "编号"
    shape = TableShape(words=("内容",), telling=(), promised=())
    assert shape.missing_in({"内容": "合计", "部门": ""}) == ""
    shape.met({"内容": "停电", "部门": "城南所"})
    assert shape.missing_in({"内容": "合计", "部门": ""}) == "部门"


def test_a_sum_may_name_its_group_in_another_column_and_a_note_may_not() -> None:
    shape = TableShape(words=("内容",), telling=("编号",), promised=("编号",))
    assert shape.missing_in({"编号": "", "内容": "小计", "部门": "城南所"}) == "编号"
    assert shape.missing_in({"编号": "", "内容": "共 12 条", "部门": "城南所"}) == ""


def test_what_is_no_cell_of_a_sheet_is_never_a_total() -> None:
    assert missing("", "", "合计", {"$date": 7}) == ""
    assert missing("", "", {"a": "合计"}) == ""


@pytest.mark.parametrize(
    ("values", "told"),
    [(["共 12 条"], True), (["合计", "35"], True), (["制表人：", "张三"], True), (["35", "36"], False), ([], False),
     (["合计", "停电"], False), (["2026-11-28"], False)],
)  # fmt: skip
def test_cells_under_no_names_are_about_the_table_by_their_words_alone(values: list[Any], told: bool) -> None:
    assert speaks_of_the_table(values) is told


@given(
    st.lists(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.datetimes(),
        min_size=6,
        max_size=6,
    )
)
def test_no_cell_breaks_it(values: list[Any]) -> None:
    assert missing(*values) in ("", *NAMES)
