from datetime import UTC, datetime

import pytest

from crawlers.pages.time_words import orders, said
from crawlers.pages.times import not_understood, read_time
from stream.process.clock import SHANGHAI

AT = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)  # a Saturday, 20:30 in Shanghai


@pytest.mark.parametrize(
    ("text", "local", "precision"),
    [
        ("3:05 PM · Nov 20, 2026", "2026-11-20 15:05", "minute"),
        ("3:05 PM · Nov 20, 2026 · Twitter for iPhone", "2026-11-20 15:05", "minute"),
        ("下午3:05 · 2026年11月20日", "2026-11-20 15:05", "minute"),
        ("下午3:05 · 二〇二六年十一月二十日", "2026-11-20 15:05", "minute"),
        ("15:05 | 2026-11-20", "2026-11-20 15:05", "minute"),
        ("15:05 | 20261120", "2026-11-20 15:05", "minute"),
        ("10:20 | 11/20/2025", "2025-11-20 10:20", "minute"),
        ("15:05 · 11月20日", "2026-11-20 15:05", "minute"),
        ("15:05 | 昨天", "2026-11-27 15:05", "minute"),
        ("周五 15:05 • 2026年11月20日", "2026-11-20 15:05", "minute"),
        ("2026-11-20 · 15:05", "2026-11-20 15:05", "minute"),
        ("Nov 26, 2026 · 3:05 PM", "2026-11-26 15:05", "minute"),
        ("昨天 · 15:05 · 来自 小米14", "2026-11-27 15:05", "minute"),
        ("Nov 20 | 2024", "2024-11-20 00:00", "day"),
        ("11月20日 · 2025年", "2025-11-20 00:00", "day"),
        ("· 2026-11-20", "2026-11-20 00:00", "day"),
    ],
)
def test_a_day_and_a_clock_that_something_parts_are_one_time(text: str, local: str, precision: str) -> None:
    assert read_time(text, AT) == (datetime.fromisoformat(local).replace(tzinfo=SHANGHAI), precision)


@pytest.mark.parametrize(
    "text",
    [
        "10:20 发自 2026-11-20", "15:05 浏览 2026-11-20", "刚刚 · 2026-11-20", "昨天 · 2026-11-20", "11-20 · 2025",
        "11月20日 15:05 · 2025", "11.20 | 2024", "3小时前 · 更新于 2026-11-20", "10:20 via 20 Nov",
    ],
)  # fmt: skip
def test_a_day_behind_a_time_that_does_not_fit_to_it_leaves_the_time_not_understood(text: str) -> None:
    assert read_time(text, AT)[0] is None
    assert not_understood(text, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10:20 来自 iPhone客户端", "10:20"),
        ("10:20 来自 小米14", "10:20"),
        ("10:20 来自 一点资讯", "10:20"),
        ("10:20 来源：今日头条", "10:20"),
        ("昨天 10:20 · 来自 App 17.4.1 | 阅读 3", "昨天 10:20"),
        ("11-20 10:20 | 1.2万阅读", "11-20 10:20"),
        ("Nov 20, 2026 · 5 min read", "nov 20, 2026"),
        ("2026-11-20 10:20 | 更新于 2026-11-21 09:00", "2026-11-20 10:20"),
        ("2026-11-20 · Updated Nov 21, 2026", "2026-11-20"),
        ("2026-11-20 15:05 来源: 2小时前", "2026-11-20 15:05"),
        ("11月7日 农历九月廿九", "11月7日"),
    ],
)
def test_what_stands_behind_a_time_and_says_nothing_of_it_is_cut(text: str, words: str) -> None:
    assert said(text) == words


def test_only_two_parts_have_two_orders() -> None:
    assert orders("15:05 · 11-20") == ["15:05 11-20", "11-20 15:05"]
    assert orders("15:05") == ["15:05"]
    assert orders("周五 · 15:05 · 11-20") == ["周五 · 15:05 · 11-20"]
    assert orders("·") == ["·"]
