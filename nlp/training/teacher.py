"""The character n-gram logistic regression: the floor that a model must beat, and a teacher of soft labels."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.pipeline import Pipeline, make_pipeline  # type: ignore[import-untyped]

from nlp.scorer import EMOTIONS
from nlp.training.data import Row, corpus_texts, training_rows
from nlp.training.settings import Settings, Teacher

FOLDS = 4
CORPUS_LINES = 1_370_000
SHORTEST = 4  # characters of an unlabelled post worth learning from
ITERATIONS = 150
Soft = NDArray[np.float32]


def write_teacher(settings: Settings, data: Path, out: Path) -> None:
    """Leaves in `out` the soft labels of the training rows, in their order, and unlabelled posts with theirs."""
    out.mkdir(parents=True, exist_ok=True)
    rows = training_rows(data)
    np.save(out / "rows.npy", teach(rows, settings))
    every = max(1, CORPUS_LINES // max(1, settings.teacher.posts))
    posts = [text for text in corpus_texts(data, every) if len(text) >= SHORTEST][: settings.teacher.posts]
    np.save(out / "posts.npy", judge(fit(rows, settings.teacher), posts))
    (out / "posts.json").write_text(json.dumps(posts, ensure_ascii=False), "utf-8")


def fit(rows: Sequence[Row], settings: Teacher) -> Pipeline:
    """A balanced logistic regression over TF-IDF of character 1-3-grams, fitted on the rows with emotions."""
    labelled = [row for row in rows if row.emotion is not None]
    grams = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, max_features=settings.features
    )
    judge = LogisticRegression(C=settings.strength, class_weight="balanced", max_iter=ITERATIONS, tol=1e-3)
    return make_pipeline(grams, judge).fit([row.text for row in labelled], [row.emotion for row in labelled])


def judge(model: Pipeline, texts: Sequence[str]) -> Soft:
    """The emotions' probabilities, in the order of EMOTIONS."""
    order = [list(model.classes_).index(name) for name in EMOTIONS]
    return np.asarray(model.predict_proba(list(texts))[:, order], dtype=np.float32)


def teach(rows: Sequence[Row], settings: Settings) -> Soft:
    """Soft labels for labelled rows; a row with an emotion is judged by a model that has not seen it.

    Where a label leaves only some emotions open, the soft label is spread over those alone.
    """
    random = np.random.default_rng(settings.seed)
    folds = random.integers(0, FOLDS, len(rows))
    has_emotion = np.array([row.emotion is not None for row in rows])
    soft = np.zeros((len(rows), len(EMOTIONS)), np.float32)
    for fold in range(FOLDS):
        others = [row for row, other in zip(rows, folds != fold, strict=True) if other]
        mine = np.flatnonzero(folds == fold).tolist()
        soft[mine] = judge(fit(others, settings.teacher), [rows[index].text for index in mine])
    allowed = np.array([row.allowed for row in rows])
    soft[~has_emotion] *= allowed[~has_emotion]
    return np.asarray(soft / soft.sum(1, keepdims=True), dtype=np.float32)
