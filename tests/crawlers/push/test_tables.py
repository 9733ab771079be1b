import csv
from codecs import BOM_UTF8
from collections.abc import Callable
from datetime import datetime
from os import fsdecode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from crawlers.push.rows import Oddity, Reached, Row
from crawlers.push.tables import candidates, find_encoding, read_table
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


def rows(path: Path, column: str = "内容", encoding: str | None = None) -> list[Row]:
    return list(read_table(path, column, encoding=encoding))


def odd(row: Row) -> str:
    return row.odd.reason if row.odd else ""


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('"编号","时间","内容"\n"1","8:00","停水,三天"\n', ["编号", "时间", "内容"]),
        ('编号;"诉求\n内容";"时间, 到分"\n1;停水;8:00\n', ["编号", "诉求\n内容", "时间, 到分"]),
        ('他说"停水\n"编号","内容"\n1,停水\n', ["编号", "内容"]),
        ('"没有关上\n编号,内容\n1,停水\n', ["编号", "内容"]),
    ],
)
def test_a_header_in_quotes_may_be_guessed_and_is_found_by_what_was_guessed(
    write: Write, content: str, names: list[str]
) -> None:
    path = write("a.csv", content.encode())
    assert names in candidates(path)
    assert rows(path, names[1])[-1].cells[names[1]] in ("8:00", "停水")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_table_is_read_in_whatever_encoding_and_delimiter_it_comes(
    write: Write, encoding: str, delimiter: str
) -> None:
    assert rows(write("a.csv", TABLE.replace(",", delimiter).encode(encoding))) == ROWS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read(write: Write, encoding: str) -> None:
    assert rows(write("a.csv", TABLE.encode(encoding))) == ROWS


def test_a_mark_of_utf8_before_gbk_says_nothing(write: Write) -> None:
    table = TABLE.replace("𠮷", "")
    (first, _) = rows(write("a.csv", BOM_UTF8 + table.encode("gbk")))
    assert first == Row(2, {"编号": "1", "内容": "停电了", "阅读": "1.2万"})


def test_the_euro_sign_of_excels_gbk_costs_no_row(write: Write) -> None:
    (first, _) = rows(write("a.csv", TABLE.replace("𠮷", "@").encode("gbk").replace(b"@", b"\x80")))
    assert first.cells["内容"] == "停电了€"


def test_an_emoji_in_two_halves_costs_no_row(write: Write) -> None:
    halves = "\ud842\udfb7".encode("utf-8", "surrogatepass")
    assert rows(write("a.csv", TABLE.encode().replace("𠮷".encode(), halves))) == ROWS


def test_line_breaks_of_windows_and_within_a_cell_are_no_rows(write: Write) -> None:
    table = '内容,阅读\r\n"停电\r\n了, 真的",5\r\n\r\n,,\r\n来电,6\r\n'
    assert rows(write("a.csv", table.encode("gbk"))) == [
        Row(3, {"内容": "停电\r\n了, 真的", "阅读": "5"}),
        Row(6, {"内容": "来电", "阅读": "6"}),
    ]


def test_titles_above_the_header_are_passed_over(write: Write) -> None:
    table = "sep=,\n舆情周报,,\n导出时间,2026-11-19,\n" + TABLE
    assert [row.cells for row in rows(write("a.csv", table.encode()))] == [row.cells for row in ROWS]


def test_one_broken_row_is_told_by_its_line_and_the_others_are_read(write: Write) -> None:
    good = "3,好停电停电停电停电停电停电停电停电停电停电停电停电停电停电停电\n".encode()
    found = rows(write("a.csv", "编号,内容\n1,停电\n2,坏".encode() + b"\xff\xfe\n" + good))
    assert [(row.line, odd(row)) for row in found] == [(2, ""), (3, "unreadable_row"), (4, "")]


def test_json_lines_are_cut_at_line_feeds_only(write: Write) -> None:
    content = '{"text": "a\u2028b"}\n[1]\n{bad\n\n{"text": {"x": 1}}'.encode() + b'\n{"text": "\xff"}\n' + b"[" * 9000
    found = rows(write("a.jsonl", content), "text")
    assert [row.cells for row in found] == [{"text": "a\u2028b"}, {}, {}, {"text": {"x": 1}}, {}, {}]
    assert [row.line for row in found if odd(row) == "unreadable_row"] == [2, 3, 6, 7]


def test_a_workbook_is_read_from_the_sheet_that_has_the_column(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["说明"])
    sheet = book.create_sheet("数据")
    for values in (
        ["周报"],
        ["编号", "内容", "时间", None],
        [7, "停电", datetime(2026, 11, 19, 14, 30), "x"],  # under no name
        [],
        [8.5, "来电"],
    ):
        sheet.append(values)
    book.save(tmp_path / "a.xlsx")
    told, first, second = rows(tmp_path / "a.xlsx")
    assert told == Row(0, {}, Oddity("sheet_not_read", "no column '内容' in its first rows", taken=True), "Sheet")
    stamp = datetime(2026, 11, 19, 14, 30)
    assert first == Row(3, {"编号": 7, "内容": "停电", "时间": stamp}, sheet="数据")
    assert (second.line, second.cells["编号"], second.cells["内容"]) == (5, 8.5, "来电")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "编号,正文\n1,停电\n".encode(), "no_text_column"),
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


BIG5 = "編號,內文,時間\n9001,變電站旁邊有人喊停電，大家不要慌,2026-11-28 08:00\n9002,電費帳單又漲了,2026-11-28 08:30\n"


@pytest.mark.parametrize("told", [None, "big5", "gbk", "utf-8"])
def test_a_table_in_big5_is_read_as_big5_whatever_its_owner_says(write: Write, told: str | None) -> None:
    first, second = rows(write("a.csv", BIG5.encode("big5")), "內文", told)
    assert (first.cells["內文"], second.cells["編號"]) == ("變電站旁邊有人喊停電，大家不要慌", "9002")
    english = BIG5.replace("編號,內文,時間", "id,text,time").encode("big5")
    assert rows(write("b.csv", english), "text", told)[0].cells["text"] == "變電站旁邊有人喊停電，大家不要慌"


def test_the_owners_encoding_is_read_where_the_bytes_fit_it(write: Write) -> None:
    table = "番号,本文\n1,停電しました。復旧を待っています\n"
    (row,) = rows(write("a.csv", table.encode("shift_jis")), "本文", "shift_jis")
    assert row.cells == {"番号": "1", "本文": "停電しました。復旧を待っています"}
    assert rows(write("b.jsonl", '{"text": "停電しました"}\n'.encode("euc-jp")), "text", "euc-jp")[0].cells == {
        "text": "停電しました"
    }
    unmarked = "id,text\n1,停电\n".encode("utf-16-le")
    assert rows(write("c.csv", unmarked), "text", "utf-16-le")[0].cells == {"id": "1", "text": "停电"}


def test_a_table_in_utf8_is_utf8_whatever_its_owner_says(write: Write) -> None:
    assert rows(write("a.csv", TABLE.encode()), encoding="big5") == ROWS


def test_the_encoding_is_found_behind_a_megabyte_of_plain_rows_and_at_any_cut(write: Write) -> None:
    for filler in (b"a,b\n" * 262_144, b"a,bb\n" * 300_000):
        path = write("a", filler + (BIG5 * 20).encode("big5"))
        assert find_encoding(path) == "big5hkscs"
        assert find_encoding(write("b", filler + (TABLE * 20).encode())) == "utf-8-sig"


def test_how_far_a_file_is_read_is_told(write: Write) -> None:
    reached = Reached()
    shares = []
    for _ in read_table(write("a.csv", b"id,text\n" + b"1,abc\n" * 100_000), "text", reached=reached):
        shares.append(reached.share)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1] > 0.99) == (0.0, True)
    assert 0.3 < shares[50_000] < 0.7


def test_what_may_be_a_header_is_each_of_the_first_rows_in_every_split(write: Write) -> None:
    assert ["编号", "内容"] in candidates(write("a.csv", "周报\n编号;内容\n1;停电\n".encode("gbk")))
    nested = b'{"mblog": {"text": "a", "user": {"id": 7}}}\n{"more": 1}\n'
    assert candidates(write("a.jsonl", nested)) == [["mblog", "mblog.text", "mblog.user", "mblog.user.id", "more"]]


def test_a_name_in_capitals_is_the_same_format_and_one_of_none_is_told_which_there_are(write: Write) -> None:
    assert rows(write("A.CSV", TABLE.encode())) == ROWS
    with pytest.raises(Rejected, match=r"a: give one of \.csv, \.htm, \.html, \.json, \.jsonl, "):
        rows(write("a", TABLE.encode()))


def test_json_lines_may_begin_with_a_mark_and_end_without_a_line_break(write: Write) -> None:
    content = '\ufeff{"text": "停电"}\r\n{"text": "来电"}'.encode()
    assert [row.cells for row in rows(write("a.ndjson", content), "text")] == [{"text": "停电"}, {"text": "来电"}]
    assert rows(write("b.jsonl", b""), "text") == []


def test_json_lines_in_gbk_are_read_as_such(write: Write) -> None:
    content = '{"text": "城南停电了，谁知道怎么回事"}\n'.encode("gbk")
    assert rows(write("a.jsonl", content), "text")[0].cells == {"text": "城南停电了，谁知道怎么回事"}


def test_what_json_has_beyond_its_standard_costs_a_row_at_most(write: Write) -> None:
    content = b'{"text": "a", "n": NaN}\n{"text": "b", "n": ' + b"9" * 5_000 + b'}\n{"text": "c", "n": 1e999}\n'
    assert [(row.line, odd(row)) for row in rows(write("a.jsonl", content), "text")] == [
        (1, ""),
        (2, "unreadable_row"),
        (3, ""),
    ]


def test_keys_deeper_than_three_objects_are_no_columns_to_guess(write: Write) -> None:
    nested = b'{"a": {"b": {"c": {"d": 1}}}}\n'
    assert candidates(write("a.jsonl", nested)) == [["a", "a.b", "a.b.c"]]


def test_a_name_of_bytes_that_are_no_text_is_told_with_question_marks(write: Write) -> None:
    """What a person reads and what a report keeps must be text, also where the file is none."""
    path = write("a.csv", "编号,".encode() + b"\xff\xfe\xe5" + ",停电\n1,x,y\n".encode() + TABLE.encode() * 20)
    with pytest.raises(Rejected) as caught:
        rows(path, "没有")
    assert caught.value.detail == "a.csv: no column '没有'; found: 编号,???,停电"


def test_a_nought_byte_in_a_cell_costs_nothing(write: Write) -> None:
    assert [row.cells for row in rows(write("a.csv", "编号,内容\n1,停\0电\n2,来电\n".encode()))] == [
        {"编号": "1", "内容": "停\0电"},
        {"编号": "2", "内容": "来电"},
    ]


CELLS = st.text(st.sampled_from("停电了，。aZ09 "), min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_a_table_that_a_program_wrote_is_the_same_rows_in_every_encoding(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str]], encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([("编号", "内容"), *told])
    found = [(row.cells["编号"], row.cells["内容"]) for row in rows(path)]
    assert found == [one for one in told if one != ("编号", "内容")]


@pytest.mark.parametrize("suffix", [".doc", ".xlsx", ".csv", ".jsonl"])
def test_a_file_whose_name_is_no_utf8_is_refused_in_words_that_can_be_printed(write: Write, suffix: str) -> None:
    name = fsdecode("工单".encode("gbk")) + suffix
    with pytest.raises(Rejected) as caught:
        rows(write(name, '{"内容": "a"}'.encode("utf-16")))
    assert caught.value.detail.startswith(f"????{suffix}: ")
    caught.value.detail.encode("utf-8")


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
@pytest.mark.parametrize("told", [None, "gbk"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_lines_of_utf8_that_were_appended_to_another_encoding_are_read_as_such(
    write: Write, suffix: str, told: str | None, encoding: str
) -> None:
    words = {"gb18030": "城西的路灯一直不亮请尽快处理", "big5": "變電站旁邊有人喊停電，大家不要慌"}[encoding]
    said = [words] * 9 + ["小区停水三天了，无人回应", "联通的网又断了😡", "停电"]
    forms = {"csv": '1,"{}"\n', "jsonl": '{{"id": "1", "text": "{}"}}\n'}
    lines = [forms[suffix].format(one).encode("utf-8" if place > 8 else encoding) for place, one in enumerate(said)]
    header = b"id,text\n" if suffix == "csv" else b""
    found = rows(write(f"a.{suffix}", header + b"".join(lines)), "text", told)
    assert [row.cells.get("text") for row in found] == said


@pytest.mark.parametrize("told", ["utf-16", "UTF16", "utf_16"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16", "utf-8"])
def test_the_owners_utf16_needs_no_mark(write: Write, told: str, encoding: str) -> None:
    assert rows(write("a.csv", TABLE.encode(encoding)), encoding=told) == ROWS
    korean = "한국어 글입니다" * 40
    table = f"id,text\n1,{korean}\n"
    assert rows(write("b.csv", table.encode("utf-16-le")), "text", told)[0].cells == {"id": "1", "text": korean}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read_where_its_words_have_the_usual_one(write: Write, encoding: str) -> None:
    table = "编号,内容\n" + "".join(f"{number},城西的路灯一直不亮，请统一处理一下\n" for number in range(300))
    found = rows(write("a.csv", table.encode(encoding)))
    assert (len(found), found[299].cells) == (300, {"编号": "299", "内容": "城西的路灯一直不亮，请统一处理一下"})


def test_english_of_windows_is_read_in_a_table(write: Write) -> None:
    table = "id,text\n1,We don’t have water\n2,It’s “broken” – since Nov.\n"
    found = rows(write("a.csv", table.encode("cp1252")), "text")
    assert [row.cells["text"] for row in found] == ["We don’t have water", "It’s “broken” – since Nov."]


@pytest.mark.parametrize("key", ["data", "RECORDS", "comments", "statuses"])
def test_a_list_in_one_line_of_json_is_read(write: Write, key: str) -> None:
    path = write("a.json", f'{{"ok":1,"{key}":[{{"id":1,"内容":"停水"}},{{"id":2,"内容":"停电"}}]}}'.encode())
    assert candidates(path) == [["id", "内容"]]
    assert rows(path) == [Row(1, {"id": 1, "内容": "停水"}), Row(2, {"id": 2, "内容": "停电"})]


def test_a_post_alone_in_json_is_a_row_though_it_has_pictures(write: Write) -> None:
    path = write("a.json", '{"内容":"停水","图":[{"url":"x"}]}'.encode())
    assert [row.cells["内容"] for row in rows(path)] == ["停水"]


def test_a_file_without_a_word_has_no_rows_and_no_header(write: Write) -> None:
    path = write("a.csv", b"")
    assert (rows(path), candidates(path)) == ([], [])
