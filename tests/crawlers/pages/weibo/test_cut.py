"""Where a long text is cut, and which whole text goes on as it begins."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.weibo.cut import SIGN, beginning, completes, marked


@pytest.mark.parametrize(
    "tail",
    [
        "...全文： http://m.weibo.cn/1234567890/5000000000000000001",
        "\u200b...全文： http://m.weibo.cn/1/2 \u200b",
        "…全文",
        "……全文",
        " ... 展开全文c",
        "展开全文",
        "...展开",
        "…展开c",
        "。。。全文",
        '...<a href="/status/4199674862603248">全文</a>',
    ],
)
def test_every_mark_of_a_cut_becomes_one_sign(tail: str) -> None:
    assert beginning(f"今晚检修，停电{tail}") == f"今晚检修，停电{SIGN}"


@pytest.mark.parametrize(
    "text", ["", "今晚检修", "今晚检修…", "请看全文", "全文", "…全文如下", "展开", "...展开讨论", "见 http://t.cn/全文"]
)
def test_words_that_are_no_mark_are_left_alone(text: str) -> None:
    assert beginning(text) is None


def test_a_beginning_that_ends_in_dots_gets_no_second_sign() -> None:
    assert marked("今晚…") == "今晚…"
    assert marked("今晚 \u200b\n") == "今晚…"


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        ("今晚检修，请备好照明", "今晚检修…"),
        ("见 http://t.cn/A6abc 的通知", "见 http://t.c…"),
        ("真的停了[泪]怎么办", "真的停了[泪…"),
        ("转//@…:今晚检修，请备好照明", "转//@…:今晚检修…"),
        ("先说好，都别急//@…:今晚检修", "先说好…//@…:今晚检修"),
        ("先说好，都别急//@…:今晚检修，停电", "先说好…//@…:今晚检修…"),
        ("今晚检修…", "今晚检修…"),
    ],
)
def test_the_whole_goes_on_as_the_beginning_does(whole: str, cut: str) -> None:
    assert completes(whole, cut)


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        ("今晚检修，请备好照明", "今晚检修"),
        ("明晚检修，请备好照明", "今晚检修…"),
        ("今晚", "今晚检修…"),
        ("先说好，都别急//@…:明晚", "先说好…//@…:今晚检修"),
    ],
)
def test_another_text_is_not_the_whole_of_it(whole: str, cut: str) -> None:
    assert not completes(whole, cut)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_completes_what_was_cut_off_it(first: str, rest: str) -> None:
    assert completes(first + rest, f"{first}{SIGN}")
    assert beginning(f"{first}...全文") == marked(first)


def test_no_text_takes_long() -> None:
    began = perf_counter()
    for text in ("." * 20_000, "…" * 20_000, " " * 20_000 + "x", "展开" * 10_000, "…//@…:" * 3_000):
        beginning(text)
        completes(text, text)
    assert perf_counter() - began < 2
