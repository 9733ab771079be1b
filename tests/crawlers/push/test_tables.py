from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from crawlers.push.tables import Row, find_encoding, read_table
from stream.errors import Rejected

TABLE = "编号,内容,阅读\n1,停电了𠮷,1.2万\n2,来电了,3\n"
ROWS = [
    Row(2, {"编号": "1", "内容": "停电了𠮷", "阅读": "1.2万"}),
    Row(3, {"编号": "2", "内容": "来电了", "阅读": "3"}),
]

Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return put


def rows(path: Path, column: str = "内容") -> list[Row]:
    return list(read_table(path, column))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_table_is_read_in_whatever_encoding_and_delimiter_it_comes(
    write: Write, encoding: str, delimiter: str
) -> None:
    assert rows(write("a.csv", TABLE.replace(",", delimiter).encode(encoding))) == ROWS


def test_line_breaks_of_windows_and_within_a_cell_are_no_rows(write: Write) -> None:
    table = '内容,阅读\r\n"停电\r\n了, 真的",5\r\n\r\n,,\r\n来电,6\r\n'
    assert rows(write("a.csv", table.encode("gbk"))) == [
        Row(3, {"内容": "停电\r\n了, 真的", "阅读": "5"}),
        Row(6, {"内容": "来电", "阅读": "6"}),
    ]


def test_titles_above_the_header_are_passed_over(write: Write) -> None:
    table = "sep=,\n舆情周报,,\n导出时间,2026-11-19,\n" + TABLE
    assert [row.cells for row in rows(write("a.csv", table.encode()))] == [row.cells for row in ROWS]


def test_short_rows_lack_cells_and_long_ones_lose_them(write: Write) -> None:
    (short, long) = rows(write("a.csv", "编号,内容\n1\n2,停电,多,余\n".encode()))
    assert (short.cells, long.cells) == ({"编号": "1"}, {"编号": "2", "内容": "停电"})


def test_one_broken_row_is_told_by_its_line_and_the_others_are_read(write: Write) -> None:
    good = "3,好停电停电停电停电停电停电停电停电停电停电停电停电停电停电停电\n".encode()
    found = rows(write("a.csv", "编号,内容\n1,停电\n2,坏".encode() + b"\xff\xfe\n" + good))
    assert [(row.line, row.problem is None) for row in found] == [(2, True), (3, False), (4, True)]


def test_a_quote_that_is_never_closed_costs_what_it_swallowed_and_says_so(write: Write) -> None:
    found = rows(write("a.csv", ('编号,内容\n1,停电\n2,"没完\n' + "3,好\n" * 300_000).encode()))
    broken = [row for row in found if row.problem]
    assert len(broken) == 1
    assert str(broken[0].problem).startswith("lines 3 to ")
    assert found[0].cells["内容"] == "停电"
    assert found[-1] == Row(300_003, {"编号": "3", "内容": "好"})


def test_json_lines_are_cut_at_line_feeds_only(write: Write) -> None:
    content = '{"text": "a\u2028b"}\n[1]\n{bad\n\n{"text": {"x": 1}}'.encode() + b'\n{"text": "\xff"}\n' + b"[" * 9000
    found = rows(write("a.jsonl", content), "text")
    assert [row.cells for row in found] == [{"text": "a\u2028b"}, {}, {}, {"text": {"x": 1}}, {}, {}]
    assert [row.line for row in found if row.problem] == [2, 3, 6, 7]


def test_a_workbook_is_read_from_the_sheet_that_has_the_column(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["说明"])
    sheet = book.create_sheet("数据")
    for values in (
        ["周报"],
        ["编号", "内容", "时间", None],
        [7, "停电", datetime(2026, 11, 19, 14, 30), "x"],
        [],
        [8.5, "来电"],
    ):
        sheet.append(values)
    book.save(tmp_path / "a.xlsx")
    first, second = rows(tmp_path / "a.xlsx")
    assert first == Row(3, {"编号": 7, "内容": "停电", "时间": datetime(2026, 11, 19, 14, 30)})
    assert (second.line, second.cells["编号"], second.cells["内容"]) == (5, 8.5, "来电")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "编号,正文\n1,停电\n".encode(), "no_text_column"),
        ("a.csv", b"", "no_text_column"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "unknown_format"),
        ("a.xlsx", b"PK\x03\x04 not a workbook", "unreadable_file"),
        ("a.xlsx", b"", "unreadable_file"),
        ("a.jsonl", '{"text": "a"}'.encode("utf-16"), "unknown_format"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(
    write: Write, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(Rejected) as raised:
        rows(write(name, content))
    assert raised.value.reason == reason


def test_the_encoding_is_told_by_the_first_words_that_are_not_ascii(write: Write) -> None:
    assert find_encoding(write("a", b"a,b\n" * 400_000 + "城南停电了，谁知道怎么回事".encode("gbk"))) == "gb18030"
    assert find_encoding(write("b", b"plain")) == "utf-8-sig"
