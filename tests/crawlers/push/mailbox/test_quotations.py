"""A program's lines above what it quotes, and lines of the same form that a person writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.mailbox.quotations import attribution_lines, header_lines, quotation_begins

OUTLOOK = "发件人: 意见箱\n发送时间: 2026年11月27日 9:00\n收件人: 张三\n主题: 答复: 食堂"
WECOM = "意见箱<yijian@corp.cn> 在 2026年11月27日(星期五) 09:00 写道："


@pytest.mark.parametrize(
    ("head", "count"),
    [
        (OUTLOOK, 4),
        ("From: Li <l@c.cn>\nDate: Fri, Nov 27, 2026 09:00 AM\nTo: Zhang\nSubject: Re: x", 4),
        ("发件人：李四\n发送时间：2026年11月27日(星期五) 09:00\n收件人：张三\n主　题：Re:食堂", 4),
        ("| 发件人 | 意见箱<yijian@corp.cn> |\n| 日期 | 2026年11月27日 09:00 |\n| 主题 | Re: 食堂 |", 3),
        ("*From:* Li\n*Sent:* 27 November 2026 09:00\n*To:* a@c.cn;\nb@c.cn\n*Subject:* x", 5),
        ("发件人: 李四\n\n发送时间: 2026年\n\n主题: x", 5),
        ("发件人: 李四\n日期: 2026-11-27\n主题: x\n日期：明天", 3),
        ("发件人：供应商李总\n主题：拖欠货款", 0),
        ("发件人：供应商李总\n时间：昨天\n主题：拖欠货款", 0),
        ("From: 总部\nTo: 三号楼\nSubject: 班车", 0),
        ("日期：2026-11-27\n发件人：李四\n主题：x", 0),
        ("发件人：李四\n说\n日期：2026-11-27\n主题：x", 0),
    ],
)
def test_the_headers_of_a_mail_say_whose_it_is_and_when_and_more(head: str, count: int) -> None:
    assert header_lines([*head.split("\n"), "", "您好"], 0) == count


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("On Fri, Nov 27, 2026 at 9:00 AM Zhang Sanfeng <zhang.sanfeng@corp.cn>\nwrote:\n\n> 您好", 2),
        ("On Fri, Nov 27, 2026 at 9:00 AM Zhang <\nzhang@corp.cn> wrote:\n> 您好", 2),
        ("On Fri, Nov 27, 2026 at 9:00 AM Zhang Sanfeng\nwrote:\n\n> 您好", 2),
        ("意见箱 ‹yijian@corp.cn› 于2026年11月27日周五\n09:00写道：\n\n> 您好", 2),
        ("意见箱 <yijian@corp.cn>\n于2026年11月27日周五\n09:00写道：\n> 您好", 3),
        ("李四写道：\n\n> 明日停水", 1),
        ("李四写道：", 1),
        (f"{WECOM}\n\n您好，已收到", 1),
        ("李四写道：\n明日停水", 0),
        ("我 2026 年反映过\n李四写道：\n> 明日停水", 0),
        (f"我 2026 年 9:00 反映过\n{WECOM}\n> 您好", 0),
        (f"没解决\n\n{WECOM}", 0),
        ("On Friday it was cold\nThis is what he wrote:\ncold", 0),
    ],
)
def test_who_wrote_what_is_quoted_is_said_in_lines_of_a_programs(said: str, count: int) -> None:
    assert attribution_lines(said.split("\n"), 0) == count


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (OUTLOOK, True),
        (f"----------回复的邮件信息----------\n{WECOM}\n\n您好", True),
        (f"------------------ Original ------------------\n{OUTLOOK}", True),
        (f"{'-' * 66}\n{OUTLOOK}", True),
        (f"{'_' * 32}\n\n{OUTLOOK}", True),
        (f"====== Antwort von ======\n{OUTLOOK}", True),
        (f"{WECOM}\n\n您好", True),
        (f"{WECOM}\n\n> 您好", False),
        ("__________\n食堂太贵", False),
        ("----------\n发件人：供应商李总\n主题：拖欠货款", False),
        ("====== 意见 ======\n食堂太贵", False),
        ("李四写道：\n> 您好", False),
    ],
)
def test_another_mail_begins_where_its_headers_are_and_not_at_a_rule_alone(words: str, begins: bool) -> None:
    assert quotation_begins(words.split("\n"), 0) is begins


LINES = (
    "发件人: a",
    "日期: 2026-11-27",
    "主题: x",
    "-" * 12,
    "--- x ---",
    "a <a@b.cn>",
    "2026 写道：",
    "> 水",
    "水",
    "",
)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12))
def test_no_more_lines_are_counted_than_there_are(lines: list[str]) -> None:
    for at in range(len(lines)):
        assert 0 <= header_lines(lines, at) <= len(lines) - at
        assert 0 <= attribution_lines(lines, at) <= len(lines) - at
        quotation_begins(lines, at)
