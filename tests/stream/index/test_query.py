"""What people type becomes phrases; whatever they type, nothing breaks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.query import MAX_TOKENS, Phrase, Words, parse_words
from stream.index.tokens import runs


def phrase(*parts: str) -> Phrase:
    return tuple(tuple(part.split()) for part in parts)


CASES = {
    "one part is one phrase": ("食品安全", [phrase("食 品 安 全")], []),
    "white space parts": ("食品　安全", [phrase("食 品"), phrase("安 全")], []),
    "quotes hold white space": ('"hello world" 好', [phrase("hello world"), phrase("好")], []),
    "Chinese and wide quotes do too": ("“a b” ＂c d＂", [phrase("a b"), phrase("c d")], []),
    "an open quote lasts to the end": ('好 "a b', [phrase("好"), phrase("a b")], []),
    "a quote ends the part before it": ('好"a b"', [phrase("好"), phrase("a b")], []),
    "a minus forbids": ("手机 -广告 －“招 聘”", [phrase("手 机")], [phrase("广 告"), phrase("招 聘")]),
    "only forbidden parts are a query": ("-广告", [], [phrase("广 告")]),
    "a minus inside a part is punctuation": ("wi-fi", [phrase("wi", "fi")], []),
    "punctuation inside a part stays in the phrase": ("3.5", [phrase("3", "5")], []),
    "punctuation at the ends of a part does not": ("《食品》。", [phrase("食 品")], []),
    "a part of punctuation is passed over": ("食品 ！！ -", [phrase("食 品")], []),
    "nothing is no condition": (" \n", [], []),
}


@pytest.mark.parametrize(("typed", "required", "forbidden"), CASES.values(), ids=CASES)
def test_typed_words_become_phrases(typed: str, required: list[Phrase], forbidden: list[Phrase]) -> None:
    words = parse_words(typed)
    assert list(words.required) == required
    assert list(words.forbidden) == forbidden


@pytest.mark.parametrize("typed", ["！？", '""', "-", "\u200b", "\ud800", "-。"])
def test_a_query_without_a_token_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(Rejected, match="type at least one character") as refusal:
        parse_words(typed)
    assert refusal.value.reason == "query"


def test_a_pasted_page_is_refused_with_a_remedy() -> None:
    parse_words("药" * MAX_TOKENS)
    with pytest.raises(Rejected, match="at most"):
        parse_words("药" * (MAX_TOKENS + 1))


@given(st.text() | st.text(alphabet="药a1 -－\"“”＂'*():^{}|+~AND\\"))
def test_every_string_is_a_query_or_refused(typed: str) -> None:
    with suppress(Rejected):
        words = parse_words(typed)
        assert all(run for found in words.required + words.forbidden for run in found)


PLAIN = st.text(st.sampled_from("药监局停电abc12"), min_size=1, max_size=6)


@given(st.lists(PLAIN, min_size=1, max_size=5), st.lists(PLAIN, max_size=3))
def test_parts_are_required_in_their_order_and_those_behind_a_minus_forbidden(
    wanted: list[str], not_: list[str]
) -> None:
    words = parse_words(" ".join([*wanted, *(f"-{part}" for part in not_)]))
    assert words.required == tuple(tuple(map(tuple, runs(part))) for part in wanted)
    assert words.forbidden == tuple(tuple(map(tuple, runs(part))) for part in not_)


@given(st.lists(PLAIN, min_size=1, max_size=5), st.sampled_from(['""', "“”", "＂＂", "”“"]))
def test_quoting_a_part_changes_nothing_and_quoting_all_makes_one_phrase(parts: list[str], marks: str) -> None:
    before, behind = marks
    assert parse_words(" ".join(f"{before}{part}{behind}" for part in parts)) == parse_words(" ".join(parts))
    together = parse_words(f"{before}{' '.join(parts)}{behind}").required
    assert together == (tuple(map(tuple, runs(" ".join(parts)))),)


@given(PLAIN)
def test_width_and_case_do_not_matter(part: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in part)
    assert parse_words(wide) == parse_words(part.upper()) == parse_words(part)


@given(st.text(st.sampled_from('药a1 -"“，。\u200b'), max_size=30))
def test_white_space_around_a_query_is_nothing(typed: str) -> None:
    assert outcome(f"\n {typed}\u3000") == outcome(typed)


def outcome(typed: str) -> Words | None:
    try:
        return parse_words(typed)
    except Rejected:
        return None
