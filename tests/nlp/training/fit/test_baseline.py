"""The n-gram regression that a model must beat, on rows in which a word tells the emotion."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.inference.wide import ngrams_of
from nlp.scorer import EMOTIONS
from nlp.training.fit.baseline import STRENGTHS, fit_baseline, logistic_regression, vectorizer
from nlp.training.fit.calibration import emotions_of
from nlp.training.fit.wide import SEEN, fit_wide
from tests.nlp.training.toy import WORDS, labelled, polar, rows

KNOWN = rows(labelled())
ASKED = [f"车间里大家都{word}" for word in WORDS.values()]


def test_it_learns_which_word_tells_which_emotion() -> None:
    found = fit_baseline(KNOWN, ASKED, features=2000, seed=1)
    assert found.emotion.argmax(1).tolist() == list(range(6))
    assert found.emotion.sum(1) == pytest.approx(1, abs=1e-5)
    assert found.speed > 0


def test_its_strength_is_the_best_that_cross_validation_tried() -> None:
    found = fit_baseline(KNOWN, ASKED, features=2000, seed=1)
    assert len(found.tried) == len(STRENGTHS)
    assert found.strength == STRENGTHS[int(np.argmax(found.tried))]
    assert all(0 <= one <= 1 for one in found.tried)


def test_the_same_seed_gives_the_same_and_rows_of_polarity_change_nothing() -> None:
    one = fit_baseline(KNOWN, ASKED, features=2000, seed=1)
    other = fit_baseline([*KNOWN, *rows(polar())], ASKED, features=2000, seed=1)
    assert np.array_equal(one.emotion, other.emotion)
    assert (one.strength, one.tried) == (other.strength, other.tried)


def test_rarer_classes_weigh_as_much_as_frequent_ones() -> None:
    """Ninety of one class and ten of another share every feature: a balanced regression calls it even."""
    given = np.ones((100, 1), np.float32)
    emotion = np.array([0] * 90 + [1] * 10)
    [chances] = logistic_regression(8.0, 100, given, emotion).predict_proba(given[:1])
    assert chances == pytest.approx([0.5, 0.5], abs=0.02)


def test_features_are_the_most_frequent_n_grams_that_two_texts_hold() -> None:
    found = vectorizer(3)
    found.fit(["停电", "停电", "停水", "来电"])
    assert set(found.get_feature_names_out()) == {"停", "电", "停电"}


def test_the_wide_part_says_what_the_regression_says() -> None:
    wide = fit_wide([*KNOWN, *rows(polar())], 8.0)
    assert wide.logits(ASKED).argmax(1).tolist() == list(range(6))
    trained = wide.logits([row.text for row in KNOWN])
    assert (trained.argmax(1) == emotions_of(KNOWN)).mean() > 0.95


def test_the_wide_part_knows_only_what_enough_texts_hold() -> None:
    records = labelled("{place}{word}")[:2] + labelled("罕见字")[16:17] + labelled("会议")[32:34]
    wide = fit_wide(rows(records), 8.0)
    rare, frequent = (set(ngrams_of([text])[1].tolist()) for text in ("罕", "会"))
    assert SEEN == 2
    assert not rare & set(wide.keys.tolist())
    assert frequent <= set(wide.keys.tolist())


def test_the_wide_part_has_a_column_for_each_emotion() -> None:
    wide = fit_wide(KNOWN, 8.0)
    assert wide.weights.shape == (len(wide.keys), len(EMOTIONS))
    assert wide.bias.shape == (len(EMOTIONS),)
    assert (np.diff(wide.keys.astype(np.int64)) > 0).all(), "ascending, as the search wants them"
