"""What a writer wrote, among what mail programs put around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.mailbox.words import MOST_LINES, own_words, words_of_html

OWN = "三号楼停水了\n\n请派人看看"


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "{}\n\n-- \n张三\n后勤部 13800000000",
        "{}\n\n发自我的iPhone",
        "{}\n\nSent from my iPhone",
        '{}\n\n------------------ 原始邮件 ------------------\n发件人: "李四"<ls@corp.cn>;\n主题: 通知\n\n明日停水',
        "{}\n\n-----Original Message-----\nFrom: ls@corp.cn\nSubject: x\n\nhello",
        "{}\n\n发件人：李四\n发送时间：2026年11月28日\n收件人：意见箱\n主题：通知\n\n明日停水",
        "{}\n\n在 2026年11月28日 22:10，李四 <ls@corp.cn> 写道：\n> 明日停水\n> 请储水",
        "On Sat, Nov 28, 2026, Li <ls@corp.cn> wrote:\n> tomorrow\n\n{}",
        "> 明日停水\n{}",
        "{}\r\n\r\n________________________________\r\n从我的华为手机发送",
    ],
)
def test_quotations_signatures_and_devices_are_cut(around: str) -> None:
    assert own_words(around.format(OWN)) == OWN


@pytest.mark.parametrize(
    "words",
    [
        "主题：三号楼停水\n时间：今晚八点\n地点：三号楼",
        "他在会上写道：\n没有水。",
        "--\n以上",
        "来自三号楼的全体住户",
        "5 > 3，请核实",
    ],
)
def test_what_only_looks_like_it_stays(words: str) -> None:
    assert own_words(words).splitlines()[-1] == words.splitlines()[-1]


def test_what_is_forwarded_without_a_word_is_the_text_without_its_headers() -> None:
    forwarded = (
        "\n---------- Forwarded message ----------\nFrom: 张三 <zs@corp.cn>\nDate: x\nSubject: 停水\n\n"
        "三号楼停水了\n请派人看看\n-- \n张三"
    )
    assert own_words(forwarded) == "三号楼停水了\n请派人看看"
    assert own_words("> 发件人: 张三\n> 三号楼停水了\n>> 几点？") == "三号楼停水了\n几点？"


def test_html_is_text_without_what_it_quotes() -> None:
    page = (
        "<html><head><style>p{color:red}</style></head><body><p>三号楼停水了</p><p>请派人看看<br>多谢</p>"
        '<div class="gmail_quote"><p>在 2026 李四 写道：</p><blockquote>明日停水</blockquote></div>'
        "<script>x()</script></body></html>"
    )
    assert words_of_html(page) == "三号楼停水了\n\n请派人看看\n多谢"


def test_html_that_only_forwards_is_what_it_quotes() -> None:
    assert words_of_html("<div><blockquote><p>三号楼停水了</p></blockquote></div>") == "三号楼停水了"


@pytest.mark.parametrize("page", ["", "  ", "<!-- x -->", "<html></html>"])
def test_a_page_of_nothing_is_nothing(page: str) -> None:
    assert words_of_html(page) == ""


@given(st.text(max_size=300))
def test_no_text_breaks_it_and_none_grows(text: str) -> None:
    assert len(own_words(text)) <= len(text)
    words_of_html(f"<p>{text}</p>")


MARKS = (">", "> >", "From: a", "To: b", "-- ", "写道：", "——原始邮件——", "水", "")


@given(st.lists(st.sampled_from(MARKS), max_size=12))
def test_any_mixture_of_marks_is_read(lines: list[str]) -> None:
    found = own_words("\n".join(lines))
    assert ("水" in lines[:1]) <= ("水" in found)


@pytest.mark.parametrize(
    "quoted",
    [
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>发件人:</b> 李四<br><b>主题:</b> 通知</div>'
        "<div><p>明日停水</p></div>",  # Outlook: its marks stand before what it quotes
        '<div id="divRplyFwdMsg"><b>From:</b> Li</div><p>明日停水</p><p>请储水</p>',
        '<div class="qmbox qmbox-quote"><div>明日停水</div></div>',
        '<div class="ntes-mailmaster-quote"><p>明日停水</p></div>',
        '<div class="moz-cite-prefix">李四 写道：</div><blockquote>明日停水</blockquote>',
        '<div class="yahoo_quoted"><p>明日停水</p></div>',
        '<div id="isReplyContent"><p>明日停水</p></div>',
        "<blockquote><p>明日停水</p><blockquote>更早的</blockquote></blockquote>",
    ],
)
def test_what_each_mail_program_quotes_is_not_its_writers(quoted: str) -> None:
    assert words_of_html(f"<html><body><div>三号楼停水了</div>{quoted}</body></html>") == "三号楼停水了"


def test_what_outlook_forwards_without_a_word_is_the_text() -> None:
    page = (
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">发件人: 李四<br>主题: 通知</div><div>明日停水</div>'
    )
    assert words_of_html(f"<html><body>{page}</body></html>") == "明日停水"


def test_a_class_that_only_begins_like_a_quote_is_none() -> None:
    assert words_of_html('<div class="gmail_quoted_text_of_mine">停水了</div>') == "停水了"


@pytest.mark.parametrize(
    "words",
    [
        "发件人：三号楼住户\n一\n二\n三\n四\n五\n时间：今晚",
        "停水了\n发件人：三号楼\n一\n时间：今晚",
        "我转述一下\n发件人：供应商李总\n主题：拖欠货款\n他说公司拖欠货款半年了",
        "附工单\n发件人：客户\n主题：停电\n他说停电了三天\n没人管",
        "班车问题\nFrom: 总部\nTo: 三号楼\n班车每天晚点",
        "意见：\n__________\n食堂太贵",
        "建议如下：\n--\n1. 食堂降价",
    ],
)
def test_nothing_of_the_writers_own_is_cut_for_the_form_of_a_line_above_it(words: str) -> None:
    assert own_words(words) == words


def test_a_quoted_mail_is_cut_by_its_headers_also_where_addresses_are_wrapped() -> None:
    head = "发件人：意见箱\n收件人：李四 <ls@corp.cn>;\n王五 <ww@corp.cn>\n日期：2026-11-28\n主题：通知"
    assert own_words(f"停水了\n{head}\n\n明日停水") == "停水了"


def test_what_is_forwarded_keeps_lines_that_only_have_the_form_of_a_header() -> None:
    head = "------ 原始邮件 ------\n发件人: 李四\n发送时间: 2026年11月27日 9:00\n主题: 暖气"
    assert own_words(f"{head}\n\n没有暖气\n日期：11月27日\n主题：请尽快") == "没有暖气\n日期：11月27日\n主题：请尽快"


def test_the_office_that_a_program_quotes_unmarked_is_not_the_writer() -> None:
    quoted = '在 2026-11-27 09:00:00，"意见箱" <yijian@corp.cn> 写道：\n\n您好，已收到\n感谢'
    assert own_words(f"停水了\n\n{quoted}") == "停水了"
    assert own_words(quoted) == "您好，已收到\n感谢"


def test_a_device_above_a_quotation_is_cut_too() -> None:
    assert own_words("停水了\n发自我的iPhone\n> 您好\n又停了") == "停水了\n又停了"


def test_somebody_is_said_to_have_written_only_above_a_quotation() -> None:
    assert own_words("停水了\n李四写道：\n\n> 明日停水") == "停水了"
    assert own_words("停水了\n李四写道：\n明日停水") == "停水了\n李四写道：\n明日停水"


def test_of_a_mail_of_too_many_lines_the_first_are_read() -> None:
    assert own_words("停水了\n" * (MOST_LINES + 5)).count("停水了") == MOST_LINES
