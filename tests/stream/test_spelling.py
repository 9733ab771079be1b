from hypothesis import given
from hypothesis import strategies as st

from stream.spelling import join_spaced, simplified


def test_traditional_characters_are_told_by_their_words() -> None:
    assert simplified("頭髮 發財 乾隆 停電") == "头发 发财 乾隆 停电"


def test_words_broken_up_to_escape_notice_are_joined() -> None:
    assert join_spaced("水 军 常 用") == "水军常用"
    assert join_spaced("停*电*了") == "停*电*了".replace("*", "")
    assert join_spaced("停灬电") == "停电"


def test_words_that_are_merely_parted_stay_apart() -> None:
    assert join_spaced("停电 投诉") == "停电 投诉"


@given(st.text(alphabet="停电水军 *a1", max_size=30))
def test_joining_only_leaves_out(text: str) -> None:
    joined = iter(text)
    assert all(letter in joined for letter in join_spaced(text))
