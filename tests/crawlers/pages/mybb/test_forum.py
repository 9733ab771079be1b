from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer
from crawlers.pages.mybb.forum import MybbForum
from stream.errors import Rejected

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = MybbForum("http://bbs.invalid/mybb/index.php")
PIECES = st.sampled_from(
    [
        '<div class="navigation"><a href="forum-2.html">a</a><span class="active">b</span></div>',
        '<tr class="inline_row"><td><span id="tid_7"><a href="showthread.php?tid=7">b</a></span>',
        '<span class="lastpost"><span title="">x</span></span>',
        '<div id="post_7"><span class="post_date"><span title="99-99-2026">x</span>, 99:99 AM</span>',
        '<div id="pid_7"><blockquote class="mycode_quote"><cite>d</cite><blockquote class="mycode_quote">e',
        '<span id="edited_by_7">11-28-2026</span>',
        '<div class="pagination"><span class="pagination_current">x</span><a class="pagination_next" href="http://[">',
        '<td class="trow1">not exist</td>',
        "</div>",
    ]
)


def answer(body: str) -> Answer:
    return Answer(body=body.encode(), url=FORUM.home, content_type="text/html; charset=utf-8", at=AT)


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("http://bbs.invalid/mybb/showthread.php?tid=40&page=2", "40"),
        ("http://bbs.invalid/mybb/thread-40-page-2.html", "40"),
        ("http://bbs.invalid/mybb/forum-40.html", None),
        ("member.php?action=login&tid=40", None),
    ],
)
def test_a_thread_is_known_by_its_number_in_both_kinds_of_address(url: str, thread: str | None) -> None:
    assert FORUM.thread_id(url) == thread


def test_a_list_is_asked_for_by_last_post_and_however_old() -> None:
    address = "http://bbs.invalid/mybb/forumdisplay.php?fid=2&sortby=lastpost&order=desc&datecut=9999"
    assert FORUM.board_url("2") == address


def test_a_board_that_names_the_day_first_is_read_so_when_it_is_said() -> None:
    page = answer(
        '<div id="post_7"><span class="post_date">05-11-2026, 06:33 PM</span><div id="pid_7">停电了</div></div>'
    )
    utc = replace(FORUM, zone=UTC)
    assert utc.read_thread(page, "40", None).observations[0].published_at == datetime(2026, 5, 11, 18, 33, tzinfo=UTC)
    (day_first,) = replace(utc, date_order="dmy").read_thread(page, "40", None).observations
    assert day_first.published_at == datetime(2026, 11, 5, 18, 33, tzinfo=UTC)


def test_a_lists_counters_stand_still_while_nobody_writes() -> None:
    page = (
        '<table><tr class="inline_row"><td><span id="tid_7"></span></td>'
        '<td><span class="lastpost"><span title="11-28-2026, 06:33 AM">{} ago</span></span></td></tr></table>'
    )
    told = {FORUM.read_board(answer(page.format(words)), "2").threads for words in ("9 hours", "10 hours")}
    assert len(told) == 1


LOGIN = '<a href="{}/member.php?action=login">登录</a>'
ROW = '<table><tr><td><strong><a href="{}">电</a></strong></td><td>3</td><td>{}</td></tr></table>'


@pytest.mark.parametrize(
    ("above", "link", "boards"),
    [
        ("", "forum-3.html", ("3",)),
        ("", "http://bbs.invalid/mybb/forumdisplay.php?fid=3", ("3",)),
        ("", "https://www.bbs.invalid/mybb/forum-3.html", ("3",)),
        ("", "https://other.invalid/forum-3.html", ()),
        ("", "//other.invalid/forumdisplay.php?fid=3", ()),
        (LOGIN.format("https://name.invalid"), "https://name.invalid/forum-3.html", ("3",)),  # asked by another name
        (LOGIN.format("https://name.invalid"), "https://other.invalid/forum-3.html", ()),
        (LOGIN.format("http://["), "http://[", ()),
    ],
)
def test_a_forum_is_one_of_this_boards_and_not_of_one_that_it_links_to(
    above: str, link: str, boards: tuple[str, ...]
) -> None:
    index = FORUM.read_boards(answer(above + ROW.format(link, 7)))
    assert (index.boards, tuple(index.totals)) == (boards, boards)


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=60))
def test_pages_of_any_shape_are_read_or_rejected(body: str) -> None:
    with suppress(Rejected):
        FORUM.read_boards(answer(body))
    with suppress(Rejected):
        FORUM.read_board(answer(body), "2")
    with suppress(Rejected):
        FORUM.read_thread(answer(body), "7", None)
