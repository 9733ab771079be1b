"""The vocabulary that is learnt from a corpus."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.training.settings import Vocabulary
from nlp.training.texts.vocabulary import CLS, MASK, PAD, SEP, SPECIAL, UNK, learn, load

TEXTS = ["停电三天没人管[泪]", "停电了没人管", "hello 停电 2024", "没人管[泪][泪]"] * 20
SETTINGS = Vocabulary(size=60, alphabet=40, longest=4, every=1)
LEARNT = learn(TEXTS, SETTINGS)


def tokens(text: str) -> list[str]:
    return list(LEARNT.encode(text).tokens[1:-1])


def test_the_special_tokens_stand_first_in_their_order() -> None:
    assert [LEARNT.token_to_id(name) for name in SPECIAL] == [PAD, UNK, CLS, SEP, MASK] == [0, 1, 2, 3, 4]


def test_frequent_runs_become_one_token_and_no_token_is_too_long() -> None:
    assert "停电" in LEARNT.get_vocab()
    assert tokens("停电") == ["停电"]
    assert all(len(token) <= SETTINGS.longest for token in set(LEARNT.get_vocab()) - set(SPECIAL))
    assert LEARNT.get_vocab_size() <= SETTINGS.size


def test_merges_cross_neither_words_nor_digits() -> None:
    assert tokens("2024") == ["2", "0", "2", "4"]
    assert not [token for token in LEARNT.get_vocab() if "电2" in token or "o停" in token]


def test_an_unknown_character_is_one_unknown_token() -> None:
    assert LEARNT.encode("龘").ids == [CLS, UNK, SEP]
    assert LEARNT.encode("").ids == [CLS, SEP]


@pytest.mark.parametrize("name", SPECIAL)
def test_text_that_spells_a_special_token_stays_text(name: str, tmp_path: Path) -> None:
    LEARNT.save(str(tmp_path / "tokenizer.json"))
    for one in (LEARNT, load(tmp_path / "tokenizer.json")):
        inside = one.encode(f"停电{name}").ids[1:-1]
        assert not set(inside) & {PAD, CLS, SEP, MASK}


@given(st.text(max_size=60))
def test_any_text_is_tokenised_between_its_marks(text: str) -> None:
    ids = LEARNT.encode(text).ids
    assert (ids[0], ids[-1]) == (CLS, SEP)
    assert all(0 <= one < LEARNT.get_vocab_size() for one in ids)
    assert not set(ids[1:-1]) & {PAD, CLS, SEP, MASK}


@given(st.text("停电三天没人管了泪[] a1", max_size=60))
def test_a_saved_vocabulary_reads_texts_alike(text: str) -> None:
    again = type(LEARNT).from_str(LEARNT.to_str())
    again.encode_special_tokens = True
    assert again.encode(text).ids == LEARNT.encode(text).ids


def test_the_same_texts_make_the_same_vocabulary() -> None:
    assert learn(TEXTS, SETTINGS).get_vocab() == LEARNT.get_vocab()
