"""What people type becomes phrases; whatever they type, nothing breaks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.query import MAX_TOKENS, Phrase, parse_words


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
