"""Passwords: length alone counts, save what anybody would guess; kept as argon2, and compared in constant effort."""

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.console.accounts.passwords import COMMON, LEAST, hash_password, is_outdated, is_password, wrong_password
from alerts.people.directory import Person

ZHANG = Person(name="张敏", email="zhang.min@example.com")


def wrong(typed: str) -> str:
    return wrong_password(typed, ZHANG, "zhang_min", "临江供电公司宣传部")


@pytest.mark.parametrize(
    "typed", ["correct horse battery", "今天值班请大家多关照啊", "江边的柳树绿了又黄了",
     "tuesday rain 7", "Zhangmin likes green tea"]
)  # fmt: skip
def test_a_sentence_is_a_password_whatever_it_is_made_of(typed: str) -> None:
    assert wrong(typed) == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("short", "至少 10 个字符"), ("", "至少 10 个字符"), ("x" * 257, "最多 256"), ("1234567890", "过于常见"),
        ("Password123", "过于常见"),
        ("４５６７８９０１２３４", "过于常见"), ("aaaaaaaaaaaa", "过于常见"), ("abababababab", "过于常见"),
        ("98765432109", "过于常见"),
        ("zhang_min123", "不能以姓名"), ("ZhangMin2026", "不能以姓名"), ("zhang.min!!!", "不能以姓名"),
        ("临江供电公司宣传部2026", "不能以姓名"), ("Wenfeng@2026", "不能以姓名"),
    ],
)  # fmt: skip
def test_what_anybody_would_guess_is_refused_in_words(typed: str, said: str) -> None:
    assert said in wrong(typed)


def test_every_common_one_of_the_list_could_pass_for_its_length() -> None:
    assert all(len(one) >= LEAST for one in COMMON)
    assert all(wrong(one) for one in COMMON)


def test_a_password_is_known_again_and_no_other_one() -> None:
    kept = hash_password("江边的柳树绿了又黄了")
    assert kept.startswith("$argon2id$")
    assert is_password(kept, "江边的柳树绿了又黄了")
    assert not is_password(kept, "江边的柳树绿了又黄")
    assert not is_password(None, "江边的柳树绿了又黄了")
    assert not is_password("not a hash", "江边的柳树绿了又黄了")


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    assert is_password(hash_password("ＡＢＣ　１２３４５６７"), "ABC 1234567")


def test_a_hash_of_other_parameters_is_made_anew() -> None:
    assert not is_outdated(hash_password("correct horse battery"))
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=1024).hash("correct horse battery"))


@settings(max_examples=3, deadline=None)
@given(st.text(max_size=40))
def test_nothing_typed_breaks_it(typed: str) -> None:
    wrong(typed)
    assert not is_password(None, typed + "\ud83d")
