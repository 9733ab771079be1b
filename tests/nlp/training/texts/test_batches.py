"""Labelled rows as examples and batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")

from nlp.training.texts.batches import LENGTHS, Examples, examples, shuffled, tokens_of  # noqa: E402
from nlp.training.texts.vocabulary import CLS, PAD, SEP  # noqa: E402
from tests.nlp.training.toy import labelled, polar, rows, tokenizer  # noqa: E402

TOKENIZER = tokenizer()


def made_up(lengths: list[int]) -> Examples:
    """Examples of so many tokens; the n-th row's first token is 100 + n."""
    tokens = [np.array([100 + place, *[7] * (length - 1)], np.int64) for place, length in enumerate(lengths)]
    flags = np.ones((len(lengths), 6), bool)
    weights = np.arange(len(lengths), dtype=np.float32)
    return Examples(tokens, flags, flags, weights, np.zeros((len(lengths), 6), np.float32))


def test_a_text_stands_between_its_marks() -> None:
    [ids] = tokens_of(TOKENIZER, ["食"], 32)
    assert ids.tolist() == [CLS, TOKENIZER.token_to_id("食"), SEP]


def test_a_text_that_is_too_long_is_cut_and_still_ends_as_texts_do() -> None:
    [long] = tokens_of(TOKENIZER, ["食堂" * 40], 16)
    [whole] = tokens_of(TOKENIZER, ["食堂" * 40], 200)
    assert len(long) == 16 < len(whole)
    assert long.tolist() == [*whole[:15].tolist(), SEP]


def test_no_texts_have_no_tokens() -> None:
    assert tokens_of(TOKENIZER, [], 16) == []


def test_rarer_emotions_weigh_more_by_the_root_of_their_rarity() -> None:
    known = rows(labelled())
    few = [*known[:64], *known[64:68]]  # 16 each of four emotions, 4 of fear
    found = examples(TOKENIZER, few, 32, np.zeros((len(few), 6), np.float32))
    assert found.weights.mean() == pytest.approx(1, abs=1e-6)
    assert found.weights[-1] / found.weights[0] == pytest.approx(2.0), "a quarter as many, twice the weight"


def test_a_row_that_leaves_several_open_weighs_as_they_do_on_average() -> None:
    known = rows(labelled() + polar())
    found = examples(TOKENIZER, known, 32, np.zeros((len(known), 6), np.float32))
    happy = found.weights[0]
    assert found.weights[-1] == pytest.approx(happy), "a positive row leaves only happy open"
    assert found.among[-1].tolist() == [True, False, True, True, True, False]


@settings(deadline=None)
@given(st.lists(st.integers(1, 128), min_size=1, max_size=80), st.integers(16, 400), st.integers(0, 5))
def test_every_example_comes_once_in_a_shape_of_few(lengths: list[int], tokens: int, seed: int) -> None:
    data = made_up(lengths)
    seen: list[int] = []
    for batch in shuffled(data, tokens, np.random.default_rng(seed)):
        rows_, length = batch.inputs.shape
        assert length in LENGTHS
        assert rows_ * length <= max(tokens, length)
        assert torch.equal(batch.mask, (batch.inputs != PAD).long())
        for row, mask, weight in zip(batch.inputs.tolist(), batch.mask.tolist(), batch.weights.tolist(), strict=True):
            place = row[0] - 100
            assert (sum(mask), weight) == (lengths[place], place), "labels stay with their text"
            seen.append(place)
    assert sorted(seen) == list(range(len(lengths)))


def test_the_order_is_the_generators() -> None:
    data = made_up([10] * 40)
    orders = [
        [int(row[0]) for batch in shuffled(data, 48, np.random.default_rng(seed)) for row in batch.inputs]
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]


def test_a_text_is_padded_by_no_more_than_the_next_length() -> None:
    for batch in shuffled(made_up(list(range(1, 129))), 512, np.random.default_rng(1)):
        length = batch.inputs.shape[1]
        shorter = max((one for one in LENGTHS if one < length), default=0)
        assert int(batch.mask.sum(1).min()) > shorter
