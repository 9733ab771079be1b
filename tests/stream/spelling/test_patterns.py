"""Patterns that spell what no folded text spells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.spelling.folding import fold
from stream.spelling.patterns import unfolded


@pytest.mark.parametrize(
    ("pattern", "written", "read"),
    [
        ("停電.{0,3}天", "停電", "停电"),
        ("著火", "著火", "着火"),
        ("café|咖啡", "café", "cafe"),
        ("220 kV变电站", "220 kV变电站", "220kv变电站"),
        (r"停\*电", "停*电", "停电"),
        (r"停电 \d+天", "停电 ", "停电"),
        (r"(?P<what>頭髮)?白了", "頭髮", "头发"),
        (r"\p{Han}{2}(?=變電站)", "變電站", "变电站"),
    ],
)
def test_letters_that_no_folded_text_has_are_told_with_what_it_has(pattern: str, written: str, read: str) -> None:
    assert list(unfolded(pattern)) == [(written, read)]


@pytest.mark.parametrize(
    "pattern",
    [
        "停电.{0,3}天",
        "220kV",
        "(?i)KV站",
        r"停电\s?\d{1,2}\s?天",
        "停 ?电",  # the blank may be missing
        "停[電电]",
        "原著火了",
        r"停\.电",
        r"\u505c电|\x41pp",
        "(?P<著>停)(?P=著)",
        "iphone 15",
        "(?x) 停 電",
        "[[:alpha:]]e",
    ],
)
def test_what_may_occur_in_a_folded_text_is_left_alone(pattern: str) -> None:
    assert list(unfolded(pattern)) == []


@given(st.text("停電变著a é*kV220", min_size=1, max_size=12))
def test_a_folded_text_as_a_pattern_is_left_alone(text: str) -> None:
    folded = fold(fold(text))
    assert list(unfolded(folded.replace("*", r"\*"))) == []
