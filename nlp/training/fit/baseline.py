"""The baseline that a model must beat: a logistic regression over character n-grams, as good as its kind can be."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from nlp.scorer import EMOTIONS
from nlp.training.metrics import macro_f1
from nlp.training.texts.data import Row

STRENGTHS = (4.0, 8.0, 16.0)  # C, from which cross-validation chooses
FOLDS = 3
TRYING, FITTING = 40, 100  # iterations
RECIPE = ("char 1-3, min_df 2, sublinear, balanced", *STRENGTHS, FOLDS, TRYING, FITTING)

Features = NDArray[np.float32]  # a sparse matrix, in truth: texts x n-grams


@dataclass(frozen=True, slots=True)
class Baseline:
    """The regression's probabilities of the six emotions for some texts, and how it was chosen.

    `speed` is in texts per second, from text to answer; `tried` are the macro-F1 of STRENGTHS in cross-validation.
    """

    emotion: NDArray[np.float32]
    speed: float
    strength: float
    tried: tuple[float, ...]


def fit_baseline(rows: Sequence[Row], texts: Sequence[str], features: int, seed: int) -> Baseline:
    """Fit on the rows with emotions and predict the texts.

    Its strength is the best by six-class macro-F1 in cross-validation on the rows.
    """
    labelled = [row for row in rows if row.emotion is not None]
    emotion = np.array([EMOTIONS.index(row.emotion or "") for row in labelled])
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(labelled))
    scores = [_by_strength([row.text for row in labelled], emotion, folds != fold, features) for fold in range(FOLDS)]
    tried = np.mean(scores, axis=0)
    best = STRENGTHS[int(tried.argmax())]
    vectors = vectorizer(features)
    model = logistic_regression(best, FITTING, vectors.fit_transform([row.text for row in labelled]), emotion)
    since = time.perf_counter()
    answers = np.asarray(model.predict_proba(vectors.transform(texts)), dtype=np.float32)
    return Baseline(answers, len(texts) / (time.perf_counter() - since), best, tuple(tried.tolist()))


def _by_strength(
    texts: Sequence[str], emotion: NDArray[np.int64], taught: NDArray[np.bool_], features: int
) -> list[float]:
    """Measure the macro-F1 of each strength on the rows that are not taught."""
    vectors = vectorizer(features)
    given = vectors.fit_transform([text for text, one in zip(texts, taught, strict=True) if one])
    asked = vectors.transform([text for text, one in zip(texts, taught, strict=True) if not one])
    found = []
    for strength in STRENGTHS:
        model = logistic_regression(strength, TRYING, given, emotion[taught])
        found.append(macro_f1(emotion[~taught], model.predict(asked), len(EMOTIONS)))
    return found


def vectorizer(features: int) -> TfidfVectorizer:
    """Make TF-IDF of character 1-3-grams, the most frequent `features` of them."""
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, max_features=features, dtype=np.float32
    )


def logistic_regression(
    strength: float, iterations: int, given: Features, emotion: NDArray[np.int64]
) -> LogisticRegression:
    """Fit a balanced one; with the usual tolerance it would end after some thirty iterations, 0.01 to 0.02 worse."""
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=iterations, tol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(given, emotion)
