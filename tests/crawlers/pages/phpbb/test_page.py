"""What stands in place of a phpBB page, and which page follows, with the visitor's `sid` left behind."""

from datetime import UTC, datetime

import pytest
from lxml.html import HtmlElement, document_fromstring  # type: ignore[import-untyped]

from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.phpbb.page import following, read, shown
from stream.errors import Rejected

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FIRST = "http://bbs.invalid/viewtopic.php?t=40"
LOGIN = '<form id="login"><input type="password" id="password"></form>'
QUICK_LOGIN = '<form class="headerspace"><input type="password" id="password"></form>'


def answer(body: str, status: int = 200) -> Answer:
    return Answer(body=body.encode(), url=FIRST, content_type="text/html; charset=utf-8", at=AT, status=status)


def pages(*items: str) -> HtmlElement:
    return document_fromstring(f'<div class="pagination">12 posts<ul>{"".join(items)}</ul></div>')


@pytest.mark.parametrize(
    ("told", "status", "refusal"),
    [
        ("The requested topic does not exist.", 404, Refusal.GONE),
        ("The requested topic does not exist.", 200, Refusal.GONE),
        ("No posts here", 404, Refusal.GONE),
        ("您请求的主题不存在。", 200, Refusal.GONE),
        ("此主題已經被刪除", 200, Refusal.GONE),
        ("You are not authorised to read this forum.", 403, Refusal.PERMISSION),
        ("You need to be registered and logged in", 200, Refusal.PERMISSION),
        ("您没有被授权阅读此版面", 200, Refusal.PERMISSION),
        ("本版仅供业主", 403, Refusal.PERMISSION),
        ("Sorry but this board is currently unavailable.", 200, Refusal.CLOSED),
        ("论坛升级，请稍后", 503, Refusal.CLOSED),
    ],
)
def test_a_message_is_told_by_its_words_before_its_status(told: str, status: int, refusal: Refusal) -> None:
    with pytest.raises(PageRefused) as caught:
        read(answer(f'<div id="message"><p>{told}</p></div>', status), None)
    assert (caught.value.refusal, caught.value.detail) == (refusal, told)


def test_a_login_form_refuses_only_where_it_stands_in_place_of_content() -> None:
    with pytest.raises(PageRefused, match="login form") as caught:
        read(answer(LOGIN), None)
    assert caught.value.refusal is Refusal.PERMISSION
    for content in ('<a class="topictitle">a</a>', '<div class="postbody">a</div>'):
        assert read(answer(LOGIN + content), None) is not None
    assert read(answer(QUICK_LOGIN), None) is not None  # the one on the index, beside its forums


@pytest.mark.parametrize("body", ["", " \n ", "\x00"])
def test_an_answer_of_nothing_is_empty(body: str) -> None:
    with pytest.raises(Rejected, match="empty"):
        read(answer(body), None)


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("./viewtopic.php?t=40&sid=0f3a&start=10", f"{FIRST}&start=10"),
        ("./viewtopic.php?start=10", f"{FIRST}&start=10"),
        ("./viewtopic.php?t=41&start=10", None),
        ("./viewtopic.php?t=40&start=-1", None),
        ("./viewtopic.php?t=40", None),
        ("http://[", None),
    ],
)
def test_the_next_page_is_one_of_the_same_topic_without_the_visitors_sid(href: str, address: str | None) -> None:
    root = pages(f'<li class="arrow next"><a rel="next" href="{href}">&gt;</a></li>')
    assert following(root, "t", "40", FIRST) == address


def test_the_page_shown_is_the_active_one_and_that_of_a_row_is_none() -> None:
    assert shown(pages('<li><a>1</a></li><li class="active"><span>2</span></li>')) == 2
    assert shown(pages()) == 1
    row = '<ul><li class="row"><div class="pagination"><ul><li class="active">9</li></ul></div></li></ul>'
    assert shown(document_fromstring(row)) == 1
