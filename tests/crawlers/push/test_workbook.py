import re
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from crawlers.push import workbook
from crawlers.push.cells import address_of, words_of
from crawlers.push.rows import Reached, Row
from crawlers.push.workbook import first_rows, read_workbook
from stream.errors import Rejected

HEADER = ["编号", "主题", "时间", "内容"]
STAMP = datetime(2026, 11, 28, 9, 0)


def saved(path: Path, *rows: list[Any], merged: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path / "a.xlsx")
    return path / "a.xlsx"


def rewritten(path: Path, pattern: str, with_: str, part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The workbook with something else in a sheet's XML, as other programs write it."""
    changed = path.with_name("b.xlsx")
    with ZipFile(path) as old, ZipFile(changed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            assert name != part or re.search(pattern, content)
            new.writestr(name, re.sub(pattern, with_, content) if name == part else content)
    return changed


def rows(path: Path, column: str = "内容") -> list[Row]:
    return list(read_workbook(path, column, Reached()))


def cells(path: Path) -> list[list[Any]]:
    return [list(row.cells.values()) for row in rows(path)]


def test_a_merged_cell_stands_in_each_of_its_rows_and_makes_none(tmp_path: Path) -> None:
    path = saved(
        tmp_path, HEADER, ["r1", "传言", STAMP, "冒烟了"], ["r2", None, None, "没有"], ["r3", None, None, "是检修"],
        [None, None, None, None], ["r4", "别的", STAMP, "无关"], merged=("B2:B5", "C2:C4"),
    )  # fmt: skip
    assert cells(path) == [
        ["r1", "传言", STAMP, "冒烟了"],
        ["r2", "传言", STAMP, "没有"],
        ["r3", "传言", STAMP, "是检修"],
        ["r4", "别的", STAMP, "无关"],
    ]


def test_a_footer_merged_across_the_columns_is_no_text(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "冒烟了"], ["以下为十月", None, None, None], merged=("A3:D3",))
    assert [row.cells.get("内容") for row in rows(path)] == ["冒烟了", None]


def test_a_header_of_two_merged_rows_is_one(tmp_path: Path) -> None:
    path = saved(
        tmp_path, ["编号", "信息", None], [None, "时间", "内容"], ["r1", STAMP, "停电"], merged=("A1:A2", "B1:C1")
    )
    assert rows(path) == [Row(3, {"编号": "r1", "时间": STAMP, "内容": "停电"})]


@pytest.mark.parametrize("dimension", ['<dimension ref="A1"/>', '<dimension ref="A1:B2"/>', ""])
def test_a_wrong_dimension_costs_neither_rows_nor_columns(tmp_path: Path, dimension: str) -> None:
    path = saved(tmp_path, HEADER, *[[f"r{number}", "传言", STAMP, "停电"] for number in range(20)])
    wrong = rewritten(path, r"<dimension [^>]*/>", dimension)
    assert cells(wrong) == [[f"r{number}", "传言", STAMP, "停电"] for number in range(20)]


def test_every_sheet_with_the_header_is_read_and_of_the_others_a_word_is_said(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "十月"
    book.active.append(["内容", "编号"])
    book.active.append(["停电", 1])
    for title, values in {"说明": ["由平台导出"], "十一月": ["编号", "内容"], "空": []}.items():
        book.create_sheet(title).append(values)
    book["十一月"].append([2, "来电"])
    book["十一月"].append(["编号", "内容"])
    book.save(tmp_path / "a.xlsx")
    told = [
        (row.line, row.sheet, row.cells.get("内容"), row.odd.reason if row.odd else "")
        for row in rows(tmp_path / "a.xlsx")
    ]
    assert told == [
        (2, "十月", "停电", ""),
        (0, "说明", None, "sheet_not_read"),
        (2, "十一月", "来电", ""),
        (3, "十一月", None, "header_again"),
    ]
    assert [row.place for row in rows(tmp_path / "a.xlsx")] == [
        "line 2 of sheet 十月", "sheet 说明", "line 2 of sheet 十一月", "line 3 of sheet 十一月",
    ]  # fmt: skip


def test_formulas_are_their_result_their_words_or_the_text_that_somebody_began_with_a_sign(tmp_path: Path) -> None:
    link = '=HYPERLINK("https://a.example/1","停电")'
    path = saved(
        tmp_path, HEADER, ["f1", "a", STAMP, link], ["f2", "b", STAMP, "=1+1才怪，算错了"], ["f3", "c", STAMP, "=A1&D1"]
    )
    assert [row.cells.get("内容") for row in rows(path)] == [link, "=1+1才怪，算错了", None]
    worked_out = rewritten(path, r"<f>A1&amp;D1</f><v\s*/>|<f>A1&amp;D1</f><v></v>", "<f>A1&amp;D1</f><v>来电</v>")
    worked_out = rewritten(
        worked_out.rename(tmp_path / "c.xlsx"),
        r'<c r="D3"><f>([^<]*)</f><v\s*/?>(</v>)?',
        r'<c r="D3" t="e"><f>\1</f><v>#NAME?</v>',
    )
    assert [row.cells["内容"] for row in rows(worked_out)] == [link, "=1+1才怪，算错了", "来电"]


def test_a_formula_that_failed_is_no_text(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["f1", "a", STAMP, '=VLOOKUP(A2,"停",2)'])
    broken = rewritten(path, r'<c r="D2"><f>([^<]*)</f><v\s*/?>(</v>)?', r'<c r="D2" t="e"><f>\1</f><v>#N/A</v>')
    assert rows(broken)[0].cells.get("内容") is None


@pytest.mark.parametrize(
    "formula", ["=VLOOKUP(A2,数据!B:C,2,0)", '=CONCATENATE("停","电")', "=$D$1", "=1+2", '=D1&"停电"']
)
def test_a_formula_whose_result_nobody_worked_out_is_no_text_and_is_told(tmp_path: Path, formula: str) -> None:
    (row,) = rows(saved(tmp_path, HEADER, [None, None, None, formula]))
    assert (row.cells.get("内容"), row.odd and row.odd.reason, row.odd and row.odd.taken) == (
        None,
        "formula_without_result",
        True,
    )


@pytest.mark.parametrize("text", ["=_=气死了", "=停电三天A1区没人管", '="停电"', "=-)"])
def test_a_text_that_begins_with_a_sign_is_that_text(tmp_path: Path, text: str) -> None:
    (row,) = rows(saved(tmp_path, HEADER, ["r1", "a", STAMP, text]))
    assert (row.cells["内容"], row.odd) == (text, None)


def test_a_result_that_is_an_empty_text_is_none_and_nothing_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "a", STAMP, '=IF(A1="","",A1)'])
    empty = rewritten(path, r'<c r="D2"><f>([^<]*)</f><v\s*/?>(</v>)?', r'<c r="D2" t="str"><f>\1</f><v></v>')
    assert [(row.cells.get("内容"), row.odd) for row in rows(empty)] == [(None, None)]


def test_the_link_that_a_cell_bears_is_its_address_and_its_words_stay(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["编号", "内容", "链接"], ["1", "停电", "查看"], ["2", "来电", "目录"]):
        book.active.append(row)
    book.active["A1"].hyperlink = "https://a.example/help"
    book.active["C2"].hyperlink = 'https://bbs.example/thread-1-1-1.html?a="b"&c=1'
    book.active["C3"].hyperlink = "#目录!A1"
    book.save(tmp_path / "a.xlsx")
    first, second = rows(tmp_path / "a.xlsx")
    assert address_of(first.cells["链接"]) == 'https://bbs.example/thread-1-1-1.html?a="b"&c=1'
    assert (words_of(first.cells["链接"]), second.cells["链接"], first.cells["编号"]) == ("查看", "目录", "1")


def test_signs_that_xml_does_not_keep_are_what_they_were(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "a_x005F_b", STAMP, "停电_x000D_\n来电 _x12_"])
    assert cells(path) == [["r1", "a_b", STAMP, "停电\r\n来电 _x12_"]]


def test_a_workbook_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "停电"])
    assert cells(path.rename(tmp_path / "导出.xls")) == [["r1", "传言", STAMP, "停电"]]


def test_numbers_that_a_spreadsheet_cannot_keep_are_told_as_such(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, [4_950_123_456_789_010, 7, STAMP, "停电"], [123_456, 8.5, STAMP, "来电"])
    (long, short) = rows(path)
    assert isinstance(long.cells["编号"], float)
    assert (short.cells["编号"], short.cells["主题"]) == (123_456, 8.5)


def test_shared_strings_styles_and_names_of_other_programs_are_understood(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "停电"])
    prefixed = rewritten(path, r"(</?)(?=[a-zA-Z])", r"\1x:")
    prefixed = rewritten(prefixed.rename(tmp_path / "c.xlsx"), "xmlns=", "xmlns:x=")
    assert cells(prefixed) == [["r1", "传言", STAMP, "停电"]]
    bare = rewritten(path, r' r="[A-D]?\d+"', "")
    assert cells(bare) == [["r1", "传言", STAMP, "停电"]]


def test_how_it_is_pronounced_is_no_part_of_a_text(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "X"])
    spoken = '<c r="D2" t="inlineStr"><is><r><t>停</t></r><r><t>电</t></r><rPh sb="0" eb="1"><t>ting</t></rPh></is></c>'
    assert rows(rewritten(path, r'<c r="D2".*?</c>', spoken))[0].cells["内容"] == "停电"


@pytest.mark.parametrize(("pattern", "with_"), [(r"</row>.*", "<row"), (r"<sheetData>", "<sheetData><row><<<")])
def test_a_damaged_sheet_is_refused_with_the_files_name(tmp_path: Path, pattern: str, with_: str) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "停电"])
    with pytest.raises(Rejected, match=r"unreadable_file.*b\.xlsx"):
        rows(rewritten(path, pattern, with_))


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize(
    ("pattern", "with_"), [(r"(?s).*", "<a"), (r"<(?=[A-Z]?[a-z]+ )", "<zz"), (r" (?=[A-Za-z]+=)", " zz")]
)
def test_a_workbook_of_damaged_parts_is_refused_or_read_and_never_a_crash(
    tmp_path: Path, part: str, pattern: str, with_: str
) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "停电"])
    with suppress(Rejected):
        assert rows(rewritten(path, pattern, with_, part))[-1].cells["内容"] == "停电"


def test_a_workbook_that_unpacks_into_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, HEADER, ["r1", "传言", STAMP, "停电"])
    monkeypatch.setattr(workbook, "_LARGEST", 1_000)
    with pytest.raises(Rejected, match=r"too_large.*a\.xlsx.*save as CSV"):
        rows(path)


def test_how_far_a_sheet_is_read_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r", "t", None, "x"])
    row = '<row><c t="inlineStr"><is><t>r</t></is></c><c/><c/><c t="inlineStr"><is><t>停电</t></is></c></row>'
    long = rewritten(path, "</sheetData>", f"{row * 5_000}</sheetData>")
    reached = Reached()
    shares = [reached.share for _ in read_workbook(long, "内容", reached)]
    assert (len(shares), shares) == (5_001, sorted(shares))
    assert (shares[0] < 0.2, shares[-1] > 0.9) == (True, True)


def test_an_error_that_was_pasted_as_a_value_is_no_text(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["e1", "a", STAMP, "X"])
    pasted = rewritten(path, r'<c r="D2".*?</c>', '<c r="D2" t="e"><v>#N/A</v></c>')
    assert rows(pasted)[0].cells.get("内容") is None


@pytest.mark.parametrize("number", ["1e999", "-", "nan"])
def test_a_row_of_no_number_is_a_damaged_workbook_and_no_crash(tmp_path: Path, number: str) -> None:
    path = saved(tmp_path, HEADER, ["r1", "a", STAMP, "停电"])
    with pytest.raises(Rejected, match=r"unreadable_file.*b\.xlsx"):
        rows(rewritten(path, r'<row r="2"', f'<row r="{number}"'))


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "a", STAMP, "停电"])
    old = rewritten(path, "<workbookPr ?/>", '<workbookPr date1904="1"/>', "xl/workbook.xml")
    assert rows(old)[0].cells["时间"] == STAMP + timedelta(days=1462)


@pytest.mark.parametrize(
    ("shown", "day", "told"),
    [
        ("mmm-yy", datetime(2026, 11, 1), "2026年11月"),  # what Excel makes of a typed 2026-11
        ('[$-804]yyyy"年"m"月";@', datetime(2026, 11, 1), "2026年11月"),
        ("yyyy/m", datetime(2026, 1, 1), "2026年1月"),
        ("yyyy", datetime(2026, 1, 1), "2026年"),
        ("yyyy", datetime(2026, 11, 1), datetime(2026, 11, 1)),
        ('yyyy"年"m"月"', datetime(2026, 11, 28), datetime(2026, 11, 28)),
        ('yyyy"年"m"月"', datetime(2026, 11, 1, 9, 30), datetime(2026, 11, 1, 9, 30)),
        ("yyyy-mm-dd", datetime(2026, 11, 1), datetime(2026, 11, 1)),
        ('m"月"d"日"', datetime(2026, 11, 1), datetime(2026, 11, 1)),
        ("yyyy/m/d h:mm", datetime(2026, 11, 1), datetime(2026, 11, 1)),
    ],
)
def test_a_month_that_the_sheet_shows_is_a_month_and_not_its_first_day(
    tmp_path: Path, shown: str, day: datetime, told: object
) -> None:
    book = Workbook()
    book.active.append(["内容", "时间"])
    book.active.append(["停电", day])
    book.active["B2"].number_format = shown
    book.save(tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx") == [["停电", told]]


@pytest.mark.parametrize(("number", "told"), [(57, "2026年11月"), (31, 46327)])
def test_a_format_that_chinese_excel_knows_by_its_number_alone_shows_a_month_too(
    tmp_path: Path, number: int, told: object
) -> None:
    book = Workbook()
    book.active.append(["内容", "时间"])
    book.active.append(["停电", 46327])  # 2026-11-01
    book.active["B2"].number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    path = rewritten(tmp_path / "a.xlsx", 'numFmtId="2"', f'numFmtId="{number}"', "xl/styles.xml")
    assert cells(path) == [["停电", told]]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ('<c r="C2" t="d"><v>2026-11-28T09:00:00</v></c>', STAMP),
        ('<c r="C2" t="b"><v>1</v></c>', True),
        ('<c r="C2" t="str"><v>昨天</v></c>', "昨天"),
        ('<c r="C2" t="s"><v>9999</v></c>', "9999"),  # a string that is not there
        ('<c r="C2" t="d"><v>someday</v></c>', "someday"),
        ('<c r="C2" t="inlineStr"><is/></c>', None),
        ('<c r="C2"/>', None),
        ('<c r="C2" s="1"><v>99999999999</v></c>', "99999999999"),  # a day that no calendar has
    ],
)
def test_a_cell_of_each_kind_is_what_it_says_and_a_broken_one_what_stands_there(
    tmp_path: Path, cell: str, read: object
) -> None:
    path = saved(tmp_path, HEADER, ["r1", "a", STAMP, "停电"])
    assert rows(rewritten(path, r'<c r="C2".*?</c>', cell))[0].cells.get("时间") == read


def test_a_slip_of_the_finger_far_to_the_right_makes_no_row_and_no_wide_one(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, ["r1", "a", STAMP, "停电"])
    slip = rewritten(
        path,
        "</row></sheetData>",
        '<c r="XFD2"><v>7</v></c></row><row r="3"><c r="XFD3"><v>7</v></c></row></sheetData>',
    )
    assert rows(slip) == [Row(2, {"编号": "r1", "主题": "a", "时间": STAMP, "内容": "停电"})]


def test_a_workbook_without_the_column_says_in_how_many_sheets_it_was_looked_for(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["编号"])
    book.create_sheet("二").append(["标题"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(Rejected, match=r"a\.xlsx: no column '内容'; found: in 2 sheets"):
        rows(tmp_path / "a.xlsx")


def test_first_rows_are_those_of_every_sheet_for_whoever_guesses(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["周报"])
    book.create_sheet("二").append(["编号", None, "内容"])
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")
    assert first_rows(tmp_path / "a.xlsx") == [["周报"], ["编号", None, "内容"]]


def test_a_text_that_is_called_a_workbook_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("编号,内容\n1,停水\n", "utf-8")
    with pytest.raises(Rejected, match=r"not a zip file: open it and save it as XLSX, or call it .csv if it is one"):
        list(read_workbook(tmp_path / "a.xlsx", "内容", Reached()))
