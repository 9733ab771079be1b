import csv
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.delimited import find_delimiter, first_lines, read_records
from crawlers.push.rows import Reached, Record
from stream.errors import Rejected


def records(content: str, width: int = 3) -> list[Record]:
    file = StringIO(content, newline="")
    return list(read_records(file, ",", width, Reached(), 0))  # type: ignore[arg-type] # no size: no buffer is asked


def told(content: str, width: int = 3) -> list[tuple[int, list[str], str]]:
    return [(one.line, list(one.values), one.odd.reason if one.odd else "") for one in records(content, width)]


def test_a_quote_within_words_is_read_as_it_stands_and_costs_no_other_row() -> None:
    content = '7101,"停电"又来了，谁管,8:00\n7102,"没写完，后面都没了,8:05\n7103,下一条,8:10\n7104,"再一条",8:15\n'
    assert told(content) == [
        (1, ["7101", '"停电"又来了，谁管', "8:00"], "stray_quote"),
        (2, ["7102", '"没写完，后面都没了', "8:05"], "stray_quote"),
        (3, ["7103", "下一条", "8:10"], ""),
        (4, ["7104", "再一条", "8:15"], ""),
    ]


def test_a_quote_that_swallows_whole_rows_and_closes_well_is_a_stray_one_all_the_same() -> None:
    content = '1,"没写完,8:00\n2,下一条,8:05\n3,"好",8:10\n4,他说"行",8:15\n'
    assert [(line, reason) for line, _, reason in told(content)] == [(1, "stray_quote"), (2, ""), (3, ""), (4, "")]


def test_a_stray_quote_in_a_row_that_does_not_fit_then_is_told() -> None:
    assert told('1,"停,电"了,又,8:00\n2,来电,8:05\n') == [(1, [""], "does_not_fit"), (2, ["2", "来电", "8:05"], "")]


def test_other_cells_of_such_a_row_lose_their_quotes() -> None:
    assert told('"1","停电"了,"8:00"\n') == [(1, ["1", '"停电"了', "8:00"], "stray_quote")]


@pytest.mark.parametrize("rows", [100, 120_000])
def test_a_quote_that_is_never_closed_costs_its_own_row_at_most(rows: int) -> None:
    found = records('1,停电\n2,"没完\n' + "3,好停电好停电\n" * rows, width=2)
    assert [(one.line, one.odd is not None) for one in found[:3]] == [(1, False), (2, True), (3, False)]
    assert (len(found), found[-1]) == (rows + 2, Record(rows + 2, ["3", "好停电好停电"]))


def test_line_breaks_in_a_quoted_cell_are_part_of_it() -> None:
    assert told('1,"停电\r\n了, 真的",5\r\n2,来电,6\r\n') == [
        (2, ["1", "停电\r\n了, 真的", "5"], ""),
        (3, ["2", "来电", "6"], ""),
    ]


CELL = st.text(st.sampled_from('停电,"\n 了a'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_a_program_wrote_by_the_rules_is_read_as_it_was(rows: list[list[str]]) -> None:
    file = StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["id", "text", "time"], *rows])
    found = [list(one.values) for one in records(file.getvalue())]
    assert found == [["id", "text", "time"], *rows]


def test_the_delimiter_is_the_one_that_makes_the_column_a_cell() -> None:
    assert find_delimiter(["周报,a\n", "编号;内容;\n"], "内容", Path("a.csv")) == (";", 3)
    assert find_delimiter(['舆情"周报\n', '"没写完\n', "编号,内容\n"], "内容", Path("a.csv")) == (",", 2)
    assert find_delimiter([f'"{"长" * 1_500_000}"\n', "编号,内容\n"], "内容", Path("a.csv")) == (",", 2)
    with pytest.raises(Rejected, match="no column '正文'; found: 编号;内容"):
        find_delimiter(["编号;内容\n"], "正文", Path("a.csv"))
    file = StringIO("a\nb\n")
    assert (first_lines(file), file.readline()) == (["a\n", "b\n"], "a\n")


def test_a_row_of_bytes_that_are_no_text_is_told_whether_it_is_quoted_or_not() -> None:
    assert told('1,"停\udcff电",8:00\n2,来\udcfe电,8:05\n3,"停"\udcff,8:10\n4,好,8:15\n') == [
        (1, [""], "unreadable_row"),
        (2, [""], "unreadable_row"),
        (3, [""], "unreadable_row"),
        (4, ["4", "好", "8:15"], ""),
    ]


def test_a_quote_that_the_file_ends_in_costs_its_own_row() -> None:
    assert told('1,停电,8:00\n2,"没写完,8:05') == [
        (1, ["1", "停电", "8:00"], ""),
        (2, ["2", '"没写完', "8:05"], "stray_quote"),
    ]


def test_a_quoted_cell_of_several_lines_that_look_like_words_is_one() -> None:
    content = '1,"停电了，\n第一，没水，\n第二，没网",8:00\n2,来电,8:05\n'
    assert [(line, values[0], reason) for line, values, reason in told(content)] == [(3, "1", ""), (4, "2", "")]


def test_a_doubled_quote_in_a_row_read_as_it_stands_is_one_quote() -> None:
    assert told('1,"停"了,"他说""行"""\n') == [(1, ["1", '"停"了', '他说"行"'], "stray_quote")]
    assert told('1,"停"了,"\n') == [(1, ["1", '"停"了', '"'], "stray_quote")]


def test_the_fullwidth_comma_parts_cells_only_where_nothing_else_does() -> None:
    assert find_delimiter(["编号，内容\n"], "内容", Path("a.txt")) == ("，", 2)
    assert find_delimiter(["编号,内容，全文,内容\n"], "内容", Path("a.txt")) == (",", 3)
    with pytest.raises(Rejected, match=r"a\.csv: no column '内容'; found: $"):
        find_delimiter([], "内容", Path("a.csv"))


def test_a_list_with_commas_in_a_quoted_cell_is_one_though_its_lines_are_as_wide_as_rows() -> None:
    content = '1,"诉求：1,路灯不亮\n2,井盖缺失,无人管\n3,垃圾未清",2026-11-28 10:00\n2,来电,2026-11-28 11:00\n'
    assert told(content) == [
        (3, ["1", "诉求：1,路灯不亮\n2,井盖缺失,无人管\n3,垃圾未清", "2026-11-28 10:00"], ""),
        (4, ["2", "来电", "2026-11-28 11:00"], ""),
    ]
    english = 'a,"Dear all, we met today\nmilk, bread, eggs were sold\nbye",2026-11-28 10:00\n'
    assert [(line, reason) for line, _, reason in told(english)] == [(3, "")]


def test_a_quote_that_swallows_rows_with_their_times_and_closes_well_is_a_stray_one() -> None:
    content = '1,"没写完,2026-11-28 8:00\n2,下一条,2026-11-28 8:05\n3,说好了",46354.4\n'
    assert [(line, values[0], reason) for line, values, reason in told(content)] == [
        (1, "1", "stray_quote"),
        (2, "2", ""),
        (3, "3", ""),
    ]
    many = '0,"没写完,8:00\n' + "1,又一条,8:05\n" * 40 + "2,没有时间,\n3,停电\n" + '4,说好了",8:10\n'
    found = told(many)
    assert (len(found), found[0][2], found[1][1]) == (44, "stray_quote", ["1", "又一条", "8:05"])
