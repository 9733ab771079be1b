"""The view for telephones tells of a post what the usual page does, its time aside; its traps are folders beside."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.discuz.mobile import DiscuzMobile
from crawlers.pages.forum import UNTOLD, Answer, ThreadPage
from stream.errors import Rejected
from stream.messages import Precision

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOME = "http://bbs.invalid/forum.php"
MOBILE = DiscuzMobile(HOME)


def answer(body: str | bytes, url: str = HOME, content_type: str = "text/html; charset=utf-8") -> Answer:
    return Answer(body=body.encode() if isinstance(body, str) else body, url=url, content_type=content_type, at=AT)


def thread(pid: str, text: str, when: str = "2026-11-18 09:00:00", more: str = "") -> Answer:
    return answer(
        f'{more}<div class="header"><h2><a>停电</a></h2></div><div class="view_tit">路灯</div><div id="pid{pid}">'
        f'<li class="mtit"><span class="y">3#</span><span class="z">'
        f'<a href="home.php?mod=space&uid=7">甲</a></span></li>'
        f'<li class="mtime">{when}</li><div class="message">{text}</div></div>'
    )


def usual(pid: str, text: str) -> Answer:
    return answer(
        f'<div id="pt"><a href="forum.php?mod=forumdisplay&fid=3">停电</a></div><span id="thread_subject">路灯</span>'
        f'<div id="post_{pid}"><a id="postnum{pid}">3#</a><div id="favatar{pid}"><a class="xw1" '
        f'href="home.php?mod=space&uid=7">甲</a></div><em id="authorposton{pid}">发表于 2026-11-18 09:00:00</em>'
        f'<td id="postmessage_{pid}">{text}</td></div>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "停了<br />又来了",
        '<div class="quote"><blockquote><a href="forum.php?goto=findpost&pid=5&ptid=9">乙</a> 好</blockquote></div>对',
        '如下<div class="quote"><blockquote>全天停水</blockquote></div>',
        '<div class="quote"><blockquote><font size="2">乙 发表于 2026-1-1 10:00</font><br />好</blockquote></div>对',
        '<i class="pstatus">本帖最后由 甲 于 2026-11-18 10:00 编辑</i>来电了',
        '看<img src="static/image/smiley/default/smile.gif" smilieid="1" alt="">这里',
        '细则<div class="locked">登录可见</div>以文件为准<font class="jammer">k2</font>',
        '<div class="blockcode"><ol><li>a &lt; b</ol><em>复制代码</em></div>&amp;#20809;',
    ],
)
def test_a_post_says_the_same_for_telephones_as_on_its_usual_page(text: str) -> None:
    plain = MOBILE.read_thread(thread("50", text), "9", "pid:1").observations
    assert plain == DiscuzForum(HOME).read_thread(usual("50", text), "9", "pid:1").observations


def test_its_addresses_are_those_of_the_usual_pages_with_a_word_more() -> None:
    assert MOBILE.thread_url("9") == f"{HOME}?mod=viewthread&tid=9&mobile=2"
    assert MOBILE.board_url("3") == f"{HOME}?mod=forumdisplay&fid=3&filter=lastpost&orderby=lastpost&mobile=2"
    named = MOBILE.board_url("outage")
    assert named == "http://bbs.invalid/forum-outage-1.html?filter=lastpost&orderby=lastpost&mobile=2"


def test_a_relative_time_refers_to_the_servers_clock() -> None:
    page = MOBILE.read_thread(replace(thread("50", "停", "2&nbsp;小时前"), at=AT), "9", None)
    (post,) = page.observations
    assert (post.published_at, post.published_precision) == (
        datetime(2026, 11, 19, 4, 34, 20, tzinfo=UTC),
        Precision.DAY,
    )


def test_a_board_in_gbk_is_known_by_its_scripts_and_its_owners_word_goes_before() -> None:
    page = thread("50", "姓&amp;#19886;", more="<script>var charset = 'gbk';</script>")
    assert MOBILE.read_thread(page, "9", None).observations[0].text == "姓䶮"
    plain = thread("50", "姓&amp;#19886;")
    assert MOBILE.read_thread(plain, "9", None).observations[0].text == "姓&#19886;"
    assert replace(MOBILE, encoding="gbk").read_thread(plain, "9", None).observations[0].text == "姓䶮"


def test_which_thread_it_is_says_its_address() -> None:
    moved = replace(thread("50", "停"), url=f"{HOME}?mod=viewthread&tid=49&mobile=2")
    assert MOBILE.read_thread(moved, "50", None).thread == "49"
    assert MOBILE.read_thread(thread("50", "停"), "50", None).thread is None


def test_a_post_without_a_time_has_none_and_none_that_was_not_understood() -> None:
    page = answer('<div class="view_tit">路灯</div><div id="pid5"><div class="message">停</div></div>')
    (post,) = MOBILE.read_thread(page, "9", None).observations
    assert (post.published_at, post.unread_time, post.author, post.board) == (None, "", None, None)


def test_rewritten_links_of_a_list_are_understood_and_what_is_no_thread_is_none() -> None:
    foot = '<div class="threadlist_foot"><li><i class="dm-chat-s-fill"></i>{}</li></div>'
    row = f'<li class="list"><a href="{{}}">停</a>{foot}</li>'
    rows = row.format("thread-9-1-1.html", 3) + row.format("forum.php?mod=viewthread", 1) + row.format("ad.php", 1)
    page = answer(f'<div class="threadlist cl"><ul>{rows}</ul></div>')
    assert [(one.thread, one.counters) for one in MOBILE.read_board(page, "3").threads] == [("9", f"3{UNTOLD}")]


@pytest.mark.parametrize(
    ("replies", "counter", "stub"), [("3", "3", False), ("1.2万", "None", False), ("-", "None", True)]
)
def test_a_rounded_number_of_replies_is_unknown_and_no_thread_that_moved_away(
    replies: str, counter: str, stub: bool
) -> None:
    row = '<li class="list"><a href="thread-9-1-1.html">停</a><div class="threadlist_foot"><li>{}</li></div></li>'
    page = answer(f'<div class="threadlist">{row.format(f"<i class=dm-chat-s></i>{replies}")}</div>')
    (one,) = MOBILE.read_board(page, "3").threads
    assert (one.counters, one.stub) == (f"{counter}{UNTOLD}", stub)


@given(
    st.text(alphabet='<>/"= divpidclassmessage0123456789li', max_size=200), st.sampled_from(["pid5", "pid", "message"])
)
def test_no_page_breaks_the_reader(text: str, name: str) -> None:
    body = f'<div class="threadlist"><h4></h4>{text}</div><div class="view_tit"></div><div id="{name}">{text}</div>'
    with suppress(Rejected):
        page: ThreadPage = MOBILE.read_thread(answer(body), "9", None)
        json.dumps([one.native_id for one in page.observations])
    with suppress(Rejected):
        MOBILE.read_board(answer(body), "3")
