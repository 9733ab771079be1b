"""Knowledge distillation: soft labels by a teacher, the character n-gram regression or models trained before.

After Hinton et al. 2015, "Distilling the Knowledge in a Neural Network".
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from sklearn.pipeline import Pipeline, make_pipeline  # type: ignore[import-untyped]

from nlp.scorer import EMOTIONS, Score, Scorer, Unscored
from nlp.training.fit.baseline import logistic_regression, vectorizer
from nlp.training.fit.progress import Steps
from nlp.training.settings import Settings, Teacher
from nlp.training.texts.data import Row, at_most_per_source, corpus_texts, training_rows

FOLDS = 4
CORPUS_LINES = 1_370_000  # of the corpus that nlp/model/README.md names: so that the posts are drawn from all of it
SHORTEST = 4  # characters of an unlabelled post worth learning from
ITERATIONS = 100
AT_ONCE = 1024  # texts that a model labels before it tells how far it is
_LEAST = 1e-6  # of an open emotion: where the teacher is sure of closed ones alone, the open ones share evenly
SoftLabels = NDArray[np.float32]  # texts x emotions


def write_soft_labels(settings: Settings, data: Path, out: Path, models: Sequence[Scorer] = ()) -> None:
    """Leave in `out` the soft labels of the training rows, in their order, and unlabelled posts with theirs.

    Without `models` the regression labels every row, by a fold that has not seen it; with them their mean labels the
    rows that training takes, and those alone: the rest stays zeros.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = training_rows(data)
    others = [index for index, row in enumerate(rows) if row.emotion is None]
    every = max(1, CORPUS_LINES // max(1, settings.teacher.posts))
    posts = [text for text in corpus_texts(data, every) if len(text) >= SHORTEST][: settings.teacher.posts]
    if models:
        soft = np.zeros((len(rows), len(EMOTIONS)), np.float32)
        plan = settings.finetuning
        taken = at_most_per_source(rows, plan.most, settings.seed, plan.other)
        soft[taken] = ensemble_labels(models, [rows[index].text for index in taken])
        others = sorted(set(others).intersection(taken))
        labelled = ensemble_labels(models, posts)
    else:
        soft = out_of_fold_labels(rows, settings)
        labelled = predict(fit_teacher(rows, settings.teacher), posts)
    soft[others] = _within_label(soft[others], rows, others)
    np.save(out / "rows.npy", soft)
    np.save(out / "posts.npy", labelled)
    (out / "posts.json").write_text(json.dumps(posts, ensure_ascii=False), "utf-8")


def ensemble_labels(models: Sequence[Scorer], texts: Sequence[str]) -> SoftLabels:
    """Average the models' calibrated probabilities; all alike for a text that none can read."""
    labels = [_labels(model, texts) for model in models]
    return np.asarray(np.mean(labels, axis=0), dtype=np.float32)


def _labels(model: Scorer, texts: Sequence[str]) -> list[list[float]]:
    found: list[list[float]] = []
    with Steps(f"labelling by {model.name}", -(-len(texts) // AT_ONCE), unit="texts") as told:
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            found += [_emotions(one) for one in model.score(some)]
            told.step(len(some))
    return found


def _emotions(answer: Score | Unscored) -> list[float]:
    emotion = answer.emotion if isinstance(answer, Score) else None
    return [float(getattr(emotion, name)) if emotion else 1 / len(EMOTIONS) for name in EMOTIONS]


def _within_label(soft: SoftLabels, rows: Sequence[Row], which: Sequence[int]) -> SoftLabels:
    """Spread soft labels over the emotions that each row's label leaves open."""
    allowed = np.array([rows[index].allowed for index in which], bool).reshape(soft.shape)
    kept = (soft + _LEAST) * allowed
    return np.asarray(kept / kept.sum(1, keepdims=True), dtype=np.float32)


def fit_teacher(rows: Sequence[Row], settings: Teacher) -> Pipeline:
    """Fit a balanced logistic regression over TF-IDF of character 1-3-grams on the rows with emotions."""
    labelled = [row for row in rows if row.emotion is not None]
    grams = vectorizer(settings.features)
    given = grams.fit_transform([row.text for row in labelled])
    emotion = np.array([EMOTIONS.index(row.emotion or "") for row in labelled])
    return make_pipeline(grams, logistic_regression(settings.strength, ITERATIONS, given, emotion))


def predict(model: Pipeline, texts: Sequence[str]) -> SoftLabels:
    """Return the emotions' probabilities, in the order of EMOTIONS; 0 for one that the model never saw."""
    found = np.zeros((len(texts), len(EMOTIONS)), np.float32)
    found[:, model.classes_] = model.predict_proba(list(texts))
    return found


def out_of_fold_labels(rows: Sequence[Row], settings: Settings) -> SoftLabels:
    """Label rows by regressions that have not seen them."""
    random = np.random.default_rng(settings.seed)
    folds = random.integers(0, FOLDS, len(rows))
    soft = np.zeros((len(rows), len(EMOTIONS)), np.float32)
    for fold in track(range(FOLDS), "labelling what the regression has not seen"):
        seen = [row for row, other in zip(rows, folds != fold, strict=True) if other]
        mine = np.flatnonzero(folds == fold).tolist()
        soft[mine] = predict(fit_teacher(seen, settings.teacher), [rows[index].text for index in mine])
    return soft
