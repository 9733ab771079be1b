from datetime import datetime, timedelta

import pytest

from scripts.demo.when import exact, relative, titled
from stream.process.clock import SHANGHAI

NOW = datetime(2026, 9, 22, 14, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(0), "刚刚"),
        (timedelta(seconds=40), "40\u00a0秒前"),
        (timedelta(minutes=5), "5\u00a0分钟前"),
        (timedelta(minutes=31), "半小时前"),
        (timedelta(hours=3), "3\u00a0小时前"),
        (timedelta(hours=20), "昨天\u00a018:30"),
        (timedelta(days=2), "前天\u00a014:30"),
        (timedelta(days=3), "3\u00a0天前"),
        (timedelta(days=7), None),
    ],
)
def test_times_are_relative_for_a_week(ago: timedelta, words: str | None) -> None:
    assert relative(NOW - ago, NOW) == words


def test_exact_times_are_not_padded_and_titles_are() -> None:
    at = datetime(2026, 9, 3, 8, 5, 1, tzinfo=SHANGHAI)
    assert exact(at, seconds=True) == "2026-9-3 08:05:01"
    assert titled(at) == "2026-09-03 08:05"
