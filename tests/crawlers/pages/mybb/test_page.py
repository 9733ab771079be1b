"""What stands in place of a page, and which page follows: MyBB's errors come with 200, its breadcrumbs have pages."""

import pytest
from lxml.html import HtmlElement, document_fromstring  # type: ignore[import-untyped]

from crawlers.pages.forum import PageRefused, Refusal
from crawlers.pages.mybb.page import following, refuse, shown
from stream.errors import Rejected

FIRST = "http://bbs.invalid/showthread.php?tid=4"


def page(*parts: str) -> HtmlElement:
    return document_fromstring(f"<html><body>{''.join(parts)}</body></html>")


def error(words: str) -> str:
    return f'<table><tr><td class="trow1">{words}</td></tr></table>'


@pytest.mark.parametrize(
    ("words", "status", "refusal"),
    [
        ("The specified thread does not exist.", 200, Refusal.GONE),
        ("Invalid forum", 404, Refusal.GONE),
        ("指定的主题不存在或已被删除。", 200, Refusal.GONE),
        ("指定的主題無效", 200, Refusal.GONE),
        ("You do not have permission to access this page.", 200, Refusal.PERMISSION),
        ("您没有权限访问此页面，或需要登录", 200, Refusal.PERMISSION),
        ("本版只对业主开放", 403, Refusal.PERMISSION),
        ("Thread does not exist, or you are not logged in", 403, Refusal.GONE),  # gone is the stronger word
    ],
)
def test_an_error_is_known_by_its_words_and_403_by_itself(words: str, status: int, refusal: Refusal) -> None:
    with pytest.raises(PageRefused) as caught:
        refuse(page(error(words)), status)
    assert (caught.value.refusal, caught.value.detail) == (refusal, words)


@pytest.mark.parametrize("words", ["系统繁忙", "", "帖子不存在" + "又" * 2000])
def test_an_unknown_error_and_a_long_text_that_speaks_of_one_are_a_layout_nobody_knows(words: str) -> None:
    with pytest.raises(Rejected, match="layout") as caught:
        refuse(page(error(words)), 200)
    assert not isinstance(caught.value, PageRefused)


def test_the_first_cell_that_says_an_error_counts_whatever_stands_before() -> None:
    with pytest.raises(PageRefused, match="权限"):
        refuse(page(error("MyBB"), error("没有权限")), 200)


@pytest.mark.parametrize(
    ("href", "leads"),
    [
        ("showthread.php?tid=4&page=2", True),
        ("thread-4-page-2.html", True),
        ("showthread.php?tid=40&page=2", False),
        ("thread-40-page-2.html", False),
        ("forumdisplay.php?fid=4&page=2", False),
        ("http://[", False),
    ],
)
def test_a_next_link_counts_if_it_leads_on_in_the_same_thread(href: str, leads: bool) -> None:
    root = page(f'<div class="pagination"><a class="pagination_next" href="{href}">»</a></div>')
    assert following(root, "tid", "4", FIRST) == (f"{FIRST}&page=2" if leads else None)


def test_pages_in_the_breadcrumbs_are_those_of_the_forum_and_are_not_counted() -> None:
    crumbs = (
        '<div id="breadcrumb_multipage_popup" class="pagination"><span class="pagination_current">7</span>'
        '<a class="pagination_next" href="forumdisplay.php?fid=2&page=8">»</a></div>'
    )
    own = '<div class="pagination"><span class="pagination_current">3</span></div>'
    assert [shown(page(crumbs)), shown(page(crumbs, own)), shown(page())] == [1, 3, 1]
    assert following(page(crumbs, own), "fid", "2", FIRST) is None
