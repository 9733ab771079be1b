"""The line that a person wrote, under what mail programs in use in offices put around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replies.own_words import first_line, text_of_html

OUTLOOK = """\
收到

发件人: 临江供电公司宣传部 <wenfeng@example.com>
发送时间: 2026年9月21日 14:05
收件人: 张敏 <zhang.min@example.com>
主题: [舆情·较大] 事件1

误报 这是引文
"""
QQ = """\
误报 去年的旧闻



------------------ 原始邮件 ------------------
发件人: "临江供电公司宣传部" <wenfeng@example.com>;
收到
"""
GMAIL_ABOVE = """\
收到

在 2026年9月21日周一 14:05，临江供电公司宣传部 <wenfeng@example.com>
写道：

> 误报 引文
"""
GMAIL_BELOW = """\
On Mon, Sep 21, 2026 at 2:05 PM 临江供电公司宣传部 <wenfeng@example.com> wrote:
> 误报 引文
> 收到

转办 调度抢修中心
"""
UNMARKED = """\
On Mon, Sep 21, 2026 at 2:05 PM wenfeng@example.com wrote:

误报 引文没有标记
"""
NETEASE = """\
收到

At 2026-09-21 14:05:00, "临江供电公司宣传部" <wenfeng@example.com> wrote:
>张敏（宣传部舆情值班）：
"""
FORWARDED = """\
---------- Forwarded message ---------
发件人: x
收到
"""
PHONE = "\n发自我的iPhone\n\n> 收到\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("收到", "收到"),
        ("\r\n\r\n  　收到。\r\n张敏\r\n", "收到。"),
        ("\ufeff\u200b收到", "收到"),
        (OUTLOOK, "收到"),
        (QQ, "误报 去年的旧闻"),
        (GMAIL_ABOVE, "收到"),
        (GMAIL_BELOW, "转办 调度抢修中心"),
        (NETEASE, "收到"),
        ("> 收到\n> 误报 引文\n", ""),
        ("＞收到\n", ""),
        (UNMARKED, ""),
        (FORWARDED, ""),
        (PHONE, ""),
        ("-- \n收到\n", ""),
        ("-----Original Message-----\nFrom: a\n收到", ""),
        ("-----原始邮件-----\n收到", ""),
        ("________________________________\n收到", ""),
        ("From: a@example.com\nSent: Monday\n收到", ""),
        ("", ""),
        ("From: here on it is ours", "From: here on it is ours"),
        ("在现场的同事说是误报", "在现场的同事说是误报"),
        ("On my way", "On my way"),
    ],
)
def test_the_first_line_of_a_mail_is_what_its_writer_wrote(words: str, line: str) -> None:
    assert first_line(words) == line


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("<p>收到</p>", "收到"),
        ("<div><br></div><div>收到</div><div>张敏</div>", "收到"),
        (
            "<html><head><title>误报</title><style>p{}</style></head><body><span>收</span><b>到</b></body></html>",
            "收到",
        ),
        ("<div>收到</div><blockquote><div>误报 引文</div></blockquote>", "收到"),
        ("<blockquote>误报 引文</blockquote><p>收到</p>", "收到"),
        (
            "<div dir=ltr>收到</div><div class='gmail_quote'><div class=gmail_attr>在…写道：</div>误报 引文</div>",
            "收到",
        ),
        ("<div id='divRplyFwdMsg'><b>发件人:</b> x</div><div>收到</div>", ""),
        ("<p></p><div id='appendonsend'></div><hr><div>收到</div>", ""),
        ("<includetail><div>------------------&nbsp;原始邮件&nbsp;------------------</div>收到</includetail>", ""),
        ("<div>转办&nbsp;调度抢修中心</div>", "转办 调度抢修中心"),
        ("<p>收到<br>误报 x</p>", "收到"),
        ("收到<script>误报</script>", "收到"),
        ("<p hidden>误报 看不见</p><p>收到</p>", "收到"),
        ("<!-- 误报 --><p>收到</p>", "收到"),
        ("", ""),
        ("   ", ""),
        ("<", "<"),
    ],
)
def test_a_page_is_read_without_what_it_quotes(page: str, line: str) -> None:
    assert first_line(text_of_html(page)) == line


def test_a_page_of_a_hundred_thousand_elements_within_each_other_is_read_or_left() -> None:
    assert first_line(text_of_html("<div>" * 100_000 + "收到")) in ("收到", "")


@given(st.text(max_size=300))
def test_whatever_a_mail_holds_its_line_is_one_of_its_lines_or_none(words: str) -> None:
    line = first_line(words)
    assert line == "" or line in words
    assert "\n" not in line


@given(st.text(max_size=300))
def test_whatever_a_page_holds_it_becomes_words(page: str) -> None:
    assert isinstance(first_line(text_of_html(page)), str)
