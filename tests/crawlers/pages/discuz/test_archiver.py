"""The archiver's lists; the folders beside have their pages."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.discuz.archiver import DiscuzArchiver
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import UNTOLD, Answer
from stream.errors import Rejected

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
ARCHIVER = DiscuzArchiver("http://bbs.invalid/bbs/forum.php")


def page(rows: str, pager: str = "") -> Answer:
    body = (
        f'<div id="nav">论坛 › 停电</div><div id="content"><ul type="1" start="1">{rows}</ul><div class="page">{pager}'
    )
    return Answer(body=body.encode(), url=ARCHIVER.board_url("3"), content_type="text/html; charset=utf-8", at=AT)


def test_it_lies_beside_the_forum_and_is_asked_for_what_was_written_last() -> None:
    expected = "http://bbs.invalid/bbs/archiver/?fid-3.html&filter=lastpost&orderby=lastpost"
    assert ARCHIVER.board_url("3") == expected
    following = ARCHIVER.read_board(page("", '<strong>[1]</strong><a href="?fid-3.html&page=2">2</a>'), "3").next
    assert following == f"{expected}&page=2"


@pytest.mark.parametrize("link", ["?tid-9.html", "tid-9.html", "/archiver/tid-9.html"])
def test_a_thread_is_known_by_its_number_and_what_was_answered(link: str) -> None:
    (row,) = ARCHIVER.read_board(page(f'<li><a href="{link}">停电</a> (7篇回复)'), "3").threads
    assert (row.thread, row.counters, row.stub) == ("9", f"7{UNTOLD}", False)


def test_other_links_of_its_pages_are_no_threads() -> None:
    rows = '<li><a href="?tid-x.html">a</a><li><a href="../forum.php?mod=viewthread&tid=9">b</a>'
    assert ARCHIVER.read_board(page(rows), "3").threads == ()


@pytest.mark.parametrize("next_link", ["?fid-3.html&page=3", "fid-3-page-3.html", "?fid-3-page-3.html"])
def test_the_next_page_is_read_from_either_form_of_its_links(next_link: str) -> None:
    listing = ARCHIVER.read_board(
        page("", f'<a href="?fid-3.html">1</a><strong>[2]</strong><a href="{next_link}">3</a>'), "3"
    )
    assert (listing.page, listing.next) == (2, f"{ARCHIVER.board_url('3')}&page=3")


def test_it_is_a_view_of_lists_alone() -> None:
    forum = DiscuzForum("http://bbs.invalid/forum.php")
    assert (list(forum.plainer_lists()), list(forum.plainer_threads())) == (["mobile", "archiver"], ["mobile"])
    assert not hasattr(ARCHIVER, "read_thread")


@given(st.text(alphabet='<>/"= ulifdtpage-strong[].html0123456789', max_size=200))
def test_no_page_breaks_the_reader(text: str) -> None:
    with suppress(Rejected):
        ARCHIVER.read_board(page(text, text), "3")
