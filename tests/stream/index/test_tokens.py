"""Tokens are what search promises: first its cases, then laws that hold for any text."""

from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.index.tokens import BREAK, MAX_RUN, hidden, indexed, runs, spaced
from stream.matching import TopicMatcher
from stream.spelling.folding import fold
from stream.topics import Mark, Rule, TopicsConfig
from tests.stream.truth import occurs

CASES = {
    "one Han character is one token": ("药监局", [["药", "监", "局"]]),
    "punctuation breaks a phrase": ("质量，问题！！大", [["质", "量"], ["问", "题"], ["大"]]),
    "symbols break a phrase": ("a+b＝c￥d★e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
    "white space and line ends do not": ("食品　安全\r\n问题\u2028吗", [["食", "品", "安", "全", "问", "题", "吗"]]),
    "letters and digits run together": ("iPhone15 Pro", [["iphone15", "pro"]]),
    "a Han character ends a run": ("我的iPhone坏了", [["我", "的", "iphone", "坏", "了"]]),
    "width is folded": ("ＡＢＣ３号线", [["abc3", "号", "线"]]),
    "half-width kana are folded": ("ｶﾞの", [["ガ", "の"]]),
    "compatible forms are folded": ("㊗①½ﬁ豈⼀", [["祝", "11"], ["2fi", "岂", "一"]]),
    "case is folded": ("WiFi CAFÉ Привет", [["wifi", "cafe", "привет"]]),
    "accents are not there": ("cafe\u0301 Café Šťastný", [["cafe", "cafe", "stastny"]]),
    "traditional characters are simplified": ("變電站著火，原著", [["变", "电", "站", "着", "火"], ["原", "著"]]),
    "a number and its unit are two tokens": (
        "220kV 220 KV 15s后 4s店5G",
        [["220", "kv", "220", "kv", "15", "s", "后", "4", "s", "店", "5", "g"]],
    ),
    "letters behind a number are no unit": ("15sam 3kvx 12ab", [["15sam", "3kvx", "12ab"]]),
    "one mark between two Han characters hides nothing": ("变·电/站，爆.炸", [["变", "电", "站"], ["爆", "炸"]]),
    "two marks break": ("停··电", [["停"], ["电"]]),
    "numbers are broken by a point": ("3.5%", [["3"], ["5"]]),
    "rare Han": ("𠮷野家㐀〇々", [["𠮷", "野", "家", "㐀", "〇", "々"]]),
    "kana stand alone": ("カーの", [["カ", "ー", "の"]]),
    "other scripts run": ("한국어 ไทย", [["한국어", "ไทย"]]),
    "an emoji is a token and no break": ("气死👿了", [["气", "死", "👿", "了"]]),
    "families, flags and keycaps are one token, skin tones are not there": (
        "👍🏽👨‍👩‍👧🇨🇳🇨🇳1️⃣#️⃣🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        [["👍", "👨‍👩‍👧", "🇨🇳", "🇨🇳", "1⃣", "#⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]],
    ),
    "a keycap ends the run before it": ("第101️⃣", [["第", "10", "1⃣"]]),
    "joined emoji are one token however they are presented": (
        "❤️\u200d🔥❤\u200d🔥🏳️\u200d🌈",
        [["❤\u200d🔥"] * 2 + ["🏳\u200d🌈"]],
    ),
    "marks on an emoji are not there": ("👍\u0308\u20e3了", [["👍", "了"]]),
    "flag letters without a flag are not there": ("ip\U000e0061hone", [["iphone"]]),
    "variation selectors do not count": ("❤️❤葛󠄀", [["❤", "❤", "葛"]]),
    "zero width and direction marks are not there": ("维\u200b权\u202e\ufeff会i\u200dp", [["维", "权", "会", "ip"]]),
    "marks on a Han character are not there": ("维̈̈权", [["维", "权"]]),
    "surrogates and controls are not there": ("维\ud800权i\x00p\u0600h", [["维", "权", "iph"]]),
    "private characters break": ("维\ue000权", [["维"], ["权"]]),
    "model marks are words": ("[CLS]", [["cls"]]),
    "nothing": ("", []),
    "punctuation only": ("。，!?", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_texts_become_tokens(text: str, expected: list[list[str]]) -> None:
    assert runs(text) == expected


def test_a_run_without_end_is_cut() -> None:
    assert [len(token) for token in runs("x" * (2 * MAX_RUN + 1))[0]] == [MAX_RUN, MAX_RUN, 1]


MIXED = "药监局质電量aB3zkV ·.| ，,！？：；（）…。、“”—《》\n\t　\u0338\u0300＃ＡﬁÉ👍\u200d\ud800\u20e3#1*"


@given(st.text(st.sampled_from(MIXED), max_size=40))
@example("|")
@example(f" {BREAK} a {BREAK}{BREAK} ")
@example("a" * (2 * MAX_RUN + 1))
@example("，\u0338药")
def test_engines_are_given_the_same_tokens_and_breaks(text: str) -> None:
    assert spaced(text) == f" {BREAK} ".join(" ".join(run) for run in runs(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("昨晚停⚡电了", ["昨晚停电了"]),
        ("停（电）", ["停电"]),
        ("停“电”", ["停电"]),
        ("【变】【电】【站】", ["变电站"]),
        ("停|电,停丶电,停°电", ["停电"]),
        ("停👩\u200d🔧电", ["停电"]),
        ("变 . 电 . 站", ["变电站"]),
        ("变⚡电⚡站，爆😡炸", ["变电站", "爆炸"]),
    ],
)
def test_words_that_something_parts_are_known_beside_the_text(text: str, words: list[str]) -> None:
    assert hidden(text) == [list(word) for word in words]
    assert indexed(text) == f" {BREAK} {BREAK} ".join([spaced(text), *(" ".join(word) for word in words)])


@pytest.mark.parametrize(
    "text", ["", "停电", "来电。站长", "停，电", "停·电", "停[怒]电", "（一）停电", "停 电", "停“电", "停..电"]
)
def test_nothing_is_hidden_where_nothing_parts_a_word_or_the_tokens_have_it(text: str) -> None:
    assert hidden(text) == []
    assert indexed(text) == spaced(text)


WORDS = {"cut": "停电", "station": "电站", "three": "停电站"}
RULES = TopicMatcher(
    TopicsConfig(topics={}, fields={key: Mark(name=key, rules=(Rule(any_of=(word,)),)) for key, word in WORDS.items()})
)


@given(st.text(alphabet="停電站·.|*_-⚡😡（）()[]【】“”⟨⟩，。丶 \n1a\u200b\ue000", max_size=12))
def test_what_a_rule_finds_is_found_by_a_search(text: str) -> None:
    for key in RULES.fields(fold(text)):
        assert occurs((tuple(WORDS[key]),), text), (key, text)


HOSTILE = {
    "marks on an emoji": "👍" + "\u0308" * 20_000,
    "a family without end": "👍" + "\u200d👍" * 10_000,
    "a flag without end": "🏴" + "\U000e0061" * 20_000,
    "invisible only": "\u200d" * 10_000 + "\U000e0061" * 10_000,
    "keycaps": "1\u20e3" * 10_000,
    "digits before a keycap": "1" * 20_000 + "\u20e3",
    "white space without end": "  \n" * 10_000,
    "white space and marks": "  ," * 10_000,
    "ligatures that grow": "\ufdfa" * 20_000,
    "emoji between characters": "停⚡电" * 7_000,
    "brackets round characters": "(停)" * 7_000,
}


def check(text: str) -> None:
    indexed(text)
    for run in [*runs(text), *hidden(text)]:
        assert run
        for token in run:
            assert 0 < len(token.encode()) <= 4 * MAX_RUN
            assert not any(char.isspace() or char in '"|' for char in token)


@given(st.text())
@example("İ")
@example("a\u20e3")
def test_any_text_has_tokens_that_an_engine_can_hold(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    begun = process_time()
    check(text)
    assert process_time() - begun < 1


@given(st.text(alphabet="药监局aB3，。 \n👍🏽❤\u200b"), st.text(alphabet="药监局aB3，。 \n👍❤"))
def test_what_punctuation_parts_is_read_as_if_alone(left: str, right: str) -> None:
    assert runs(f"{left}。{right}") == runs(left) + runs(right)


@given(st.text(alphabet="停電电變变站220kV Caféfe👍🏽·，", max_size=20))
def test_what_is_written_in_two_ways_has_the_same_tokens(text: str) -> None:
    other = text.replace("電", "电").replace("變", "变").replace("é", "e").replace("🏽", "").upper()
    assert runs(text) == runs(other)
    assert runs(text.replace("220kV", "220 kV")) == runs(text)


@given(st.text(alphabet="药监局质量问题，。！"))
def test_tokens_of_han_are_its_characters(text: str) -> None:
    assert [token for run in runs(text) for token in run] == [char for char in text if char not in "，。！"]
