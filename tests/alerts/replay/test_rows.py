"""What a line of a file of counts says."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replay.rows import CountRow, RowReader, UnusableLine
from stream.process.clock import SHANGHAI

HEADER = "timestamp,count,negative,authors"
NINE = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # nine o'clock in Beijing


def read(text: str, header: str = "timestamp,count") -> CountRow:
    return RowReader(header, SHANGHAI).read(7, text)


@pytest.mark.parametrize(
    "stamp",
    ["2026-09-01 09:00:00", "2026-09-01T09:00", "2026-09-01T01:00:00Z", "2026-08-31 21:00:00-04:00", "1788224400",
     "1788224400.0", " 2026-09-01 09:00:00 ", '"2026-09-01 09:00:00"'],
)  # fmt: skip
def test_a_time_is_the_zones_where_it_has_no_offset(stamp: str) -> None:
    row = read(f"{stamp},5")
    assert row.at == NINE
    assert row.stamp == stamp.strip(' "')


def test_columns_are_found_by_name_in_any_order() -> None:
    row = read("3, 2 ,2026-09-01 09:00:00,10", "Authors,negative,TIMESTAMP,count")
    assert row == CountRow(7, "2026-09-01 09:00:00", NINE, 10.0, 2.0, 3.0)
    assert row.counts == (10.0, 2.0, 3.0)
    assert read("1788224400,4", "timestamp,value").counts == (4.0, None, None)


@pytest.mark.parametrize(
    "header", ["1788224400,5", "time,count", "timestamp,negative", "timestamp,count,share", "timestamp,count,value", ""]
)
def test_a_file_without_a_header_is_told_what_to_write(header: str) -> None:
    with pytest.raises(UnusableLine, match=r"write timestamp,count\[,negative"):
        RowReader(header, SHANGHAI)


def test_authors_without_the_negatives_they_wrote_are_not_passed_over_in_silence() -> None:
    with pytest.raises(UnusableLine, match="add the column negative, or leave authors out"):
        RowReader("timestamp,count,authors", SHANGHAI)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("yesterday,5", "'yesterday' is no time: write 2026-09-01 08:00:00"),
        ("2026-13-01 09:00:00,5", "is no time"),
        ("1788224400000,5", "divide milliseconds by 1000"),
        ("2026090108,5", "may be a date or a number: write it as 2026-09-01 08:00"),
        ("202609010800,5", "may be a date or a number"),
        ("20260901080000,5", "may be a date or a number"),
        ("1900-01-01 00:00:00,5", "lies outside 1971 to 2099"),
        ("0001-01-01 00:00:00,5", "is no time|lies outside"),
        ("99999999999,5", "is no time|lies outside"),
        ("2026-09-01 09:00:00,", "count is empty: write 0 where nothing was said"),
        ("2026-09-01 09:00:00,many", "'many' is not a number"),
        ("2026-09-01 09:00:00,nan", "'nan' is not a number"),
        ("2026-09-01 09:00:00,inf", "not a number"),
        ("2026-09-01 09:00:00,1_000", "not a number"),
        ("2026-09-01 09:00:00,５", "not a number"),
        ("2026-09-01 09:00:00,-3", "is negative: counts are 0 or more"),
        ("2026-09-01 09:00:00,1e308", "beyond 1e[+]12"),
        ("2026-09-01 09:00:00", "1 columns where the header has 2: fill or remove"),
        ("2026-09-01 09:00:00,5,6", "3 columns"),
        ('"2026-09-01 09:00:00,5', "no line of a CSV file"),
    ],
)
def test_a_line_that_cannot_be_counted_says_why_and_what_to_do(line: str, words: str) -> None:
    with pytest.raises(UnusableLine, match=words):
        read(line)


@pytest.mark.parametrize(
    ("stamp", "words"),
    [
        (
            "2026-10-25 02:30",
            "timestamp 2026-10-25 02:30 exists twice in Europe/Berlin, where clocks were put back: say which one it is "
            "by an offset, 2026-10-25 02:30:00+02:00 or 2026-10-25 02:30:00+01:00",
        ),
        (
            "2026-03-29T02:00:00",
            "timestamp 2026-03-29T02:00:00 does not exist in Europe/Berlin, where clocks were put forward: say by an "
            "offset what is meant, 2026-03-29 02:00:00+01:00 or 2026-03-29 02:00:00+02:00, or name another --zone",
        ),
    ],
)
def test_a_time_at_which_clocks_were_set_is_not_guessed_and_told_what_to_write(stamp: str, words: str) -> None:
    reader = RowReader("timestamp,count", ZoneInfo("Europe/Berlin"))
    with pytest.raises(UnusableLine) as caught:
        reader.read(7, f"{stamp},5")
    assert str(caught.value) == words
    for written in re.findall(r"\S+ \S+[+]0\d:00", words):
        assert reader.read(7, f"{written},5").count == 5


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("2026-10-25 01:59:59", datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)),
        ("2026-10-25 03:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
        ("2026-10-25 02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-03-29 01:59:59", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
        ("2026-03-29 03:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ],
)
def test_times_beside_the_hour_at_which_clocks_were_set_are_read(stamp: str, at: datetime) -> None:
    assert RowReader("timestamp,count", ZoneInfo("Europe/Berlin")).read(7, f"{stamp},5").at == at


def test_more_negatives_than_posts_are_a_mistake_of_columns() -> None:
    with pytest.raises(UnusableLine, match="7 negatives of 5 posts: count is all posts"):
        read("2026-09-01 09:00:00,5,7,1", HEADER)


@given(st.text(max_size=60))
def test_whatever_stands_in_a_line_is_a_row_or_a_sentence(text: str) -> None:
    with suppress(UnusableLine):
        assert read(text).count >= 0


@given(st.datetimes(datetime(1972, 1, 1), datetime(2098, 1, 1)), st.floats(0, 1e12))
def test_times_and_counts_come_back_as_they_were_written(moment: datetime, count: float) -> None:
    row = read(f"{moment.isoformat()}+00:00,{count!r}")
    assert row.at == moment.replace(tzinfo=UTC)
    assert row.count == count
