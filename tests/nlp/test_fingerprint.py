import re

import pytest

from nlp.fingerprint import NOTHING, distance, fingerprint
from nlp.text import for_model

RUMOUR = "听说变电站爆炸了，死了三个人，供电公司把消息压下来了，全城今晚都要停电，大家赶紧囤水囤蜡烛！"
NEWS = "今天下午供电公司召开发布会，介绍迎峰度夏期间的电力保供工作，全市用电负荷创历史新高。"


def test_a_fingerprint_is_sixteen_hex_digits_and_never_changes() -> None:
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(RUMOUR))
    assert fingerprint("停电了") == "555b2b6aba670536"


@pytest.mark.parametrize("text", ["", " ", "！！！", "😡😡"])
def test_a_text_without_letters_has_the_fingerprint_of_nothing(text: str) -> None:
    assert fingerprint(text) == NOTHING


def test_one_character_is_something() -> None:
    assert fingerprint("电") != NOTHING
    assert fingerprint("电") != fingerprint("水")


def test_copies_are_equal_whatever_stands_around_them() -> None:
    copy = "@张三 " + RUMOUR.replace("，", " ，") + "😱😱 https://example.com/1"
    assert for_model(copy).text != for_model(RUMOUR).text
    assert fingerprint(for_model(copy).text.replace("[惊恐]", "")) == fingerprint(for_model(RUMOUR).text)


@pytest.mark.parametrize(
    "changed",
    [
        RUMOUR.replace("三个", "五个"),
        RUMOUR + "转给家人",
        "扩散：" + RUMOUR,
        RUMOUR.replace("赶紧", ""),
    ],
)
def test_a_text_with_small_changes_is_near(changed: str) -> None:
    assert 0 < distance(fingerprint(RUMOUR), fingerprint(changed)) <= 12


def test_another_text_is_far() -> None:
    assert distance(fingerprint(RUMOUR), fingerprint(NEWS)) >= 20


def test_saying_it_twice_says_nothing_new() -> None:
    assert distance(fingerprint(RUMOUR), fingerprint(RUMOUR * 2)) <= 8


def test_the_distance_counts_bits() -> None:
    assert distance("0000000000000000", "800000000000000f") == 5
    assert distance("ffffffffffffffff", "0000000000000000") == 64
