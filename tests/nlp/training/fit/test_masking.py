"""Batches for masked language modelling."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")

from nlp.training.fit.masking import MaskedBatches  # noqa: E402
from nlp.training.settings import Settings  # noqa: E402
from nlp.training.texts.vocabulary import CLS, MASK, SEP, SPECIAL  # noqa: E402
from tests.nlp.training.toy import tiny_settings  # noqa: E402

VOCABULARY = 500


def line(posts: int = 60, seed: int = 1) -> np.ndarray:
    """Posts of a few tokens, each between [CLS] and [SEP], in one line."""
    random = np.random.default_rng(seed)
    parts = [
        [CLS, *random.integers(len(SPECIAL), VOCABULARY, int(random.integers(5, 20))).tolist(), SEP]
        for _ in range(posts)
    ]
    return np.array([token for part in parts for token in part], np.uint16)


TOKENS = line()


def settings(**changes: object) -> Settings:
    full = tiny_settings()
    return replace(full, pretraining=replace(full.pretraining, **changes))  # type: ignore[arg-type]


def test_a_step_has_the_same_batch_whenever_it_is_made() -> None:
    one, other = MaskedBatches(TOKENS, tiny_settings()), MaskedBatches(TOKENS, tiny_settings())
    one.batch(0)
    for mine, yours in zip(one.batch(5), other.batch(5), strict=True):
        assert torch.equal(mine, yours)


def test_another_seed_or_step_has_another_batch() -> None:
    full = tiny_settings()
    first = MaskedBatches(TOKENS, full).batch(0)[0]
    assert not torch.equal(first, MaskedBatches(TOKENS, full).batch(1)[0])
    assert not torch.equal(first, MaskedBatches(TOKENS, replace(full, seed=1)).batch(0)[0])


@given(st.integers(0, 200))
def test_the_boundaries_of_a_post_are_never_asked_for(step: int) -> None:
    _inputs, _places, where, targets = MaskedBatches(TOKENS, tiny_settings()).batch(step)
    assert not set(targets.tolist()) & {CLS, SEP}
    assert len(set(where.tolist())) == len(where)


@given(st.integers(0, 200))
def test_every_batch_has_one_shape_and_asks_for_as_many_tokens(step: int) -> None:
    plan = tiny_settings().pretraining
    inputs, places, where, targets = MaskedBatches(TOKENS, tiny_settings()).batch(step)
    assert inputs.shape == places.shape == (plan.rows, plan.length)
    assert len(where) == len(targets) == int(plan.rows * plan.length * plan.masked)


@given(st.integers(0, 200))
def test_positions_stay_within_what_the_model_knows(step: int) -> None:
    full = tiny_settings()
    places = MaskedBatches(TOKENS, full).batch(step)[1]
    assert 0 <= int(places.min()) <= int(places.max()) < full.shape.positions
    assert (places[:, 1:] - places[:, :-1] == 1).all()


def test_over_time_every_position_is_learnt() -> None:
    full = tiny_settings()
    batches = MaskedBatches(TOKENS, full)
    seen = {int(place) for step in range(80) for place in batches.batch(step)[1][0]}
    assert seen == set(range(full.shape.positions))


def test_of_the_chosen_four_in_five_are_masked_and_one_in_ten_is_kept() -> None:
    full = settings(rows=32, length=32, masked=0.3)
    batches = MaskedBatches(line(2000), full)
    masked = kept = total = 0
    for step in range(20):
        inputs, _places, where, targets = batches.batch(step)
        given = inputs.reshape(-1)[where]
        total += len(where)
        masked += int((given == MASK).sum())
        kept += int((given == targets).sum())
    assert masked / total == pytest.approx(0.8, abs=0.02)
    assert kept / total == pytest.approx(0.1, abs=0.02)


def test_what_is_not_chosen_stands_as_it_was_written() -> None:
    full = settings(masked=0.1)
    inputs, _places, where, targets = MaskedBatches(TOKENS, full).batch(3)
    flat = inputs.reshape(-1).clone()
    flat[where] = targets
    text = TOKENS.astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(text, full.pretraining.length)
    for row in flat.reshape(full.pretraining.rows, -1).numpy():
        assert (windows == row).all(1).any(), "a row is a run of the corpus"


def test_an_epoch_reads_no_run_of_tokens_twice() -> None:
    full = tiny_settings()
    batches = MaskedBatches(np.arange(5, 5 + 16 * 4 * 6, dtype=np.uint16), full)
    starts = []
    for step in range(batches.per_epoch):
        inputs, _places, where, targets = batches.batch(step)
        flat = inputs.reshape(-1).clone()
        flat[where] = targets
        starts += [int(start) // 16 for start in (flat.reshape(4, 16)[:, 0] - 5)]
    assert len(starts) == 24
    assert len(set(starts)) >= 20, "each starts at its own sixteen tokens, shifted by less; the last is held in"


def test_no_token_takes_anothers_place_that_the_vocabulary_does_not_have() -> None:
    for step in range(40):
        inputs = MaskedBatches(TOKENS, tiny_settings()).batch(step)[0]
        assert int(inputs.max()) <= int(TOKENS.max())
