"""Phrases for counting: short, told once, never more than a post's share."""

from hypothesis import given
from hypothesis import strategies as st

from stream.index.phrases import LONGEST, MOST, phrases


def test_text_is_cut_at_punctuation_and_at_words_that_mean_little() -> None:
    told = "听说城东变电站爆炸了，全城停电！真的假的？iPhone 没电了"
    assert phrases("网传", told) == ["城东变电站爆炸", "全城停电"]
    assert phrases("我们小区的电费怎么又涨了") == ["小区", "电费"]


def test_each_is_told_once_and_sentences_not_at_all() -> None:
    assert phrases("停电", "停电，停电") == ["停电"]
    assert phrases("电" * (LONGEST + 1)) == []
    assert phrases("", "的了吗", "a b c", "药") == []


def test_a_long_post_has_no_more_than_its_share() -> None:
    many = "，".join(chr(0x4E00 + n) + chr(0x4F00 + n) for n in range(200))
    assert len(phrases(many)) == MOST


@given(st.text(st.sampled_from("停电爆炸的了我们，。 a1听说为什么"), max_size=80), st.text("停电的，", max_size=20))
def test_each_phrase_is_short_occurs_and_is_told_once(title: str, text: str) -> None:
    found = phrases(title, text)
    assert len(found) == len(set(found)) <= MOST
    for phrase in found:
        assert 2 <= len(phrase) <= LONGEST
        assert phrase in title or phrase in text
        assert not set(phrase) & set("的了我们，。 a1")


@given(st.text())
def test_any_text_has_phrases_of_han_alone(text: str) -> None:
    assert all("\u4e00" <= char <= "\u9fff" for phrase in phrases(text) for char in phrase)


def test_title_and_text_do_not_run_together() -> None:
    assert phrases("停", "电") == []
    assert phrases("停电", "爆炸") == ["停电", "爆炸"]
