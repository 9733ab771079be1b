"""Fitting the wide part: a balanced logistic regression over the same n-grams that scoring makes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from nlp.inference.wide import Grams, Wide, counted, keys_of, weighed
from nlp.scorer import EMOTIONS
from nlp.training.fit.floor import fitted
from nlp.training.texts.data import Row

SEEN = 2  # texts that must hold an n-gram before it counts
ITERATIONS = 150


def fit_wide(rows: Sequence[Row], strength: float) -> Wide:
    """Fitted on the rows with emotions; `strength` is C, the inverse of the regularisation."""
    labelled = [row for row in rows if row.emotion is not None]
    owners, found = keys_of([row.text for row in labelled])
    keys = np.unique(found)
    holding = np.bincount(counted(owners, found, keys).gram, minlength=len(keys))
    keys, holding = keys[holding >= SEEN], holding[holding >= SEEN]
    grams = counted(owners, found, keys)
    idf = np.log((1 + len(labelled)) / (1 + holding)) + 1
    emotion = np.array([EMOTIONS.index(row.emotion or "") for row in labelled])
    judge = fitted(strength, ITERATIONS, _matrix(grams, idf, len(labelled)), emotion)
    return Wide(
        keys,
        idf.astype(np.float32),
        np.ascontiguousarray(judge.coef_.T, np.float32),
        judge.intercept_.astype(np.float32),
    )


def _matrix(grams: Grams, idf: NDArray[np.float64], texts: int) -> csr_matrix:
    shape = (texts, len(idf))
    return csr_matrix((weighed(grams, idf, texts), (grams.text, grams.gram)), shape)
