"""Plain text and Markdown for chats: what is kept when room is short, and that no words of others become markup."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.channel import Form, Medium
from alerts.notify.contents.notice import Notice
from alerts.notify.contents.quotes import Quote
from alerts.notify.render.blocks import GIVEN_UP_FIRST, Part, blocks, fitted
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead, without_text
from alerts.notify.render.markdown import inert, markdown
from alerts.notify.render.text import text
from tests.alerts.notify.posting import NOW, full, notice

Render = Callable[[Notice, int], str]
EVIL = "[点我](http://evil.com) **b** <@all> `x` _i_ # h | ~~s~~ ![i](x) @所有人\n> q"
both = pytest.mark.parametrize("form", [text, markdown])


def quoted(words: str) -> Notice:
    return notice(quotes=(Quote(words, "bbs", "hxxps://bbs[.]example[.]com", NOW),))


@both
def test_the_whole_notice_fits_into_four_thousand_characters(form: Render) -> None:
    words = form(notice(), 4_000)
    for told in (
        "较大", "停电抢修", "研判处置", "待核实", "张敏", "签收", "15:02前", "宣传部负责人", "37", "险情",
        "约为往常的 6 倍", "偏离 10.3", "未达到更高等级", "停电三天没人管", "tieba", "尚未采集成功",
        "临江供电公司宣传部",
        "python -m alerts case act 1 acknowledge --by zhang",
    ):  # fmt: skip
        assert told in words, told


@both
@pytest.mark.parametrize("limit", [0, 1, 50, 200, 400, 1_000, 2_000])
def test_no_limit_is_ever_passed(form: Render, limit: int) -> None:
    assert len(form(notice(reasons=("长" * 3_000,)), limit)) <= limit


@both
def test_what_happened_and_what_is_asked_stay_when_room_is_short(form: Render) -> None:
    words = form(notice(reasons=tuple("依据" * 500 for _ in range(9))), 500)
    for told in ("停电抢修", "研判处置", "签收", "15:02前"):
        assert told in words
    assert "依据依据" not in words


def test_blocks_are_given_up_one_after_the_other_and_numbers_first() -> None:
    whole = blocks(full())
    given_up: list[Part] = []
    for limit in range(6_000, 0, -1):
        kept: list[Part] = []

        def written(told: object, kept: list[Part] = kept) -> str:
            kept[:] = [block.part for block in told]  # type: ignore[attr-defined]
            return "x" * 250 * len(kept)

        fitted(whole, limit, written)
        given_up += [block.part for block in whole if block.part not in kept and block.part not in given_up]
    assert given_up == list(GIVEN_UP_FIRST)
    assert {block.part for block in whole} - set(given_up) == {Part.HEADLINE, Part.DEMAND}


@both
def test_empty_blocks_are_left_out(form: Render) -> None:
    words = form(notice(quotes=(), sources=(), reasons=(), grading=(), danger=""), 4_000)
    for title in ("网民言论", "信息源", "判定依据", "等级依据"):
        assert title not in words


@both
def test_without_post_text_the_notice_says_so(form: Render) -> None:
    words = form(without_text(notice()), 4_000)
    assert "停电三天没人管" not in words
    assert "不附帖文摘录" in words


def test_markdown_of_others_is_inert() -> None:
    shown = inert(EVIL)
    assert not set(shown) & set("\\`*_{}[]<>()#+|~!@\n")
    assert "\n" not in shown
    words = markdown(quoted(EVIL), 4_000)
    line = next(line for line in words.splitlines() if "点我" in line)
    assert line.startswith("> ［点我］（http://evil.com）")
    assert "<@all>" not in words


def test_the_one_link_of_markdown_is_the_dashboards() -> None:
    words = markdown(quoted(EVIL), 4_000)
    assert re.findall(r"\]\(([^)]*)\)", words) == ["https://kibana.example.com/app/dashboards#/view/x"]
    assert "](" not in markdown(notice(dashboard=""), 4_000)


def test_a_link_that_no_longer_fits_is_left_out_and_never_cut() -> None:
    bare = markdown(notice(dashboard=""), 4_000)
    assert markdown(notice(), len(bare)) == bare
    assert "](" in markdown(notice(), len(bare) + 100)


def test_a_command_in_markdown_can_be_copied() -> None:
    assert "`python -m alerts case act 1 acknowledge --by zhang`" in markdown(notice(), 4_000)


@both
def test_a_form_that_fails_still_tells_what_is_asked(form: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    for place in ("text", "markdown"):
        monkeypatch.setattr(f"alerts.notify.render.{place}.fitted", broken)
    words = form(notice(), 4_000)
    assert "本信为简版" in words
    assert "签收" in words
    assert "停电三天没人管" not in words
    assert len(form(notice(), 100)) <= 100


@pytest.mark.parametrize("medium", [Medium.TEXT, Medium.MARKDOWN])
def test_both_versions_of_a_chat_form_are_utf_8_without_half_characters(medium: Medium) -> None:
    made = render(quoted("半\ud83d个"), Form(medium, 3_000), Letterhead("a@b.cn", "b.cn"), "anybody")
    assert "半?个" in made.content.decode()
    assert "半?个" not in made.plain.decode()


@both
@given(words=st.text(max_size=300), limit=st.integers(0, 4_000))
def test_any_words_fit_any_limit(form: Render, words: str, limit: int) -> None:
    assert len(form(quoted(words), limit)) <= limit


@given(words=st.text(max_size=300))
def test_any_words_leave_markdown_as_it_was(words: str) -> None:
    plain, evil = markdown(quoted("x"), 10_000), markdown(quoted(words), 10_000)
    for mark in ("](", "**", "`", "<", "@"):
        assert evil.count(mark) == plain.count(mark)
