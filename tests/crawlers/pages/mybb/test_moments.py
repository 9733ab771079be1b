"""MyBB's times: the four shapes a guest meets, the order of day and month, and numbers that are neither."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fragment_fromstring  # type: ignore[import-untyped]

from crawlers.pages.mybb.moments import DateOrder, moment, told, told_within
from stream.messages import Precision
from stream.process.clock import SHANGHAI

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("11-28-2026, 06:33 AM", "11-28-2026, 06:33 AM"),
        ('<span title="11-28-2026, 06:33 AM">9 hours ago</span>', "11-28-2026, 06:33 AM"),
        ('<span title="11-27-2026">Yesterday</span>, 03:00 PM', "11-27-2026, 03:00 PM"),
        ('<span title="11-28-2026">Today</span>, 12:05 AM <a>x</a>', "11-28-2026, 12:05 AM"),
        ('<span title="11-27-2026">Yesterday</span>', "11-27-2026"),
        ('<span title="">x</span>', ""),
        ('11-28-2026 <span class="post_edit"><span title="11-30-2026, 01:00 AM">x</span></span>', "11-28-2026"),
        ("", ""),
    ],
)
def test_the_words_for_a_time_are_found_behind_what_a_guest_is_shown(markup: str, words: str) -> None:
    assert told(fragment_fromstring(f'<div class="post_date">{markup}</div>')) == words


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("(This post was last modified: 11-02-2026, 06:40 PM by 甲.)", "11-02-2026, 06:40 PM"),
        ("最后修改：2026-11-02, 18:40，由 甲", "2026-11-02, 18:40"),
        ("Edited by 甲 on 11.02.2026.", "11.02.2026"),
        ('改于 <span title="11-28-2026, 06:50 AM">10 minutes ago</span> by 甲', "11-28-2026, 06:50 AM"),
        ('改于 <span title="11-28-2026">Today</span>, 09:00 AM by <a>甲</a>. 11-02-2026', "11-28-2026, 09:00 AM"),
        ('最后修改: <span title="2026-11-27">昨天</span>, 下午 09:00 由 甲', "2026-11-27, 下午 09:00"),
        ('改于 <span title="online">甲</span> 11-02-2026, 06:40 PM', "11-02-2026, 06:40 PM"),
        ("修改过 3 次", ""),
    ],
)
def test_the_date_of_an_edit_is_found_in_its_sentence_and_nothing_is_found_without_one(note: str, words: str) -> None:
    assert told_within(fragment_fromstring(f'<span class="post_edit">{note}</span>')) == words


@pytest.mark.parametrize(
    ("words", "order", "read"),
    [
        ("11-28-2026, 12:00 AM", "mdy", datetime(2026, 11, 27, 16, tzinfo=UTC)),  # midnight
        ("11-28-2026, 12:00 PM", "mdy", datetime(2026, 11, 28, 4, tzinfo=UTC)),  # noon
        ("28.11.2026 13:05", "dmy", datetime(2026, 11, 28, 5, 5, tzinfo=UTC)),
        ("2026-11-28 13:05", "dmy", datetime(2026, 11, 28, 5, 5, tzinfo=UTC)),  # the year first leaves no doubt
        ("28-11-2026, 06:33 AM", "mdy", None),  # 28 is no month: the order is another one
        ("11-28-2026, 06:33 AM", "dmy", None),
        ("02-30-2026, 01:00 PM", "mdy", None),
        ("11-28-2026, 25:00", "mdy", None),
        ("", "mdy", None),
    ],
)
def test_a_number_that_is_no_month_is_no_time_rather_than_a_wrong_day(
    words: str, order: DateOrder, read: datetime | None
) -> None:
    assert moment(words, AT, SHANGHAI, order)[0] == read


def test_a_date_without_a_time_of_day_is_a_day_in_the_boards_zone() -> None:
    assert moment("11-28-2026", AT, SHANGHAI, "mdy") == (datetime(2026, 11, 27, 16, tzinfo=UTC), Precision.DAY)
    assert moment("11-28-2026", AT, UTC, "mdy") == (datetime(2026, 11, 28, tzinfo=UTC), Precision.DAY)


@given(
    st.datetimes(datetime(2003, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)),
    st.sampled_from(["mdy", "dmy"]),
    st.booleans(),
)
def test_what_a_board_writes_in_either_order_and_clock_is_read_to_the_minute(
    when: datetime, order: DateOrder, half_day: bool
) -> None:
    day = "%m-%d-%Y" if order == "mdy" else "%d-%m-%Y"
    written = when.strftime(f"{day}, {'%I:%M %p' if half_day else '%H:%M'}")
    assert moment(written, AT, UTC, order) == (when.replace(second=0, microsecond=0), Precision.MINUTE)
