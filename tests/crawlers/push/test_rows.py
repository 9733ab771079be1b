from collections.abc import Iterator
from typing import Any

import pytest

from crawlers.push.rows import Oddity, Record, Row, name_of_column, sayable, tell_missing, under_header
from stream.errors import Rejected

HEADER = ["编号", "内容", "时间"]


def read(*values: list[Any], counted: bool = True) -> list[tuple[int, Any, str]]:
    """Each row's line, its text, and what is odd about it."""
    rows = under_header(records(*values), "内容", found_in="a.csv", counted=counted)
    return [(row.line, row.cells.get("内容"), row.odd.detail if row.odd else "") for row in rows]


def records(*values: list[Any]) -> Iterator[Record]:
    return (Record(number, one) for number, one in enumerate(values, 1))


def test_titles_above_the_header_and_empty_rows_are_none() -> None:
    assert read(["周报"], ["\ufeff编号 ", " 内容", "时间"], [], ["", "", ""], ["1", "停电", "8:00"]) == [
        (5, "停电", "")
    ]


def test_a_row_of_more_or_fewer_cells_than_the_header_is_not_read_and_says_how_many() -> None:
    assert read(HEADER, ["1", "停", "电", "8:00"], ["2", "来电"], ["3", "修好了", "8:10"]) == [
        (2, None, "4 cells under 3 names"),
        (3, None, "2 cells under 3 names"),
        (4, "修好了", ""),
    ]


def test_a_row_that_does_not_fit_since_it_is_about_the_table_says_so() -> None:
    rows = under_header(
        records(HEADER, ["1", "停电", "8:00"], ["共 1 条"], ["合计", "1"]), "内容", found_in="a", counted=True
    )
    assert [(row.line, row.odd and row.odd.reason) for row in rows] == [
        (2, None),
        (3, "totals_or_note"),
        (4, "totals_or_note"),
    ]


def test_empty_cells_beyond_the_header_and_columns_without_a_name_fit() -> None:
    assert read([*HEADER, ""], ["1", "停电", "8:00", "记"], ["2", "来电", "8:05"], ["3", "修", "8:10", "", ""]) == [
        (2, "停电", ""),
        (3, "来电", ""),
        (4, "修", ""),
    ]


def test_in_a_workbook_a_cell_has_its_own_place_and_any_row_fits() -> None:
    assert read(HEADER, [1, "停电"], [2, "来电", None, "记"], counted=False) == [(2, "停电", ""), (3, "来电", "")]


def test_a_header_that_comes_again_is_told_and_its_order_holds_from_there_on() -> None:
    told = read(
        HEADER, ["1", "停电", "8:00"], ["时间", "编号", "内容"], ["8:05", "2", "来电"], ["编号", "别的", "8:10"]
    )
    assert told == [(2, "停电", ""), (3, None, "the header's names once more"), (4, "来电", ""), (5, "8:10", "")]


def test_a_text_that_is_the_columns_name_is_a_text() -> None:
    assert read(HEADER, ["1", "内容", "8:00"]) == [(2, "内容", "")]


def test_what_was_odd_before_it_had_a_header_stays_so() -> None:
    odd = Oddity("stray_quote", "x", taken=True)
    lost = Oddity("unreadable_row", "y")
    given = iter([Record(1, HEADER), Record(2, ["1", "停电", "8:00"], odd), Record(3, [""], lost)])
    assert [row.odd for row in under_header(given, "内容", found_in="a.csv", counted=True)] == [odd, lost]


def test_a_file_without_the_column_is_refused() -> None:
    with pytest.raises(Rejected, match=r"a\.csv: no column '内容'"):
        read(["编号", "正文"], ["1", "停电"])


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (Row(4, {}), "line 4"),
        (Row(4, {}, sheet="十月"), "line 4 of sheet 十月"),
        (Row(0, {}, sheet="说明"), "sheet 说明"),
    ],
)
def test_a_row_says_where_it_lies(row: Row, place: str) -> None:
    assert row.place == place


@pytest.mark.parametrize(("cell", "name"), [(" \ufeff 内容 ", "内容"), (None, ""), (7, "7"), (0, "")])
def test_a_columns_name_is_its_cell_without_what_surrounds_it(cell: object, name: str) -> None:
    assert name_of_column(cell) == name


def test_a_header_that_is_no_text_is_told_by_its_line() -> None:
    lost = Oddity("unreadable_row", "bytes that are no text in the file's encoding")
    given = iter([Record(1, ["周报"]), Record(2, [""], lost), Record(3, ["1", "停电", "8:00"])])
    with pytest.raises(Rejected) as caught:
        list(under_header(given, "内容", found_in="a.csv", counted=True))
    assert caught.value.detail == (
        "a.csv: no column '内容'; found: in the first rows, where line 2 is not read: "
        "bytes that are no text in the file's encoding"
    )


def test_a_header_is_looked_for_in_the_first_ten_rows_and_no_further() -> None:
    titles = [["周报"]] * 9
    assert read(*titles, HEADER, ["1", "停电", "8:00"]) == [(11, "停电", "")]
    with pytest.raises(Rejected, match="no_text_column"):
        read(*titles, ["十"], HEADER, ["1", "停电", "8:00"])


def test_a_row_that_names_the_text_and_mostly_other_things_is_no_header() -> None:
    assert read(HEADER, ["内容", "停电", "来电"], ["内容", "时间", "来电"]) == [
        (2, "停电", ""),
        (3, None, "the header's names once more"),
    ]


def test_of_columns_of_one_name_the_first_that_says_something_holds() -> None:
    told = read(["内容", "编号", "内容"], ["旧", "1", ""], [" ", "2", "新"], ["同", "3", "同 "], [None, "4", None])
    assert told == [(2, "旧", ""), (3, "新", ""), (4, "同", ""), (5, None, "")]


def test_where_columns_of_one_name_differ_who_asks_for_it_is_told() -> None:
    (row,) = under_header(records(["备注", "内容", "备注"], ["甲", "停电", "乙"]), "内容", found_in="a", counted=True)
    assert (row.odd, row.cells["内容"], "备注" in row.cells) == (None, "停电", True)
    with pytest.raises(Rejected, match="several columns named '备注' that say different things") as raised:
        row.cells["备注"]
    assert raised.value.reason == "does_not_fit"


def test_the_second_row_of_a_header_adds_its_names_to_the_first_ones() -> None:
    rows = under_header(
        records(["编号", "内容", "时间", ""], ["编号", "内容", "发布", "采集"], [1, "停电", "8:00", "9:00"]),
        "内容",
        found_in="a.xlsx",
        counted=False,
    )
    second, row = rows
    assert (second.odd and second.odd.reason, second.odd and second.odd.taken) == ("header_again", False)
    assert row.cells == {"编号": 1, "内容": "停电", "时间": "8:00", "发布": "8:00", "采集": "9:00"}


def test_a_header_right_below_itself_is_the_header_once_more() -> None:
    assert read(HEADER, HEADER, ["1", "停电", "8:00"]) == [(2, None, "the header's names once more"), (3, "停电", "")]


def test_a_row_under_nameless_columns_alone_is_none() -> None:
    assert read(["", "内容"], ["记", ""], ["", "停电"], counted=False) == [(3, "停电", "")]


def test_what_cannot_be_printed_is_a_question_mark_and_all_else_is_as_it_was() -> None:
    assert (sayable("停\udcff电"), sayable("\ud83d"), sayable("😡停电")) == ("停?电", "?", "😡停电")


def test_a_column_that_no_row_has_is_told_behind_the_rows_of_its_sheet() -> None:
    rows = [
        Row(2, {"内容": "停水", "编号": None}, sheet="一"),
        Row(3, {"内容": "停电", "编号": None, "人": {"号": 1}}, sheet="一"),
        Row(2, {"内容": "停气"}, sheet="二"),
        Row(0, {}, Oddity("sheet_not_read", "", taken=True), "三"),
    ]
    told = list(tell_missing(iter(rows), ["内容", "编号", "人.号"], found_in="a.xlsx"))
    assert [row for row in told if row.cells or row.sheet != "二"] == rows
    assert [(row.odd.detail, row.place) for row in told if row.odd and row.sheet == "二"] == [
        ("no column '编号' in a.xlsx", "sheet 二"),
        ("no column '人.号' in a.xlsx", "sheet 二"),
    ]


def test_a_file_without_rows_lacks_no_column() -> None:
    assert list(tell_missing(iter([]), ["内容"], found_in="a.csv")) == []
