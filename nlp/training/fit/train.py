"""Fine-tuning: every labelled row through the partial-label loss, then the emotion rows; and the wide part beside."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.inference.manifest import sha256
from nlp.inference.wide import WIDE, write_wide
from nlp.scorer import EMOTIONS
from nlp.training.fit.encoder import TOKENIZER, new_classifier, read_start
from nlp.training.fit.runs import Run, best_device
from nlp.training.fit.stages import DevSets, StageTraining, between
from nlp.training.fit.wide import fit_wide
from nlp.training.settings import NarrowStage, Settings, Stage
from nlp.training.texts.batches import examples
from nlp.training.texts.data import SENTENCES, Row, at_most_per_source, feedback_rows, training_set
from nlp.training.texts.vocabulary import load


def train(
    settings: Settings,
    data: Path,
    pretrained: Path,
    out: Path,
    teacher: Path | None = None,
    *,
    feedback: Path | None = None,
    again: bool = False,
) -> None:
    """Leave the fine-tuned encoder in `out/model`, its wide part beside it.

    A stage's runs differ in the order of the rows; each leaves the epoch that is best on the dev sets' emotions, the
    stage the mean of their weights.

    `pretrained` is the folder of pretrain() or fetch(), or a model folder, `teacher` that of write_soft_labels(),
    `feedback` a file of labels by people. With `again` the recipe's last stage alone is run, for a model that ships
    and is to learn what was written since. A run that ended is not run again.
    """
    run = Run(out)
    run.describe(settings, data)
    start = read_start(pretrained)
    tokenizer = load(start.tokenizer)
    tokenizer.save(str(out / TOKENIZER))
    torch.manual_seed(settings.seed)
    model = new_classifier(settings, start)
    model.to(best_device())  # type: ignore[arg-type]  # declared by transformers for another purpose
    training = training_set(data)
    run.count(training.counts)
    rows, soft = with_teacher(settings, training.rows, teacher)
    if feedback is not None:
        reviewed = feedback_rows(feedback, data)
        run.note(feedback=str(feedback), sha256=sha256(feedback), rows=len(reviewed))
        rows, soft = rows + reviewed, np.concatenate([soft, np.zeros((len(reviewed), len(EMOTIONS)), np.float32)])
    plan = settings.finetuning
    rows, soft = with_sentences_again(rows, soft, plan.again.sentences if again else plan.sentences)
    positions = start.config.max_position_embeddings
    dev = DevSets(data, tokenizer, positions)

    def through(name: str, stage: Stage, chosen: list[int]) -> None:
        given = examples(tokenizer, [rows[index] for index in chosen], positions, soft[chosen])
        StageTraining(name, stage, settings, dev, run).train(model, given)

    if again:
        begun = deepcopy(model.state_dict())
        through("again", plan.again, narrowed(rows, plan.again, settings.seed))
        model.load_state_dict(between(begun, model.state_dict(), plan.again.kept))
    else:
        through("broad", plan.broad, [*range(len(rows))])
        through("narrow", plan.narrow, narrowed(rows, plan.narrow, settings.seed))
    write_wide(fit_wide(with_likeliest_emotion(rows, soft), settings.teacher.strength), out / WIDE)
    model.save_pretrained(out / "model")


def narrowed(rows: list[Row], stage: NarrowStage, seed: int) -> list[int]:
    """Choose the rows of the narrow stage; ascending."""
    chosen = at_most_per_source(rows, 0, seed, {SENTENCES: len(rows)} | stage.also)
    drawn = np.random.default_rng(seed).random(len(chosen)) < stage.share
    return [index for index, kept in zip(chosen, drawn, strict=True) if kept or rows[index].emotion is None]


def with_sentences_again(
    rows: list[Row], soft: NDArray[np.float32], times: int
) -> tuple[list[Row], NDArray[np.float32]]:
    """Return rows and soft labels with every written sentence among them so many times."""
    written = [index for index, row in enumerate(rows) if row.source == SENTENCES]
    order = [*range(len(rows)), *written * (times - 1)]
    return [rows[index] for index in order], soft[order]


def with_likeliest_emotion(rows: list[Row], soft: NDArray[np.float32]) -> list[Row]:
    """Return rows whose written sentences have that emotion of their polarity which the teacher holds likeliest.

    The n-grams of questions, denials and thanks are known from nowhere else.
    """
    return [
        replace(row, emotion=EMOTIONS[int(np.where(row.allowed, given, -1.0).argmax())])
        if row.source == SENTENCES
        else row
        for row, given in zip(rows, soft, strict=True)
    ]


def with_teacher(settings: Settings, rows: list[Row], teacher: Path | None) -> tuple[list[Row], NDArray[np.float32]]:
    """Return the rows to learn from and the teacher's soft label of each (zeros where there is no teacher).

    With a teacher they hold its unlabelled posts too. Raises ValueError where it labelled other rows than these.
    """
    soft = np.load(teacher / "rows.npy") if teacher else np.zeros((len(rows), len(EMOTIONS)), np.float32)
    if len(soft) != len(rows):
        raise ValueError(f"{teacher} labels {len(soft)} rows, the training set has {len(rows)}: run distill again")
    plan = settings.finetuning
    kept = at_most_per_source(rows, plan.most, settings.seed, plan.other)
    rows, soft = [rows[index] for index in kept], soft[kept]
    if teacher:
        anything = tuple(True for _ in EMOTIONS)
        posts = json.loads((teacher / "posts.json").read_text("utf-8"))
        rows += [Row(text, "corpus", None, None, anything, anything, True) for text in posts]
        soft = np.concatenate([soft, np.load(teacher / "posts.npy")])
    return rows, soft
