"""Letters: what they tell, that no post text reaches a header or becomes markup, and that rendering never fails."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.channel import Form, Medium
from alerts.notify.contents.notice import Colour, Occasion
from alerts.notify.contents.quotes import Quote, clean, defang, mask
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead, mail, without_text
from tests.alerts.notify.posting import NOW, full, notice

HEAD = Letterhead("wenfeng@example.com", "wenfeng.example.com")
TO = "zhang.min@example.com"
HOSTILE = [
    "line\u2028separator\u2029here",
    "\ud800 lone \udfff surrogates",
    "x\r\nBcc: victim@evil.com\r\n\r\nbody",
    "{{ config }} {% include '/etc/passwd' %} {{ ''.__class__ }}",
    "<script>alert(1)</script><img src=http://evil.com/x.png onerror=alert(1)>",
    "\u202e\u200b\u200f\ufeff" * 50,
    "[CLS][SEP]" * 500,
    "%s %(x)s {0} {measured}",
    "啊" * 10_000_000,
    "👩‍👩‍👧‍👦" * 200 + "\x00\x07\x1b[31m",
    "",
]


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(raw: bytes, kind: str) -> str:
    body = parsed(raw).get_body((kind,))
    assert body is not None
    return str(body.get_content())


def quoting(words: str) -> Quote:
    """As quotes are made, all but the cut."""
    return Quote(defang(mask(clean(words)))[:120], "bbs", "hxxps://bbs[.]example[.]com/p/1", NOW)


def test_a_letter_tells_what_how_much_who_and_by_when() -> None:
    raw = mail(notice(), HEAD, TO)
    for words in (part(raw, "plain"), part(raw, "html")):
        for told in (
            "待核实",
            "37",
            "往常同时段约 4 条",
            "28",
            "停电三天没人管",
            "网民言论摘录",
            "15:02",
            "宣传部负责人",
            "尚未采集成功",
        ):
            assert told in words, told
        assert "python -m alerts case act 1 acknowledge --by zhang" in words
        assert "险情" in words


def test_the_headers_are_ours_and_name_the_thread() -> None:
    message = parsed(mail(notice(topic="停电抢修 Bcc: x@evil.com"), HEAD, TO))
    assert message["Subject"] == "【请15:02前签收】涉停电抢修 Bcc: x@evil.com信息·较大·负面37条（事件1）"
    assert message["Message-ID"] == "<1.opened-acknowledge.ab.0@example.com>"
    assert message["In-Reply-To"] == message["References"] == "<1.root@example.com>"
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert message["List-Id"] == "<wenfeng.wenfeng.example.com>"
    assert message["Date"].datetime == datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
    assert message["To"].addresses[0].addr_spec == TO
    assert message["Bcc"] is None


@pytest.mark.parametrize("length", [20, 71, 109, 253])
def test_names_of_messages_stand_in_one_piece_whatever_the_length_of_the_host(length: int) -> None:
    host = ".".join(["a" * 60] * 4)[: length - 3] + ".cn"
    raw = mail(notice(f"1.opened.ab.0@{host}", thread=f"1.root@{host}"), Letterhead("wenfeng@example.com", host), TO)
    lines = raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert f"Message-ID: <1.opened.ab.0@{host}>" in lines
    assert f"In-Reply-To: <1.root@{host}>" in lines
    assert f"References: <1.root@{host}>" in lines
    assert f"List-Id: <wenfeng.{host}>" in lines
    assert max(map(len, lines)) <= 998
    assert parsed(raw)["References"] == f"<1.root@{host}>"


def test_the_same_notice_is_the_same_bytes_and_another_one_is_told_apart_between_its_parts() -> None:
    assert mail(notice(), HEAD, TO) == mail(notice(), HEAD, TO)
    boundaries = {parsed(mail(notice(f"{n}@h"), HEAD, TO)).get_boundary() for n in range(20)}
    assert len(boundaries) == 20


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_post_changes_no_header_and_no_markup(text: str) -> None:
    hostile, harmless = (mail(notice(quotes=(quoting(words),)), HEAD, TO) for words in (text, "harmless"))
    assert parsed(hostile).items() == parsed(harmless).items()
    assert b"\n" not in hostile.replace(b"\r\n", b"")
    html = part(hostile, "html")
    assert "<script" not in html
    assert "<img" not in html
    assert "evil.com" not in html
    assert len(hostile) < 60_000


def test_markup_in_any_words_is_shown_and_not_obeyed() -> None:
    evil = "<b>&\"'</b>"
    told = notice(topic=evil, headline=evil, reasons=(evil,), grading=(evil,), organisation=evil, truth=evil)
    html = part(mail(told, HEAD, TO), "html")
    assert "<b>" not in html
    assert html.count("&lt;b&gt;") == 6


def test_half_a_character_costs_no_letter() -> None:
    assert "论坛?" in part(mail(notice(reasons=("论坛\ud83d",)), HEAD, TO), "plain")


def test_html_loads_nothing_and_links_to_the_dashboard_alone() -> None:
    html = part(mail(notice(), HEAD, TO), "html")
    assert not re.search(r"(?i)(src|background|action)\s*=|url\(|@import|<link", html)
    assert re.findall(r'href="([^"]*)"', html) == ["https://kibana.example.com/app/dashboards#/view/x"]
    assert "<a" not in part(mail(notice(dashboard=""), HEAD, TO), "html")


def test_without_post_text_there_is_one_part_that_says_so() -> None:
    raw = mail(without_text(notice()), HEAD, TO)
    assert not parsed(raw).is_multipart()
    assert "停电三天没人管" not in part(raw, "plain")
    assert "本信不附帖文摘录" in part(raw, "plain")
    assert parsed(raw)["Message-ID"] == parsed(mail(notice(), HEAD, TO))["Message-ID"]


def test_a_quote_that_must_not_be_shown_any_more_says_so() -> None:
    gone = notice(quotes=(Quote(None, "bbs", "x", NOW),))
    assert "不再引述" in part(mail(gone, HEAD, TO), "plain")
    assert "网民言论摘录" not in part(mail(notice(quotes=()), HEAD, TO), "plain")


def test_numbers_come_last_and_a_notice_of_before_has_none() -> None:
    for kind in ("plain", "html"):
        words = part(mail(notice(), HEAD, TO), kind)
        assert words.index("约为往常的 6 倍") < words.index("尚未采集成功") < words.index("偏离 10.3，预警线 6.0")
        assert "统计数据" not in part(mail(notice(numbers=()), HEAD, TO), kind)


@pytest.mark.parametrize("colour", Colour)
def test_every_colour_has_a_shade(colour: Colour) -> None:
    assert "border-top:4px solid #" in part(mail(notice(colour=colour), HEAD, TO), "html")


def test_a_template_that_fails_still_makes_a_letter_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise KeyError("nothing of the kind")

    monkeypatch.setattr("alerts.notify.render.mail._render", broken)
    rendered = render(notice(), Form(Medium.MAIL), HEAD, TO)
    for raw in (rendered.content, rendered.plain):
        words = part(raw, "plain")
        assert "本信为简版" in words
        assert "停电三天没人管" not in words
        assert "python -m alerts case act 1 acknowledge --by zhang" in words
        assert parsed(raw)["Message-ID"] == "<1.opened-acknowledge.ab.0@example.com>"


@pytest.mark.parametrize("address", ["a..b@example.com", "no address", "a@b\r\nBcc: x@y"])
def test_an_address_that_is_none_is_the_one_thing_that_raises(address: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        mail(notice(), HEAD, address)


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_words_of_a_poster_or_a_name_break_a_line_or_a_header(words: str, name: str) -> None:
    told = notice(quotes=(quoting(words),), topic=clean(name, 60))
    raw = mail(replace(told, organisation=name), HEAD, TO)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert parsed(raw)["Bcc"] is None
    assert parsed(raw)["Message-ID"] == "<1.opened-acknowledge.ab.0@example.com>"


def test_the_trend_is_a_picture_within_the_letter_and_nothing_is_fetched() -> None:
    raw = mail(full(), HEAD, TO)
    html, pictures = part(raw, "html"), [one for one in parsed(raw).walk() if one.get_content_type() == "image/png"]
    assert re.findall(r'src="([^"]*)"', html) == [f"cid:{pictures[0]['Content-ID'][1:-1]}"]
    assert pictures[0].get_content_disposition() == "inline"
    assert pictures[0].get_content().startswith(b"\x89PNG")
    assert not re.search(r"(?i)(background|action)\s*=|url\(|@import|<link", html)
    assert mail(full(), HEAD, TO) == raw
    assert len(raw) < 60_000


def test_without_post_text_neither_claims_nor_titles_nor_a_draft_are_left() -> None:
    bare = without_text(full(express=("网传全城停电三天",)))
    raw = mail(bare, HEAD, TO)
    assert not parsed(raw).is_multipart()
    for words in ("全城停电三天", "停电了？", "市民茶座"):
        assert words not in part(raw, "plain")
    assert "近 1 小时负面信息 33 条" in part(raw, "plain")


def test_plain_text_says_everything_that_html_says_in_the_same_order() -> None:
    plain, html = (part(mail(full(), HEAD, TO), kind) for kind in ("plain", "html"))
    told = (
        "监测发现负面信息异常增多", "网传：全城停电三天", "抢修预计今晚完成", "仅东区检修", "首发", "《停电了？》",
        "暂无经核实的情况", "所述情况是否属实", "13:52 李强 签收", "临江论坛：13:02 起", "网民言论摘录", "判定依据",
        "关于停电的情况报告", "本信同时送：王芳", "统计数据", "内部资料，请勿外传。",
    )  # fmt: skip
    for words in (plain, html):
        places = [words.index(one) for one in told]
        assert places == sorted(places)


def test_a_button_leads_to_the_console_and_a_reply_to_its_mailbox() -> None:
    page = "https://console.example.com/case/1"
    linked = full(reply_to="in@example.com", reply_code="A7K2")
    linked = replace(linked, demand=replace(linked.demand, link=page), dashboard="")
    raw = mail(linked, HEAD, TO)
    assert re.findall(r'href="([^"]*)"', part(raw, "html")) == [page]
    assert parsed(raw)["Reply-To"] == "in@example.com"
    for kind in ("plain", "html"):
        assert "回执码 A7K2" in part(raw, kind)
        assert "python -m alerts" not in part(raw, kind)


def test_what_is_asked_stands_on_the_first_screen_and_statistics_last() -> None:
    html = part(mail(full(), HEAD, TO), "html")
    assert html.index("15:02 前") < html.index("涉及发帖人") < html.index("统计数据")


def test_trouble_of_ours_has_no_counts_and_no_number_of_a_report() -> None:
    told = notice(occasion=Occasion.TROUBLE, figures=None, danger="", quotes=(), reasons=(), numbers=())
    html = part(mail(told, HEAD, TO), "html")
    assert "舆情快报" not in html
    assert "负面" not in html.replace("监测发现负面信息异常增多", "")


def test_an_exercise_says_so_above_everything() -> None:
    for kind in ("plain", "html"):
        words = part(mail(full(exercise=True), HEAD, TO), kind)
        assert words.index("本信内容均为虚构") < words.index("内部资料")
