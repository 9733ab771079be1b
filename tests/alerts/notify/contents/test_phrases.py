from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.contents.phrases import address, bars, deadline, local, matter, usual


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 9, 21, 6, 2, 59, tzinfo=UTC), "9月21日14:02"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "1月1日00:00"),
    ],
)
def test_a_time_is_told_in_shanghai(moment: datetime, told: str) -> None:
    assert local(moment) == told


@pytest.mark.parametrize(
    ("expected", "told"), [(0.0, "不足 1"), (0.99, "不足 1"), (1.0, "1"), (4.5, "4"), (99.6, "100")]
)
def test_an_expected_count_is_whole_or_less_than_one(expected: float, told: str) -> None:
    assert usual(expected) == told


@pytest.mark.parametrize(
    ("hours", "told"), [(1, "15:02"), (9.9, "23:56"), (10, "次日00:02"), (33.9, "次日23:56"), (34, "9月23日00:02")]
)
def test_a_deadline_says_its_day_where_it_is_not_today(hours: float, told: str) -> None:
    now = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
    assert deadline(now + timedelta(hours=hours), now) == told


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("险情传言", "涉险情信息"), ("停电抢修", "涉停电抢修信息"), ("用电信息", "涉用电信息"), ("谣言", "涉谣言信息"),
    ],
)  # fmt: skip
def test_a_matter_is_not_called_a_rumour_by_its_topics_name(topic: str, told: str) -> None:
    assert matter(topic) == told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("hxxps://bbs[.]example[.]com/p/1?a=1", "https:// bbs.example.com/p/1?a=1"),
        ("http://a.cn/x", "http:// a.cn/x"),
        ("", ""),
    ],
)
def test_an_address_can_be_copied_and_is_no_link(url: str, told: str) -> None:
    assert address(url) == told


@given(st.lists(st.integers(0, 10**9), max_size=24))
def test_bars_are_as_many_as_counts_and_the_highest_is_full(counts: list[int]) -> None:
    drawn = bars(counts)
    assert len(drawn) == len(counts)
    if any(counts):
        assert drawn[counts.index(max(counts))] == "█"
        assert all((mark == "▁") == (one == 0) for mark, one in zip(drawn, counts, strict=True))
