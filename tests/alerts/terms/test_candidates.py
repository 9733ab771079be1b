import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.terms.candidates import LONGEST, common_terms, says_something, whole_terms
from alerts.terms.texts import Alphabet

NONE = Alphabet([])


def test_every_term_of_enough_authors_is_counted_by_authors() -> None:
    found = common_terms(["停电停电", "停电", "又停电|电停"], 3)
    assert found == {"停": 3, "电": 3, "停电": 3}


def test_no_term_reaches_over_a_break() -> None:
    assert "停电" not in common_terms(["停|电"] * 5, 5)


@given(st.lists(st.text(alphabet="停电了|修", max_size=8), max_size=8), st.integers(1, 4))
def test_level_by_level_finds_what_counting_everything_finds(authors: list[str], least: int) -> None:
    every = {
        text[start:end] for text in authors for start in range(len(text)) for end in range(start + 1, len(text) + 1)
    }
    counted = {term: sum(term in text for text in authors) for term in every if "|" not in term}
    assert common_terms(authors, least) == {term: count for term, count in counted.items() if count >= least}


def test_terms_are_no_longer_than_is_asked() -> None:
    slogan = "".join(chr(0x4E00 + n) for n in range(40))
    found = common_terms([slogan] * 5, 5)
    assert max(map(len, found)) == LONGEST


def test_a_fragment_is_left_out_for_the_term_it_is_always_a_part_of() -> None:
    texts = ["电缆沟塌了", "电缆沟塌方", "电缆沟塌陷", "昨电缆沟塌", "电缆沟塌|电缆"]
    found = whole_terms(common_terms(texts, 5), NONE)
    assert found == {"电缆沟塌": 5}


def test_a_term_that_goes_on_in_many_ways_stands_by_itself() -> None:
    texts = [*["小区停电"] * 3, *["全城停电"] * 3, *["又停电"] * 3]
    found = whole_terms(common_terms(texts, 3), NONE)
    assert found["停电"] == 9
    assert found["小区停电"] == 3


@pytest.mark.parametrize("texts", [["停电了"] * 9, ["在停电"] * 9, ["停电12"] * 9])
def test_a_function_word_or_a_count_makes_no_term_longer(texts: list[str]) -> None:
    alphabet = Alphabet(["12"])
    letters = [alphabet.write(" ".join(text.replace("12", "")) + (" 12" if "12" in text else "")) for text in texts]
    found = whole_terms(common_terms(letters, 5), alphabet)
    assert [term for term in found if says_something(term, alphabet)] == ["停电"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("停 电", True),
        ("电", False),
        ("停 电 了", False),
        ("我 停 电", False),
        ("今 天", False),
        ("12 月 3 日", False),
        ("12", False),
        ("95598", True),
        ("5 号 线", True),
        ("周 日", False),
        ("app 闪 退", True),
        ("app", True),
        ("a", False),
        ("应 急", True),
        ("被 困", True),
        ("工 会", True),
        ("听 说", True),
    ],
)
def test_a_term_says_something_where_it_could_stand_for_a_matter(words: str, says: bool) -> None:
    alphabet = Alphabet(["12", "3", "5", "95598", "app", "a"])
    assert says_something(alphabet.write(words), alphabet) is says
