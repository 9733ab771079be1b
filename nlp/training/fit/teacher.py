"""Soft labels for the student: of the character n-gram logistic regression, or of models trained before."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from sklearn.pipeline import Pipeline, make_pipeline  # type: ignore[import-untyped]

from nlp.scorer import EMOTIONS, Score, Scorer, Unscored
from nlp.training.fit.floor import fitted, grams_of
from nlp.training.settings import Settings, Teacher
from nlp.training.texts.data import Row, corpus_texts, training_rows

FOLDS = 4
CORPUS_LINES = 1_370_000
SHORTEST = 4  # characters of an unlabelled post worth learning from
ITERATIONS = 100
_LEAST = 1e-6  # of a closed emotion: so small that it teaches nothing, and never all are nothing
Soft = NDArray[np.float32]


def write_teacher(settings: Settings, data: Path, out: Path, models: Sequence[Scorer] = ()) -> None:
    """Leaves in `out` the soft labels of the training rows, in their order, and unlabelled posts with theirs.

    Rows with an emotion are the regression's, who judges each without having seen it. What has none is judged by
    `models`, on average, where there are any.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = training_rows(data)
    others = [index for index, row in enumerate(rows) if row.emotion is None]
    soft = teach(rows, settings, leaving=others if models else ())
    every = max(1, CORPUS_LINES // max(1, settings.teacher.posts))
    posts = [text for text in corpus_texts(data, every) if len(text) >= SHORTEST][: settings.teacher.posts]
    if models:
        soft[others] = judged_by(models, [rows[index].text for index in others])
        judged = judged_by(models, posts)
    else:
        judged = judge(fit(rows, settings.teacher), posts)
    soft[others] = _open_alone(soft[others], rows, others)
    np.save(out / "rows.npy", soft)
    np.save(out / "posts.npy", judged)
    (out / "posts.json").write_text(json.dumps(posts, ensure_ascii=False), "utf-8")


def judged_by(models: Sequence[Scorer], texts: Sequence[str]) -> Soft:
    """The mean of the models' calibrated probabilities; all alike for a text that none can read."""
    judged = [[_emotions(one) for one in model.score(texts)] for model in models]
    return np.asarray(np.mean(judged, axis=0), dtype=np.float32)


def _emotions(answer: Score | Unscored) -> list[float]:
    emotion = answer.emotion if isinstance(answer, Score) else None
    return [float(getattr(emotion, name)) if emotion else 1 / len(EMOTIONS) for name in EMOTIONS]


def _open_alone(soft: Soft, rows: Sequence[Row], which: Sequence[int]) -> Soft:
    """Soft labels spread over the emotions that each row's label leaves open."""
    allowed = np.array([rows[index].allowed for index in which], bool).reshape(soft.shape)
    kept = soft * allowed + _LEAST
    return np.asarray(kept / kept.sum(1, keepdims=True), dtype=np.float32)


def fit(rows: Sequence[Row], settings: Teacher) -> Pipeline:
    """A balanced logistic regression over TF-IDF of character 1-3-grams, fitted on the rows with emotions."""
    labelled = [row for row in rows if row.emotion is not None]
    grams = grams_of(settings.features)
    given = grams.fit_transform([row.text for row in labelled])
    emotion = np.array([EMOTIONS.index(row.emotion or "") for row in labelled])
    return make_pipeline(grams, fitted(settings.strength, ITERATIONS, given, emotion))


def judge(model: Pipeline, texts: Sequence[str]) -> Soft:
    """The emotions' probabilities, in the order of EMOTIONS."""
    found = np.zeros((len(texts), len(EMOTIONS)), np.float32)
    found[:, model.classes_] = model.predict_proba(list(texts))
    return found


def teach(rows: Sequence[Row], settings: Settings, leaving: Sequence[int] = ()) -> Soft:
    """The regression's word on rows, each by one that has not seen it; rows whose index is in `leaving` stay zeros."""
    random = np.random.default_rng(settings.seed)
    folds = random.integers(0, FOLDS, len(rows))
    left = set(leaving)
    soft = np.zeros((len(rows), len(EMOTIONS)), np.float32)
    for fold in track(range(FOLDS), "judging what the regression has not seen"):
        seen = [row for row, other in zip(rows, folds != fold, strict=True) if other]
        mine = [index for index in np.flatnonzero(folds == fold).tolist() if index not in left]
        soft[mine] = judge(fit(seen, settings.teacher), [rows[index].text for index in mine])
    return soft
