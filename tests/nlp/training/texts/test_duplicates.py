"""Which texts count as near to others."""

import pytest

from nlp.training.texts.duplicates import NearDuplicates

POST = "今天又停电了,冰箱里的菜全坏了,打了三次电话都没有人接"
KNOWN = NearDuplicates([POST, "武汉加油!", "好"])


@pytest.mark.parametrize(
    "text",
    [
        POST,
        "今天又停电了。冰箱里的菜全坏了!打了三次电话都没有人接[泪]",
        "今天又停电了,冰箱里的肉全坏了,打了三次电话都没有人接",
        f"同感 // {POST}",
        "冰箱里的菜全坏了,打了三次电话都没有人接",
        "武汉加油~",
    ],
)
def test_what_says_nearly_the_same_is_near(text: str) -> None:
    assert KNOWN.near(text)


@pytest.mark.parametrize(
    "text", ["今天又停电了,幸好有蜡烛", "武汉加油,希望大家都能平平安安地过一个好年,早日战胜疫情", "...", "", "好的"]
)
def test_what_shares_only_a_phrase_is_not(text: str) -> None:
    assert not KNOWN.near(text)


def test_texts_without_letters_are_near_to_nothing() -> None:
    assert not NearDuplicates(["...", "!!!"]).near("...")
