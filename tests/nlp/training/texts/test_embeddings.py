"""Token embeddings from co-occurrence."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.training.texts.embeddings import DEVIATION, from_cooccurrence

VOCABULARY, WIDTH = 40, 8


def line(seed: int = 1) -> np.ndarray:
    """Tokens 5 to 9 keep company with 10 to 14, and 15 to 19 with 20 to 24; never across."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(600):
        first = int(random.choice([5, 15]))
        one, other = int(random.integers(first, first + 5)), int(random.integers(first + 5, first + 10))
        parts += [one, other] * 4 + [3, 3, 3, 3]
    return np.array(parts, np.uint16)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_tokens_of_like_company_are_near_and_others_are_far() -> None:
    found = from_cooccurrence(line(), VOCABULARY, WIDTH, seed=1)
    near = np.mean([cosine(found[one], found[other]) for one in range(5, 10) for other in range(5, one)])
    far = np.mean([cosine(found[one], found[other]) for one in range(5, 10) for other in range(15, 20)])
    assert near > far + 0.4


def test_they_have_the_shape_and_spread_that_the_model_starts_from() -> None:
    found = from_cooccurrence(line(), VOCABULARY, WIDTH, seed=1)
    assert found.shape == (VOCABULARY, WIDTH)
    assert found.dtype == np.float32
    assert found.std() == pytest.approx(DEVIATION, rel=1e-3)
    assert found.mean(0) == pytest.approx(0, abs=1e-3)


def test_the_variance_is_spread_over_all_dimensions() -> None:
    spread = from_cooccurrence(line(), VOCABULARY, WIDTH, seed=1).std(0)
    assert spread.max() < 6 * spread.min()


def test_a_seed_makes_the_same_and_a_token_never_seen_is_a_number_all_the_same() -> None:
    one, other = (from_cooccurrence(line(), VOCABULARY, WIDTH, seed=1) for _ in range(2))
    assert np.array_equal(one, other)
    assert np.isfinite(one[VOCABULARY - 1]).all()
