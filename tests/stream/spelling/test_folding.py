from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.spelling.folding import fold, fold_post, letters, traced


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("變電站", "变电站"),
        ("220 kV", "220kV"),
        ("220\u00a0千伏", "220千伏"),
        ("30 ℃", "30°C"),
        ("Café", "cafe"),
        ("CAFE\u0301", "café"),
        ("Ｗｉｆｉ", "wifi"),
        ("Straße", "STRASSE"),
        ("Ελλάδα", "ελλαδα"),
        ("👍🏽", "👍"),
        ("👩🏿\u200d🔧", "👩\u200d🔧"),
        ("❤️", "❤"),
        ("著火", "着火"),
        ("停*电", "停电"),
        ("停 电", "停电"),
        ("水.军.常.用", "水军常用"),
        ("停\u200b电", "停电"),
        ("停电 3 天", "停电3天"),
        ("用 AI 画图", "用AI画图"),
        ("İstanbul", "istanbul"),
    ],
)
def test_one_thing_written_in_two_ways_is_folded_into_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("й", "и"), ("ガ", "カ"), ("가", "ᄀ"), ("220 kvx", "220kvx"), ("5 apples", "5apples"), ("a 5", "a5"),
        ("停，电", "停电"), ("停.电", "停电"), ("a b", "ab"), ("原著火", "原着火"),
    ],
)  # fmt: skip
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_letters_leaves_script_joiners_and_white_space_for_whoever_reads_them() -> None:
    assert letters("變 電\u200bＡ👩🏽\u200d🔧\n220  kV") == "變 電\u200ba👩\u200d🔧\n220kv"


def test_the_line_between_title_and_text_stays() -> None:
    assert fold_post("停 電", "沒有") == "停电\n没有"
    assert fold_post("", "沒有") == "没有"


ALPHABET = "變電站变电着著火原 停*·.（电）éÉ\u0301\u200b220kV\n😡👍🏽👩\u200dＡßİ丶丨ー"


@given(st.text(alphabet=ALPHABET, max_size=24))
@example("停 * 电")
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert letters(letters(text)) == letters(text)
    assert fold(fold(fold(text))) == fold(fold(text))


@given(st.text(max_size=40))
def test_any_text_is_folded_and_traced(text: str) -> None:
    found = traced(text)
    assert found.folded == fold(text)
    assert len(found.spans) == len(found.folded)
    assert all(0 <= start < end <= len(text) for start, end in found.spans)
    assert list(found.spans) == sorted(found.spans)


@given(st.text(alphabet="變電站变电停火ＡéＢ \u200b😡。220", max_size=30))
def test_each_folded_character_is_traced_to_what_it_was_made_of(text: str) -> None:
    found = traced(text)
    for place, character in enumerate(found.folded):
        start, end = found.written(place, place + 1)
        assert character == " " or fold(text[start:end]) == character


@pytest.mark.parametrize(
    ("text", "word", "written"),
    [
        ("昨晚變\u200b電 站爆炸", "变电站", "變\u200b電 站"),
        ("一条２２０ ｋＶ线路", "220kv", "２２０ ｋＶ"),
        ("那家Cafe\u0301！", "cafe", "Cafe\u0301"),
        ("著火了", "着火", "著火"),
        ("水.军.常.用的", "水军常用", "水.军.常.用"),
        ("又停丨电了", "停电", "停丨电"),
    ],
)
def test_a_folded_word_is_found_as_it_was_written(text: str, word: str, written: str) -> None:
    found = traced(text)
    start = found.folded.index(word)
    first, last = found.written(start, start + len(word))
    assert text[first:last] == written


def test_hostile_texts_take_no_longer_than_others() -> None:
    begun = process_time()
    for text in (
        "1 " * 10_000,
        "停 * " * 5_000,
        "e\u0301" * 10_000,
        "a" + "\u0301" * 20_000,
        "👍🏽" * 10_000,
        " " * 20_000,
    ):
        fold(text)
    assert process_time() - begun < 1
