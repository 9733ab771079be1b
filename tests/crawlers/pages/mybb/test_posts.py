"""A thread's posts on MyBB: whose words they are, which is the opening one, and what is told as not understood."""

from datetime import UTC, datetime

import pytest

from crawlers.pages.forum import Answer, ThreadPage
from crawlers.pages.mybb.forum import MybbForum
from crawlers.pages.observation import Observation
from stream.messages import Kind

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = MybbForum("http://bbs.invalid/mybb/index.php", zone=UTC)


def read(*posts: str, opening: str | None = None, pages: str = "") -> ThreadPage:
    body = f'<div class="navigation"><span class="active">停电</span></div>{pages}{"".join(posts)}'
    return FORUM.read_thread(
        Answer(body=body.encode(), url=FORUM.home, content_type="text/html; charset=utf-8", at=AT), "40", opening
    )


def post(number: int, words: str = "停电了", head: str = "") -> str:
    return f'<div id="post_{number}">{head}<div class="post_body" id="pid_{number}">{words}</div></div>'


def only(words: str = "停电了", head: str = "") -> Observation:
    (found,) = read(post(7, words, head)).observations
    return found


def test_on_a_later_page_the_opening_post_is_the_one_that_was_known_before() -> None:
    second = '<div class="pagination"><span class="pagination_current">2</span></div>'
    page = read(post(21), post(22), opening="pid:7", pages=second)
    assert (page.page, page.opening) == (2, "pid:7")
    assert [(one.kind, one.thread) for one in page.observations] == [(Kind.REPLY, "pid:7")] * 2
    assert page.observations[0].url == "http://bbs.invalid/mybb/showthread.php?tid=40&pid=21#pid21"


def test_a_first_page_whose_opening_post_is_gone_keeps_the_one_that_was_known() -> None:
    page = read(post(8), opening="pid:7")
    assert [(one.native_id, one.kind) for one in page.observations] == [("pid:8", Kind.REPLY)]


def test_a_post_without_its_body_is_told_as_unreadable_and_the_others_are_read() -> None:
    page = read(post(7), '<div id="post_8"><p>?</p></div>', '<div id="post_x"></div>', '<div id="post_"></div>')
    assert ([one.native_id for one in page.observations], page.unreadable) == (["pid:7"], ("pid:8",))


@pytest.mark.parametrize(
    ("link", "author"),
    [
        ('<a href="member.php?action=profile&amp;uid=58">甲</a>', "58"),
        ('<a href="user-58.html">甲</a>', "58"),
        ('<a href="member.php?action=profile&amp;uid=0">访客</a>', None),
        ('<a href="user-x.html">甲</a>', None),
        ("访客", None),
    ],
)
def test_the_writer_is_an_accounts_number_and_a_guest_is_nobody(link: str, author: str | None) -> None:
    assert only(head=f'<span class="largetext">{link}</span>').author == author


def test_what_is_quoted_within_a_quotation_is_nobodys_words_here() -> None:
    inner = '<blockquote class="mycode_quote"><cite>乙 Wrote:</cite>更早</blockquote>'
    quote = '<blockquote class="mycode_quote"><cite><a href="showthread.php?pid=5#pid5"></a></cite>'
    found = only(f"{quote}{inner}早</blockquote>我家也是<blockquote>公告</blockquote>")
    assert (found.text, found.parent) == ("我家也是\n公告", "pid:5")


def test_a_quotation_without_a_link_names_no_parent() -> None:
    assert only('<blockquote class="mycode_quote"><cite>甲 Wrote:</cite>早</blockquote>是').parent is None


@pytest.mark.parametrize("label", ["<cite>Quote:</cite>", "<cite>引用：</cite>", "<cite></cite>", ""])
def test_a_quotation_of_nobody_is_the_writers_choice_without_the_software_saying_that_it_is_one(label: str) -> None:
    own = f'<blockquote class="mycode_quote">{label}全天停水</blockquote>'
    assert only(own).text == "全天停水"
    named = '<blockquote class="mycode_quote"><cite>甲 Wrote:<a href="showthread.php?pid=5"></a></cite>早</blockquote>'
    found = only(f'{own}<blockquote class="mycode_quote">{label}公告{named}<br>全天</blockquote>是')
    assert (found.text, found.parent) == ("全天停水\n\n公告\n全天\n是", "pid:5")
    assert only(f"{named.replace('早', own)}是").text == "是"


def test_a_time_that_nobody_understands_is_told_and_a_missing_one_is_not() -> None:
    odd = only(head='<span class="post_date">13-13-2026, 06:33 AM</span>')
    assert (odd.published_at, odd.unread_time) == (None, "13-13-2026, 06:33 am")
    assert (only().published_at, only().unread_time) == (None, "")


def test_an_edit_is_known_by_the_title_of_its_note_or_by_the_date_in_its_words() -> None:
    titled = '<span id="edited_by_7">改于 <span title="11-28-2026, 06:50 AM">10 minutes ago</span></span>'
    assert only(head=titled).edited_at == datetime(2026, 11, 28, 6, 50, tzinfo=UTC)
    assert only(head='<span id="edited_by_7">(last modified: 11-28-2026, 06:40 AM by 甲.)</span>').edited_at == (
        datetime(2026, 11, 28, 6, 40, tzinfo=UTC)
    )
    today = '(last modified: <span title="11-28-2026">Today</span>, 06:45 AM by <a href="member.php?uid=1">甲</a>.)'
    note = f'<span class="post_edit" id="edited_by_7">{today}</span>'
    assert only(head=note).edited_at == datetime(2026, 11, 28, 6, 45, tzinfo=UTC)
    assert only(head='<span id="edited_by_7"></span>').edited_at is None


PDF = '<img src="images/attachtypes/pdf.png"> <a href="attachment.php?aid=3">通知.pdf</a> (Size: 34 KB / Downloads: {})'
IMAGE = (
    '<a href="attachment.php?aid=5"><img src="attachment.php?thumbnail=5" alt="" title="断线.jpg (Size: 12 KB)"></a>'
)


def test_files_are_named_behind_the_words_without_how_often_they_were_fetched() -> None:
    def said(downloads: int) -> str:
        below = (
            f"</div><fieldset><legend><strong>Attached Files</strong></legend>{PDF.format(downloads)}</fieldset><div>"
        )
        return only(f"停电了{below}").text

    assert said(2) == said(3) == "停电了\n\n附件：通知.pdf"
    assert only(f"看{IMAGE}和{PDF.format(2)}（见上）").text == "看和 （见上）\n\n附件：断线.jpg、通知.pdf"
    own = '<a href="attachment.php?aid=3">看图</a>（3 KB）'
    assert only(own).text == "看图（3 KB）"


HEAD = (
    '<tr><td colspan="4" class="thead"><strong>{} 改线吗？</strong><br><span class="smalltext">Closed</span></td></tr>'
)


def asked(label: str) -> str:
    rows = "".join(
        f'<tr><td class="trow1"><input type="radio" value="1"></td><td class="trow1" colspan="3">{one}</td></tr>'
        for one in ("改", "不改")
    )
    return f'<form action="polls.php" method="post"><table class="tborder">{HEAD.format(label)}{rows}</table></form>'


def results(votes: int) -> str:
    row = '<tr><td class="trow2" align="right">{}</td><td class="trow2"><img></td><td class="trow2">{}</td></tr>'
    rows = row.format("改", votes) + row.format("不改", 1)
    total = (
        f'<tr><td class="tfoot" colspan="2"><strong>Total</strong></td><td class="tfoot">{votes + 1} votes</td></tr>'
    )
    link = '<table><tr><td>[<a href="polls.php?action=showresults&amp;pid=2">Show Results</a>]</td></tr></table>'
    return f'<table class="tborder">{HEAD.format("Poll:")}{rows}{total}</table>{link}'


def test_the_opening_post_bears_the_poll_whether_it_may_be_answered_or_is_told_and_no_votes() -> None:
    for shown in (asked("Poll:"), asked("投票："), results(3), results(4)):
        first, reply = read(post(7), post(8), pages=shown).observations
        assert (first.text, reply.text) == ("停电了\n\n投票：改线吗？\n改\n不改", "停电了")
