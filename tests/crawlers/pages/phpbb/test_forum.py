from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer
from crawlers.pages.phpbb.forum import PhpbbForum
from stream.errors import Rejected

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = PhpbbForum("http://bbs.invalid/phpbb/index.php?sid=0f3a")
PIECES = st.sampled_from(
    [
        '<h2 class="forum-title">a</h2>',
        '<h2 class="topic-title">a</h2>',
        '<li class="row"><a class="topictitle" href="viewtopic.php?t=7">b</a></li>',
        '<li class="row sticky"><a class="topictitle" href="http://[">b</a></li>',
        '<div id="p7" class="post"><div class="content">c<blockquote><cite>d</cite></blockquote></div></div>',
        '<div id="p" class="post"></div>',
        '<div class="pagination"><li class="active">9',
        '<li class="next"><a rel="next" href="viewtopic.php?t=7&start=x">',
        "</div>",
    ]
)


def answer(body: str) -> Answer:
    return Answer(body=body.encode(), url=FORUM.home, content_type="text/html; charset=utf-8", at=AT)


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("http://bbs.invalid/phpbb/viewtopic.php?f=2&t=40&sid=0f3a", "40"),
        ("./viewtopic.php?p=111#p111", None),
        ("/phpbb/ucp.php?mode=login&t=40", None),
        ("http://[", None),
    ],
)
def test_a_topic_is_known_by_its_number(url: str, thread: str | None) -> None:
    assert FORUM.thread_id(url) == thread


def test_no_address_that_is_asked_for_carries_a_visitors_sid() -> None:
    assert FORUM.index_url() == "http://bbs.invalid/phpbb/index.php"
    assert FORUM.board_url("2") == "http://bbs.invalid/phpbb/viewforum.php?f=2"
    assert FORUM.thread_url("40") == "http://bbs.invalid/phpbb/viewtopic.php?t=40"


def test_ids_rank_by_number_and_nothing_else_does() -> None:
    assert FORUM.rank("pid:99") == 99
    assert FORUM.rank("pid:x") is None
    assert FORUM.rank(f"pid:{'9' * 30}") is None


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=60))
def test_pages_of_any_shape_are_read_or_rejected(body: str) -> None:
    with suppress(Rejected):
        FORUM.read_boards(answer(body))
    with suppress(Rejected):
        FORUM.read_board(answer(body), "2")
    with suppress(Rejected):
        FORUM.read_thread(answer(body), "7", None)
