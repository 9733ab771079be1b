"""Fitting the wide part: a balanced logistic regression over the same n-grams that scoring makes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from nlp.inference.wide import NgramCounts, Wide, count, ngrams_of, tf_idf
from nlp.scorer import EMOTIONS
from nlp.training.fit.baseline import logistic_regression
from nlp.training.texts.data import Row

SEEN = 2  # texts that must hold an n-gram before it counts
ITERATIONS = 150


def fit_wide(rows: Sequence[Row], strength: float) -> Wide:
    """Fit on the rows with emotions; `strength` is C, the inverse of the regularisation."""
    labelled = [row for row in rows if row.emotion is not None]
    owners, found = ngrams_of([row.text for row in labelled])
    keys = np.unique(found)
    holding = np.bincount(count(owners, found, keys).gram, minlength=len(keys))
    keys, holding = keys[holding >= SEEN], holding[holding >= SEEN]
    grams = count(owners, found, keys)
    idf = np.log((1 + len(labelled)) / (1 + holding)) + 1
    emotion = np.array([EMOTIONS.index(row.emotion or "") for row in labelled])
    model = logistic_regression(strength, ITERATIONS, _matrix(grams, idf, len(labelled)), emotion)
    return Wide(
        keys,
        idf.astype(np.float32),
        np.ascontiguousarray(model.coef_.T, np.float32),
        model.intercept_.astype(np.float32),
    )


def _matrix(grams: NgramCounts, idf: NDArray[np.float64], texts: int) -> csr_matrix:
    return csr_matrix((tf_idf(grams, idf, texts), (grams.text, grams.gram)), (texts, len(idf)))
