from datetime import UTC, datetime

import pytest

from crawlers.pages.times import not_understood, read_time
from stream.process.clock import SHANGHAI

AT = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)  # 20:30 in Shanghai


def read(text: str) -> str | None:
    moment, _ = read_time(text, AT)
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else None


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("Nov 28, 2026 3:05 PM EST", "2026-11-29 04:05"),
        ("Nov 28, 2026 12:05 a.m. EST", "2026-11-28 13:05"),
        ("Nov 28, 2026 12:05 PM GMT", "2026-11-28 20:05"),
        ("Nov 28, 2026 3:05 PM (UTC)", "2026-11-28 23:05"),
        ("Sat Nov 28 03:05:00 PM 2026", "2026-11-28 15:05"),
        ("Sat Nov 28 03:05:00 PM CST 2026", "2026-11-28 15:05"),
        ("Sat, Nov 28, 2026 3:05 PM PST", "2026-11-29 07:05"),
        ("Sat, 28 Nov 2026 15:05:00 AST", "2026-11-29 03:05"),
        ("Sam, 28 Nov 2026 15:05:00 +0800", "2026-11-28 15:05"),
        ("Fri 27 Nov 15:05 GMT", "2026-11-27 23:05"),
    ],
)
def test_an_english_clock_is_of_its_half_of_the_day_and_of_its_zone(text: str, local: str) -> None:
    assert read(text) == local


@pytest.mark.parametrize("zone", ["JST", "CET", "CEST", "BST", "AEDT", "ET", "A", "Uhr", "(JST)", "(北京时间以外)"])
def test_a_zone_that_nobody_knows_is_not_ours(zone: str) -> None:
    for text in (f"Sat, 28 Nov 2026 15:05:00 {zone}", f"28 Nov 2026 3:05 PM {zone}"):
        assert (read(text), bool(not_understood(text, None))) == (None, True)


def test_of_two_clocks_none_is_taken() -> None:
    assert read("Nov 27, 2026 15:05 - Nov 28, 2026 10:00") is None


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026年11月27日15:05-16:00", "2026-11-27 15:05"),
        ("2026-11-27 15:05-08:00", "2026-11-27 15:05"),
        ("2026-11-27 15:05-06", "2026-11-27 15:05"),
        ("2026-11-27 15:05 -16:00", "2026-11-27 15:05"),
        ("27.11.2026 15:05-16:00", "2026-11-27 15:05"),
        ("Nov 27, 2026 15:05-16:00", "2026-11-27 15:05"),
        ("2026-11-27 15:05 -0600", "2026-11-28 05:05"),
        ("2026-11-27 15:05+09:00", "2026-11-27 14:05"),
        ("2026-11-27T15:05-05:00", "2026-11-28 04:05"),
        ("2026-11-27 15:05:00-05:00", "2026-11-28 04:05"),
        ("2026-11-27T15:05:00-16:00", None),
        ("2026-11-27T15:05:00+15:00", None),
        ("2026-11-27T15:05:00+14:00", "2026-11-27 09:05"),
        ("Fri, 27 Nov 2026 15:05:00 -1600", None),
        ("2026-11-27-05", None),
    ],
)
def test_what_ends_a_range_is_no_offset_and_no_offset_is_beyond_those_of_the_earth(
    text: str, local: str | None
) -> None:
    assert read(text) == local


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("11/12/26", None),
        ("12/11/26, 15:05", None),
        ("25.11.26", None),
        ("27-11-26", None),
        ("28-11-26", None),
        ("26-11-25", None),  # as well the 26th, of last year
        ("03/04/24", None),
        ("26-11-12", "2026-11-12 00:00"),
        ("26/11/28 15:05", "2026-11-28 15:05"),
        ("25-11-28", "2025-11-28 00:00"),
        ("20-11-28", "2020-11-28 00:00"),
        ("26-11-26", "2026-11-26 00:00"),  # the same either way
        ("25年11月26日", "2025-11-26 00:00"),
    ],
)
def test_of_two_digits_the_year_is_what_no_other_number_may_be(text: str, local: str | None) -> None:
    assert read(text) == local
    assert bool(not_understood(text, None))


@pytest.mark.parametrize(
    "text",
    [
        "刚刚", "3分钟前", "半小时前", "15小时前", "3天前", "2h", "5 minutes ago", "下午3:05", "3:05 PM", "15：05",
        "15:05", "15时05分", "昨天", "昨天 10:20", "周三 10:00", "去年12月3日", "today", "15:05 · 昨天",
    ],
)  # fmt: skip
def test_where_nobody_knows_when_it_was_said_only_a_date_is_a_time(text: str) -> None:
    assert read_time(text, AT)[0] is not None
    assert read_time(text, AT, dated=True)[0] is None


@pytest.mark.parametrize(
    "text",
    ["2026-11-27 15:05", "2026年11月27日", "26-11-28", "27.11.2026", "27 Nov 2026", "1795747100",
     "11-28 10:20", "11月28日", "Nov 28", "3:05 PM · Nov 20", "3:05 PM · Nov 20, 2026", "20261127",
     "Fri, 27 Nov 2026 15:05:00 GMT", "Fri Nov 27 15:05:00 CST 2026"],
)  # fmt: skip
def test_a_date_is_the_same_whether_it_is_known_when_it_was_said_or_not(text: str) -> None:
    assert read_time(text, AT, dated=True) == read_time(text, AT)
    assert read_time(text, AT)[0] is not None
