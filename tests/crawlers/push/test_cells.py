from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlers.push.cells import address_of, id_of, is_link, is_squeezed, read_serial, text_in, words_of
from stream.messages import Precision
from stream.process.clock import SHANGHAI

LINK = '=HYPERLINK("https://bbs.example.com/t/1","幸福里""停电""三小时")'


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('="0012"', "0012"),
        ('= "0012" ', "0012"),
        ('="say ""no"""', 'say "no"'),
        (LINK, '幸福里"停电"三小时'),
        ('=hyperlink("https://a.example/";"看")', "看"),
        ('=HYPERLINK("https://a.example/")', "https://a.example/"),
        ("=cmd|'/c calc'!A0", "=cmd|'/c calc'!A0"),
        ("=今天停电", "=今天停电"),
        ("'=今天停电", "=今天停电"),
        ("'0012", "0012"),
        ("'停电'", "'停电'"),
        (123.0, "123"),
        (8.5, "8.5"),
        (None, ""),
        (True, ""),
        ([1], ""),
    ],
)
def test_a_cell_says_what_a_reader_of_the_sheet_sees(cell: object, words: str) -> None:
    assert words_of(cell) == words


@pytest.mark.parametrize(
    ("cell", "told"),
    [(123.0, "123"), ("123.0", "123"), ("1.10", "1.10"), ("0012", "0012"), ("=\"0012\"", "0012"), ("None", ""),
     (None, ""), ("#N/A", ""), ("——", ""), (0, ""), ("00", "00"), ("a-0", "a-0")],
)  # fmt: skip
def test_an_id_is_what_identifies(cell: object, told: str) -> None:
    assert id_of(cell) == told


def test_a_link_leads_where_its_formula_says() -> None:
    assert address_of(LINK) == "https://bbs.example.com/t/1"
    assert address_of(" https://a.example/ ") == "https://a.example/"
    assert (is_link(LINK) is None, is_link("=A1") is None, is_link(7) is None) == (False, True, True)


@pytest.mark.parametrize(
    ("cell", "local", "precision"),
    [
        (46354.4028, "2026-11-28 09:40:00", "minute"),
        ("46354.4028", "2026-11-28 09:40:00", "minute"),
        ("46354.40277778", "2026-11-28 09:40:00", "second"),
        (46354.40284722222, "2026-11-28 09:40:06", "second"),
        (46354, "2026-11-28 00:00:00", "day"),
        (46354.0, "2026-11-28 00:00:00", "day"),
        ("46354.00", "2026-11-28 00:00:00", "day"),
        ("46354.99999", "2026-11-29 00:00:00", "minute"),
    ],
)
def test_a_day_that_a_spreadsheet_counted_is_a_time(cell: object, local: str, precision: str) -> None:
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert read_serial(cell, SHANGHAI) == (expected, Precision(precision))


@pytest.mark.parametrize(
    "cell", ["", "12345", 99_999, 1_764_296_400, "2026-11-28", "4635", "46354.", "-46354", None, True]
)
def test_other_numbers_are_no_days(cell: object) -> None:
    assert read_serial(cell, SHANGHAI) is None


@given(st.datetimes(datetime(1975, 1, 1), datetime(2099, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
@example(datetime(2000, 1, 1, 0, 1, 48))  # 36526.00125
def test_whatever_excel_writes_for_a_moment_is_that_moment_to_the_minute_in_few_decimals(moment: datetime) -> None:
    days = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    found = read_serial(days, SHANGHAI)
    assert found is not None
    apart = abs(found[0] - moment.replace(tzinfo=SHANGHAI).astimezone(UTC))
    assert apart <= timedelta(seconds=30 if found[1] is Precision.MINUTE else 0)


@pytest.mark.parametrize(
    "told",
    ["4.95E+15", "4.95e15", "5E+15", "1.23456E+018", 2.0**53, 4.95e17, 4_950_123_456_789_010.0, "49501234567890100",
     "495012345678901000"],
)  # fmt: skip
def test_an_id_that_a_spreadsheet_cut_short_is_known_as_such(told: object) -> None:
    assert is_squeezed(told)


@pytest.mark.parametrize(
    "told",
    ["4950123456789012", "4950123456789010", "495012345678901234", "E15", "1e", "0012", "abc", "", 7.0, 8.5, 2**60,
     4_950_123_456_789_012.0, True, None, "100000000000000"],
)  # fmt: skip
def test_whole_ids_are_believed(told: object) -> None:
    assert not is_squeezed(told)


@pytest.mark.parametrize("empty", [float("nan"), "NaN", "nan", "NULL", "null", "None", r"\N", " #N/A ", None])
def test_what_programs_write_for_an_empty_cell_is_no_word(empty: object) -> None:
    assert words_of(empty) == ""


@pytest.mark.parametrize("said", ["NaN 是什么", "无", "null 了", "空", "0", "Nana"])
def test_words_that_only_look_so_are_words(said: str) -> None:
    assert words_of(said) == said


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<p>停水了&nbsp;真的</p><img src=x>", "停水了\xa0真的"),
        ("A&amp;B&nbsp;", "A&B"),
        ("停水了<br />真的", "停水了\n真的"),
        ('看<a href="http://x.cn/1">这里</a>', "看这里"),
        ("&#20572;水", "停水"),
        ("说&lt;3 &amp;amp; a&lt;b", "说<3 &amp; a<b"),
    ],
)
def test_markup_in_a_cell_is_read_as_the_words_that_a_reader_sees(cell: str, text: str) -> None:
    assert text_in(cell) == text


@pytest.mark.parametrize(
    "said",
    [
        "a<b",
        "<3 你",
        "a<b 且 c>d",
        "a<b>c",
        "若 x<p 则 q>r",
        "<张三>说",
        "A&B",
        "R&D; 部门",
        "?a=1&copy=2",
        "List<int>",
        "<停水>",
    ],
)
def test_words_that_have_such_marks_are_as_they_were_written(said: str) -> None:
    assert text_in(said) == said
