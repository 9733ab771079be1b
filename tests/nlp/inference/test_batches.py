"""How texts are put together for a forward pass."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nlp.inference.batches import BATCH_TOKENS, ROWS, micro_batches

LENGTHS = st.lists(st.integers(1, 600), max_size=300)


@given(LENGTHS)
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int]) -> None:
    batches = list(micro_batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[index] for index in batch) <= BATCH_TOKENS for batch in batches)


@given(LENGTHS)
def test_batches_have_few_different_numbers_of_rows_and_texts_of_about_one_length(lengths: list[int]) -> None:
    batches = list(micro_batches(lengths))
    assert {len(batch) for batch in batches} <= set(ROWS)
    ends = [(min(lengths[index] for index in batch), max(lengths[index] for index in batch)) for batch in batches]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
