"""The wide part's arithmetic, on tables small enough to check by hand."""

from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest

from nlp.inference.wide import Wide, count, ngrams_of, read_wide, tf_idf, write_wide

GRAMS = ("停", "电", "停电", "停电了")


def key(gram: str) -> int:
    owners, found = ngrams_of([gram])
    assert set(owners) == {0}
    return int(found[-1])  # the longest comes last


@pytest.fixture
def wide() -> Wide:
    keys = np.array(sorted(map(key, GRAMS)), np.uint64)
    weights = np.arange(8, dtype=np.float32).reshape(4, 2)
    return Wide(keys, np.array([1.0, 2.0, 4.0, 0.5], np.float32), weights, np.array([0.5, -0.5], np.float32))


def test_a_text_has_every_run_of_one_to_three_characters_and_none_over_its_end() -> None:
    owners, found = ngrams_of(["停电了", "了", ""])
    assert sorted(owners.tolist()) == [0] * 6 + [1]
    assert len(set(found.tolist())) == 6
    assert key("了停") not in found


def test_the_logits_are_the_weights_by_normalised_tf_idf_and_the_bias(wide: Wide) -> None:
    values = np.array([(1 + log(2)) * 1.0, 1.0 * 2.0, 1.0 * 4.0])  # 停 twice, 电, 停电
    expected = (values / sqrt((values**2).sum())) @ wide.weights[:3] + wide.bias
    assert wide.logits(["停电停"]) == pytest.approx(expected[None], rel=1e-5)


def test_a_text_without_a_known_n_gram_has_the_bias_alone(wide: Wide) -> None:
    assert wide.logits(["x", "", "\0"]).tolist() == [[0.5, -0.5]] * 3


@pytest.mark.parametrize("stranger", ["\0停\0\0", "\ud800", "😀" * 9, ""])
def test_a_neighbour_changes_nothing(wide: Wide, stranger: str) -> None:
    alone = wide.logits(["停电了"])
    assert np.array_equal(wide.logits([stranger, "停电了", stranger])[1:2], alone)


def test_no_texts_no_logits(wide: Wide) -> None:
    assert wide.logits([]).shape == (0, 2)


def test_a_file_keeps_the_table_to_half_precision(wide: Wide, tmp_path: Path) -> None:
    write_wide(wide, tmp_path / "wide.safetensors")
    again = read_wide(tmp_path / "wide.safetensors")
    assert np.array_equal(again.keys, wide.keys)
    assert again.logits(["停电停"]) == pytest.approx(wide.logits(["停电停"]), rel=1e-3)


def test_each_text_s_values_have_length_one(wide: Wide) -> None:
    grams = count(*ngrams_of(["停电", "停停停"]), wide.keys)
    values = tf_idf(grams, wide.idf, 2)
    assert [float((values[grams.text == text] ** 2).sum()) for text in range(2)] == pytest.approx([1, 1])
