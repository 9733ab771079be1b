from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import Answer
from stream.errors import Rejected
from stream.messages import Kind

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
FORUM = DiscuzForum("http://bbs.invalid/forum.php")
PAGER = '<div class="pg"><strong>{}</strong><label><span title="共 {} 页"></span></label></div>'


def answer(body: str | bytes, url: str = "http://bbs.invalid/forum.php", encoding: str = "utf-8") -> Answer:
    raw = body.encode(encoding) if isinstance(body, str) else body
    return Answer(body=raw, url=url, content_type="text/html; charset=utf-8", at=AT)


def post(pid: str, text: str = "停电了", within: str = "") -> str:
    return f'<div id="post_{pid}"><table><tr><td id="postmessage_{pid}">{text}</td></tr></table>{within}</div>'


def thread(*posts: str, pager: str = "", pt: str = "") -> Answer:
    return answer(f'<div id="pt">{pt}</div>{pager}<span id="thread_subject">路灯</span>{"".join(posts)}')


def listing(rows: str, pager: str = "") -> Answer:
    return answer(f'{pager}<table id="threadlisttableid">{rows}</table>')


def row(kind: str, tid: str, href: str | None = None) -> str:
    link = f'<a class="s xst" href="{href or f"forum.php?mod=viewthread&tid={tid}"}">标题</a>'
    return f'<tbody id="{kind}_{tid}"><tr><th>{link}</th></tr></tbody>'


@pytest.mark.parametrize(("shown", "pages", "more"), [(1, 1, False), (1, 2, True), (2, 2, False), (7, 3, False)])
def test_a_page_leads_on_while_there_are_more_and_never_beyond_the_last(shown: int, pages: int, more: bool) -> None:
    pager = PAGER.format(shown, pages)
    board = FORUM.read_board(listing(row("normalthread", "9"), pager), "6")
    page = FORUM.read_thread(thread(post("5"), pager=pager), "9", "pid:5")
    assert (board.page, page.page) == (shown, shown)
    assert [board.next is not None, page.next is not None] == [more, more]
    if more:
        assert page.next == "http://bbs.invalid/forum.php?mod=viewthread&tid=9&page=2"
        assert board.next == FORUM.board_url("6") + "&page=2"


def test_the_next_page_lies_on_the_configured_site_whatever_host_answered() -> None:
    body = listing(row("normalthread", "9"), PAGER.format(1, 2)).body
    elsewhere = answer(body, url="http://mirror.invalid/bbs/forum-6-1.html")
    assert (FORUM.read_board(elsewhere, "6").next or "").startswith("http://bbs.invalid/forum.php")


def test_page_one_tells_the_opening_post_and_a_later_page_needs_to_be_told() -> None:
    first = FORUM.read_thread(thread(post("5"), post("6"), pager=PAGER.format(1, 2)), "9", None)
    assert first.opening == "pid:5"
    assert [(one.kind, one.thread) for one in first.observations] == [(Kind.THREAD, "pid:5"), (Kind.REPLY, "pid:5")]
    later = thread(post("7"), pager=PAGER.format(2, 2))
    assert FORUM.read_thread(later, "9", "pid:5").observations[0].kind is Kind.REPLY
    assert FORUM.read_thread(later, "9", None).opening is None


def test_a_hidden_post_is_not_there_and_one_that_is_not_understood_is_named() -> None:
    hidden = '<div id="post_6"><div class="locked">内容已被屏蔽</div></div>'
    unknown = '<div id="post_7"><p>新模板</p></div>'
    page = FORUM.read_thread(thread(post("5"), hidden, unknown), "9", None)
    assert [one.native_id for one in page.observations] == ["pid:5"]
    assert page.unreadable == ("pid:7",)


def test_the_board_is_the_last_one_in_the_breadcrumbs() -> None:
    crumbs = '<a href="forum.php">论坛</a><a href="forum-2-1.html">供电</a><a href="forum-3-1.html"> 抢修\n直播 </a>'
    (one,) = FORUM.read_thread(thread(post("5"), pt=crumbs), "9", None).observations
    assert one.board == "抢修 直播"


def test_a_moved_threads_row_names_the_thread_that_its_link_leads_to() -> None:
    board = FORUM.read_board(listing(row("normalthread", "9", "thread-12-1-1.html")), "6")
    assert [one.thread for one in board.threads] == ["12"]


def test_a_row_without_a_title_is_no_thread() -> None:
    board = FORUM.read_board(listing(row("stickthread", "1") + '<tbody id="normalthread_2"></tbody>'), "6")
    assert [(one.thread, one.sticky) for one in board.threads] == [("1", True)]


def test_counters_move_with_a_reply_or_its_time_and_not_with_our_own_visits() -> None:
    def counters(replies: int | str, views: int, last: str) -> str:
        cells = f'<td class="num"><a>{replies}</a><em>{views}</em></td><td class="by"><em><a>{last}</a></em></td>'
        told = row("normalthread", "9").replace("</tr>", f"{cells}</tr>")
        return FORUM.read_board(listing(told), "6").threads[0].counters

    assert counters(3, 10, "14:30") == counters(3, 99, "14:30") == "3 14:30"
    assert counters("1.2万", 10, "14:30") == "None 14:30"
    assert len({counters(3, 10, "14:30"), counters(4, 10, "14:30"), counters(3, 10, "14:31")}) == 3


def test_every_board_is_named_once_in_the_order_of_the_page() -> None:
    links = "".join(f'<a href="forum-{fid}-1.html">x</a>' for fid in (4, 3, 4, 9))
    assert FORUM.read_boards(answer(links)).boards == ("4", "3", "9")


def test_boards_of_other_sites_that_a_page_links_to_are_none_of_this_one() -> None:
    links = (
        '<a href="https://otherbbs.cn/forum-45-1.html">友情论坛</a><a href="http://old.invalid/forum-3-1.html">x</a>'
    )
    page = answer(f'<base href="http://old.invalid/">{links}<a href="forum-4-1.html">y</a>')
    assert FORUM.read_boards(page).boards == ("3", "4")
    assert FORUM.read_boards(answer(links)).boards == ()


def test_the_owners_word_on_the_encoding_counts_for_more_than_the_pages() -> None:
    told = thread(post("5", "停電")).body.decode().encode("big5hkscs", "ignore")
    forum = DiscuzForum("http://bbs.invalid/forum.php", "big5")
    assert forum.read_thread(answer(told), "9", None).observations[0].text == "停電"


@pytest.mark.parametrize(
    ("native_id", "rank"),
    [("pid:0", 0), ("pid:22", 22), ("pid:x", None), ("pid:", None), ("pid:²", None), ("pid:" + "9" * 5000, None)],
)
def test_a_posts_number_ranks_it(native_id: str, rank: int | None) -> None:
    assert FORUM.rank(native_id) == rank


@pytest.mark.parametrize(
    ("shown", "moment", "unread"),
    [
        ("", None, ""),  # a template without times
        ('<em id="authorposton5"></em>', None, ""),
        ('<em id="authorposton5">发表于 </em>', None, ""),
        ('<em id="authorposton5">发表于 2026-11-19 14:30</em>', datetime(2026, 11, 19, 6, 30, tzinfo=UTC), ""),
        ('<em id="authorposton5">发表于 丙午年冬月初五</em>', None, "丙午年冬月初五"),
        ('<em id="authorposton5">发表于 <span title="冬月初五">昨天</span></em>', None, "冬月初五"),
        ('<em id="authorposton6">发表于 丙午年冬月初五</em>', None, ""),  # of another post
        (
            '<em id="authorposton5">发表于 2026-11-19 14:30<span title="IP属地">IP属地：江苏</span></em>',
            datetime(2026, 11, 19, 6, 30, tzinfo=UTC),
            "",
        ),
    ],
)
def test_a_time_that_is_not_understood_is_told_from_none(shown: str, moment: datetime | None, unread: str) -> None:
    (one,) = FORUM.read_thread(thread(post("5", within=shown)), "9", None).observations
    assert (one.published_at, one.unread_time) == (moment, unread)


MARKUP = [
    '<div class="pg"><strong>2</strong>', "</div>", '<a href="forum-3-1.html">', '<a href="http://[x">', "<tbody",
    ' id="normalthread_9">', '<a class="xst" href="thread-9-1-1.html">', '<table id="threadlisttableid">',
    '<div id="post_5">', '<td id="postmessage_5">', '<span id="thread_subject">', '<em id="authorposton5">昨天 25:00',
    '<i class="pstatus">于 2026-02-30 编辑</i>', '<div class="locked">', "&#128545;", "停电", "<p", ">", "\x00",
    '<a id="postnum5">沙发</a>', '<div id="postlist"><div class="hm"><span class="xi1">9</span>',
    '<div id="messagetext">',
]  # fmt: skip


@given(st.lists(st.sampled_from(MARKUP), max_size=25).map("".join) | st.text(max_size=50))
def test_any_page_is_read_or_rejected(markup: str) -> None:
    page = answer(markup.encode("utf-8", "replace"))
    readers = (FORUM.read_boards, lambda p: FORUM.read_board(p, "6"), lambda p: FORUM.read_thread(p, "9", None))
    for read in readers:
        with suppress(Rejected):
            read(page)


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "gbk", "big5", "hex", "x"]))
def test_any_bytes_are_read_or_rejected(body: bytes, charset: str) -> None:
    page = Answer(body=body, url="http://bbs.invalid/", content_type=f"text/html; charset={charset}", at=AT)
    try:
        boards = FORUM.read_boards(page).boards
    except Rejected:
        return
    assert all(board.isdigit() for board in boards)


def test_a_board_is_told_by_name_and_with_how_many_threads_it_has() -> None:
    head = '<h1 class="xs2"><a href="forum-3-1.html">停电 与\n抢修</a><span>今日: <b>2</b> 主题: <b>63</b></span></h1>'
    board = FORUM.read_board(answer(head + listing(row("normalthread", "9")).body.decode()), "3")
    assert (board.name, board.total) == ("停电 与 抢修", 63)
    for told, total in (("1,234", 1234), ("1.2万", None), ("3 萬", None)):
        counted = answer(head.replace("63", told) + listing(row("normalthread", "9")).body.decode())
        assert FORUM.read_board(counted, "3").total == total
    bare = FORUM.read_board(listing(row("normalthread", "9")), "3")
    assert (bare.name, bare.total) == ("", None)


@pytest.mark.parametrize(
    ("index", "boards", "strange"),
    [
        ('<a href="forum-outage-1.html">停电</a><a href="forum-4-1.html">电费</a>', ("outage", "4"), ()),
        ('<a href="/f/3/1">停电</a><a href="/about.html">关于</a>', (), ("/f/3/1",)),
        ('<a href="forum-4-1.html">电费</a><a href="/help/2">帮助</a>', ("4",), ()),
        ('<a href="forum-4-1.html">电费</a><a href="forum-停电-1.html">停电</a>', ("4",), ("forum-停电-1.html",)),
        (
            '<table class="fl_tb"><td><h2><a href="/f/3/1">停电</a></h2><a href="/t/9/1">帖</a></td></table>'
            '<a href="forum-4-1.html">电费</a>',
            ("4",),
            ("/f/3/1",),
        ),
        ('<table class="fl_tb"><td><h2><a href="http://x.invalid/3">外站</a></h2></td></table>', (), ()),
    ],
)
def test_links_of_the_index_that_must_be_boards_and_are_not_understood_are_found(
    index: str, boards: tuple[str, ...], strange: tuple[str, ...]
) -> None:
    assert (FORUM.read_boards(answer(index)).boards, FORUM.strange_boards(answer(index))) == (boards, strange)


def quoting(link: str) -> str:
    return f'<div class="quote"><blockquote><a href="{link}">甲 发表于 昨天</a><br>停电了</blockquote></div>我也是'


@pytest.mark.parametrize(
    ("link", "parent"),
    [
        ("forum.php?mod=redirect&amp;goto=findpost&amp;pid=5&amp;ptid=9", "pid:5"),
        ("http://old.invalid/forum.php?mod=redirect&goto=findpost&ptid=9&pid=5", "pid:5"),
        ("forum.php?mod=redirect&amp;goto=findpost&amp;pid=5&amp;ptid=8", None),  # a post of another thread
        ("forum.php?mod=redirect&amp;goto=findpost&amp;pid=6&amp;ptid=9", None),  # itself
        ("forum.php?mod=redirect&amp;goto=findpost&amp;pid=x", None),
    ],
)
def test_a_quote_names_the_post_that_is_answered(link: str, parent: str | None) -> None:
    page = FORUM.read_thread(thread(post("5"), post("6", quoting(link))), "9", None)
    assert (page.observations[1].text, page.observations[1].parent) == ("我也是", parent)


def quote(words: str, label: str = "") -> str:
    return f'<div class="quote">{label}<blockquote>{words}</blockquote></div>'


LINKED = '<a href="forum.php?mod=redirect&amp;goto=findpost&amp;pid=4&amp;ptid=9">{}</a>'


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (f"原文如下：{quote('全天停水')}", "原文如下：\n\n全天停水"),
        (quote("全天停水"), "全天停水"),
        (quote("全天停水", "<h5>引用:</h5>"), "全天停水"),
        (quote("据物业发表于公众号的通知，今晚停水"), "据物业发表于公众号的通知，今晚停水"),
        (quote("通知<br>甲 发表于 2026-1-1 10:00 的那个"), "通知\n甲 发表于 2026-1-1 10:00 的那个"),
        (quote(f"全天停水，见{LINKED.format('二楼')}"), "全天停水，见二楼"),
        (quote("<a href='http://news.invalid/?pid=5'>停水通知</a><br>今晚"), "停水通知\n今晚"),
        (quote("The company wrote to us that"), "The company wrote to us that"),
        (quote("提示: 今晚停水"), "提示: 今晚停水"),
        ('对<div class="quote">提示: <em>内容自动屏蔽</em></div>', "对"),
    ],
)
def test_a_quotation_that_names_neither_post_nor_writer_in_its_head_is_the_writers_choice(text: str, own: str) -> None:
    assert FORUM.read_thread(thread(post("5", text)), "9", None).observations[0].text == own


@pytest.mark.parametrize(
    "words",
    [
        f"<font size='2'>{LINKED.format('<font>甲 发表于 2026-1-1 10:00</font>')}</font><br>停",
        "<font size='2'>甲 发表于 2026-1-1 10:00</font><br>停",
        "<br>\n甲 发表于 3 天前<br>停",
        "甲 发表于 <span title='2026-1-1 10:00'>3&nbsp;天前</span><br>停",
        "甲 發表於 2026-1-1 下午 10:00<br>停",
        "甲 发表于 昨天 10:00 停",
        "甲&amp;#19886; 发表于 1-5-2026 10:00 PM<br>停",
        "引用: 原帖由 <i>甲</i> 于 2026-1-1 10:00 发表<br>停",
        "原帖由 甲 於 2026-1-1 10:00 發表 停",
        "甲 wrote:<br>停",
        "甲 wrote<br>停",
        "甲 posted on 2026-1-1 10:00<br>停",
        "Originally posted by 甲 at 2026-1-1 10:00<br>停",
        f"引用：{LINKED.format('3# 甲')}<br>停",
        f"甲 a écrit {LINKED.format('<img>')}<br>停",
    ],
)
def test_a_quotation_that_names_a_post_or_a_writer_in_its_head_is_nobodys_words_here(words: str) -> None:
    (found,) = FORUM.read_thread(thread(post("5", f"{quote(words)}我也是")), "9", None).observations
    assert found.text == "我也是"
    assert found.parent == ("pid:4" if "pid=4" in words else None)


def test_a_quotation_goes_with_those_within_and_alone_out_of_one_that_names_nobody() -> None:
    named = quote("甲 发表于 昨天<br>停")
    for text, own in (
        (quote(f"乙 发表于 昨天<br>{named}又停"), "我也是"),
        (quote(f"乙 发表于 昨天<br>{quote('公告')}又停"), "我也是"),
        (quote(f"公告{named}<br>全天"), "公告\n全天\n\n我也是"),
        (quote(f"{named}全天"), "全天\n\n我也是"),
    ):
        assert FORUM.read_thread(thread(post("5", f"{text}我也是")), "9", None).observations[0].text == own


def test_a_link_within_the_writers_own_quotation_names_no_post_that_is_answered() -> None:
    own = quote(f"全天停水<br>{LINKED.format('二楼')}")
    assert FORUM.read_thread(thread(post("5", own)), "9", None).observations[0].parent is None


def commented(*words: str, more: bool = False) -> str:
    each = "".join(f'<div class="pstl"><div class="psta"></div><div class="psti">{one}</div></div>' for one in words)
    pager = '<div class="pg"><a class="nxt">下一页</a></div>' if more else ""
    return f'<div id="comment_5">{each}{pager}</div>'


def test_comments_below_a_post_stand_where_it_does_and_are_the_same_ones_each_time() -> None:
    said, again = (
        FORUM.read_thread(thread(post("5", within=commented(*words)), post("6")), "9", None).observations
        for words in (("顶", "不顶", "顶"), ("新的", "顶", "不顶", "顶"))
    )
    assert [one.kind for one in said] == [Kind.THREAD, Kind.COMMENT, Kind.COMMENT, Kind.COMMENT, Kind.REPLY]
    assert [one.parent for one in said[1:4]] == ["pid:5"] * 3
    assert len({one.native_id for one in said}) == 5
    assert {one.native_id for one in said} < {one.native_id for one in again}
    assert [FORUM.rank(one.native_id) for one in said] == [5, 5, 5, 5, 6]


@pytest.mark.parametrize(("more", "cut"), [(False, None), (True, ("pid:5",))])
def test_a_post_with_more_comments_than_its_page_shows_is_named(more: bool, cut: tuple[str, ...] | None) -> None:
    assert FORUM.read_thread(thread(post("5", within=commented("顶", more=more))), "9", None).cut == cut


def test_a_page_tells_which_thread_it_is_by_its_address_or_by_its_scripts() -> None:
    body = thread(post("5")).body.decode() + "<script>var fid = parseInt('3'), tid = parseInt('12');</script>"
    known = answer(body, url="http://bbs.invalid/thread-9-1-1.html")
    strange = answer(body, url="http://bbs.invalid/t/9/1")
    assert [FORUM.read_thread(page, "9", None).thread for page in (known, strange, thread(post("5")))] == [
        "9",
        "12",
        None,
    ]


def test_a_poll_that_hides_its_votes_is_read_with_its_options() -> None:
    form = (
        '<form id="poll"><div class="pinf"><strong>多选投票</strong>: 最多可选 2 项, 共有 3 人参与投票</div>'
        '<div class="pcht"><table><tr><td class="pvt">1. &nbsp;要</td><td class="pvts"></td></tr>'
        '<tr><td class="pvt">2. &nbsp;不要</td><td class="pvts"></td></tr></table></div></form>'
    )
    (one,) = FORUM.read_thread(thread(post("5", "选吧", within=form)), "9", None).observations
    assert one.text == "选吧\n投票：多选投票: 最多可选 2 项, 共有 3 人参与投票\n1. 要\n2. 不要"


def test_a_board_in_traditional_characters_and_big5_is_read_as_any_other() -> None:
    poll = (
        '<form id="poll"><div class="pinf"><strong>單選投票</strong>, 共有 <b>31</b> 人參與投票 '
        '<a>查看投票參與人</a></div><div class="pcht"><table><tr><td class="pvt">1. 改走沿江路</td></tr>'
        "<tr><td>87% <em>(27)</em></td></tr></table></div></form>"
    )
    edit = '<i class="pstatus"> 本帖最後由 甲 於 2026-11-19 12:05 編輯 </i><br>臺電停電了&amp;#13314;'
    when = '<em id="authorposton5">發表於 2026-11-19 11:50:03</em><a id="postnum5">樓主</a>'
    words = thread(post("5", edit, within=when + poll)).body.decode().replace("路灯", "路燈")
    page = answer(words, encoding="big5")
    told = Answer(body=page.body, url=page.url, content_type="text/html; charset=big5", at=AT)
    (one,) = FORUM.read_thread(told, "9", None).observations
    assert one.text == "臺電停電了㐂\n投票：單選投票, 共有 31 人參與投票\n1. 改走沿江路（27 票）"
    assert one.published_at == datetime(2026, 11, 19, 3, 50, 3, tzinfo=UTC)
    assert (one.edited_at, one.floor) == (datetime(2026, 11, 19, 4, 5, tzinfo=UTC), 1)
