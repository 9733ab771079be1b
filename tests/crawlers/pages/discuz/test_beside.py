import pytest
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import fragment
from crawlers.pages.discuz.beside import above, activity, sides

FORM = (
    '<div class="pcb"><div class="typeoption"><table class="cgtl mbm"><caption>投诉</caption><tbody>'
    "<tr><th>被投诉单位:</th><td>临江供电公司 </td></tr><tr><th>诉求：</th><td>三天没电<br>没人管 </td></tr>"
    "<tr><th>电话:</th><td>-</td></tr><tr><td>无名</td></tr></tbody></table></div>{}</div>"
)
TEXT = '<div class="t_fsz"><h2>小标题</h2><p id="text">停电了</p></div>'


def text(post: str) -> HtmlElement:
    (cell,) = fragment(post).xpath("//p[@id='text']")
    return cell


def test_a_form_is_told_field_by_field_without_those_that_were_left_empty() -> None:
    assert above(text(FORM.format(TEXT))) == ["被投诉单位：临江供电公司", "诉求：三天没电\n没人管"]


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("这电费涨得 离谱", ["这电费涨得 离谱"]),
        ("回复太慢了", ["回复太慢了"]),
        ("RE: 路灯坏了", []),
        ("回复：路灯坏了", []),
        ("回覆 3# 張三", []),
        ("回复 张三 的帖子", []),
        ("", []),
    ],
)
def test_a_reply_has_a_subject_where_its_writer_gave_it_one(subject: str, told: list[str]) -> None:
    assert above(text(f'<div class="pcb"><h2>{subject}</h2>{TEXT}</div>')) == told


@pytest.mark.parametrize("votes", ["3", "4", ""])
def test_a_debate_has_two_sides_and_no_votes(votes: str) -> None:
    point = '<td><div class="point"><strong>{}观点 ({})</strong><p>{}</p></div></td>'
    table = point.format("正方", votes, "该涨") + point.format("反方", 30, "不该涨") + point.format("中立", 0, "")
    debate = f'<div class="ds"><table><tr>{table}</tr></table></div>'
    assert sides(fragment(debate)) == ["正方观点：该涨", "反方观点：不该涨"]


@pytest.mark.parametrize("came", ["12", "13"])
def test_an_activity_is_what_when_and_where_and_not_how_many_came(came: str) -> None:
    told = (
        '<div class="act pbm cl"><div class="spi"><dl><dt>活动类型:</dt><dd><strong>听证会</strong></dd>'
        "<dt>开始时间:</dt><dd>2026-12-01 09:00</dd><dt>活动地点:</dt><dd>供电局三楼</dd></dl>"
        f'<dl class="nums"><dt>已报名:</dt><dd>{came} 人</dd></dl>'
        f"<dl><dt>剩余名额:</dt><dd>{came} 人</dd></dl></div></div>"
    )
    assert activity(fragment(told)) == ["活动类型：听证会", "开始时间：2026-12-01 09:00", "活动地点：供电局三楼"]


def test_a_post_without_any_of_these_has_nothing_beside() -> None:
    post = fragment(f'<div class="pcb">{TEXT}<dl><dt>词</dt><dd>解</dd></dl></div>')
    assert (above(text(TEXT)), sides(post), activity(post)) == ([], [], [])
