"""Fine-tuning: every labelled row through the partial-label loss, then the emotion rows."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from tokenizers import Tokenizer
from torch.nn.utils.rnn import pad_sequence
from transformers import BertForSequenceClassification

from nlp.inference.manifest import sha256
from nlp.inference.wide import WIDE, write_wide
from nlp.scorer import EMOTIONS
from nlp.training.fit.pretrain import bert_config, pretrained_encoder
from nlp.training.fit.wide import fit_wide
from nlp.training.measure.metrics import macro_f1
from nlp.training.runs import Run, best_device
from nlp.training.settings import Settings, Stage
from nlp.training.texts.batches import Batch, Examples, examples, shuffled, tokens_of
from nlp.training.texts.data import Row, dev_rows, feedback_rows, training_set
from nlp.training.texts.vocabulary import PAD, load

WARMUP = 0.06  # of a stage's steps

Weights = dict[str, torch.Tensor]


def train(
    settings: Settings,
    data: Path,
    pretrained: Path,
    out: Path,
    teacher: Path | None = None,
    *,
    feedback: Path | None = None,
) -> None:
    """Leaves the fine-tuned encoder in `out/model`, its wide part beside it.

    A stage's runs differ in the order of the rows; each leaves the epoch that is best on the dev sets' emotions, the
    stage the mean of their weights.

    `pretrained` is the folder of pretrain(), `teacher` that of write_teacher(), `feedback` a file of labels by people.
    A run that ended is not run again.
    """
    run = Run(out)
    run.describe(settings, data)
    tokenizer = load(pretrained / "tokenizer.json")
    tokenizer.save(str(out / "tokenizer.json"))
    torch.manual_seed(settings.seed)
    model = _model(settings, tokenizer, pretrained)
    model.to(best_device())  # type: ignore[arg-type]  # declared by transformers for another purpose
    training = training_set(data)
    run.count(training.counts)
    rows, soft = _lessons(settings, training.rows, teacher)
    if feedback is not None:
        told = feedback_rows(feedback, data)
        run.note(feedback=str(feedback), sha256=sha256(feedback), rows=len(told))
        rows, soft = rows + told, np.concatenate([soft, np.zeros((len(told), len(EMOTIONS)), np.float32)])
    stages = {"broad": settings.finetuning.broad, "narrow": settings.finetuning.narrow}
    for name, stage in stages.items():
        chosen = [index for index, row in enumerate(rows) if name == "broad" or row.emotion is not None]
        given = examples(tokenizer, [rows[index] for index in chosen], settings.shape.positions, soft[chosen])
        tuning = Tuning(settings, stage, name, data, tokenizer)
        model.load_state_dict(_mean([_ended(model, given, tuning, run, number) for number in range(stage.runs)]))
    write_wide(fit_wide(rows, settings.teacher.strength), out / WIDE)
    model.save_pretrained(out / "model")


def _lessons(settings: Settings, rows: list[Row], teacher: Path | None) -> tuple[list[Row], NDArray[np.float32]]:
    """The rows to learn from and the teacher's word on each; zeros where there is no teacher."""
    soft = np.load(teacher / "rows.npy") if teacher else np.zeros((len(rows), len(EMOTIONS)), np.float32)
    if len(soft) != len(rows):
        raise ValueError(f"{teacher} judges {len(soft)} rows, the training set has {len(rows)}: run distill again")
    kept = _at_most(rows, settings.finetuning.most, settings.seed)
    rows, soft = [rows[index] for index in kept], soft[kept]
    if teacher:
        open_to_all = tuple(True for _ in EMOTIONS)
        posts = json.loads((teacher / "posts.json").read_text("utf-8"))
        rows += [Row(text, "corpus", None, None, open_to_all, open_to_all, True) for text in posts]
        soft = np.concatenate([soft, np.load(teacher / "posts.npy")])
    return rows, soft


def _at_most(rows: Sequence[Row], most: int, seed: int) -> list[int]:
    """Every row with an emotion, and at most so many of each source that knows only polarities."""
    taken: Counter[str] = Counter()
    kept = []
    for index in np.random.default_rng(seed).permutation(len(rows)).tolist():
        row = rows[index]
        taken[row.source] += 1
        if row.emotion is not None or taken[row.source] <= most:
            kept.append(index)
    return sorted(kept)


def _model(settings: Settings, tokenizer: Tokenizer, pretrained: Path) -> BertForSequenceClassification:
    config = bert_config(settings.shape, tokenizer.get_vocab_size(), settings.finetuning.dropout)
    config.id2label = dict(enumerate(EMOTIONS))
    config.label2id = {name: index for index, name in enumerate(EMOTIONS)}
    model = BertForSequenceClassification(config)
    model.load_state_dict(pretrained_encoder(pretrained), strict=False)
    return model


class Tuning:
    """What a stage of fine-tuning needs besides the model and its examples."""

    def __init__(self, settings: Settings, stage: Stage, name: str, data: Path, tokenizer: Tokenizer) -> None:
        self.settings, self.stage, self.name = settings, stage, name
        self.dev = {key: [row for row in dev_rows(data, key) if row] for key in ("usual", "virus")}
        self.tokens = {
            key: tokens_of(tokenizer, [row.text for row in rows], settings.shape.positions)
            for key, rows in self.dev.items()
        }

    def measure(self, model: BertForSequenceClassification) -> dict[str, float]:
        """Six-class macro-F1 on the dev sets with emotions."""
        return {
            key: macro_f1(
                np.array([EMOTIONS.index(row.emotion or "neutral") for row in rows]),
                logits_of(model, self.tokens[key]).argmax(1),
                len(EMOTIONS),
            )
            for key, rows in self.dev.items()
        }


def partial_label_loss(logits: torch.Tensor, allowed: torch.Tensor, among: torch.Tensor) -> torch.Tensor:
    """Per row, -log of the probability of the allowed emotions, given that it is one of those chosen among."""
    closed = torch.finfo(logits.dtype).min
    numerator = logits.masked_fill(~allowed, closed).logsumexp(1)
    return logits.masked_fill(~among, closed).logsumexp(1) - numerator


def _loss(logits: torch.Tensor, batch: Batch, teaching: float) -> torch.Tensor:
    """The given labels' loss and, weighed by `teaching`, the cross-entropy with the teacher's probabilities."""
    given = (partial_label_loss(logits, batch.allowed, batch.among) * batch.weights).mean()
    taught = -(batch.teacher * logits.log_softmax(1)).sum(1).mean()
    return (given + teaching * taught) / (1.0 + teaching)


def _ended(model: BertForSequenceClassification, given: Examples, tuning: Tuning, run: Run, number: int) -> Weights:
    """What a run of a stage leaves; `model` stays as it is."""
    key = f"{tuning.name}{number}"
    weights = run.load(key)
    if weights is None:
        weights = _stage(deepcopy(model), given, tuning, run, number)
        run.save(key, weights)
    return weights


def _mean(many: Sequence[Weights]) -> Weights:
    return {name: torch.stack([one[name].float() for one in many]).mean(0).to(many[0][name].dtype) for name in many[0]}


def _stage(model: BertForSequenceClassification, given: Examples, tuning: Tuning, run: Run, number: int) -> Weights:
    """Trains through the stage's epochs; the weights, or their running mean, where they are best on dev."""
    plan, stage, device = tuning.settings.finetuning, tuning.stage, best_device()
    random = np.random.default_rng(tuning.settings.seed + number)
    torch.manual_seed(tuning.settings.seed + number)
    optimizer = torch.optim.AdamW(model.parameters(), lr=stage.rate, weight_decay=plan.decay, fused=True)
    epochs = [list(shuffled(given, plan.tokens, random)) for _ in range(stage.epochs)]
    total, step, best, kept = sum(map(len, epochs)), 0, -1.0, _copy(model)
    mean = deepcopy(model)
    for epoch, batches in enumerate(epochs):
        model.train()
        losses, since = [], time.perf_counter()
        for batch in track(batches, f"{tuning.name}, epoch {epoch + 1}"):
            rate = stage.rate * min((step + 1) / (WARMUP * total), (total - step) / (total * (1 - WARMUP)))
            losses.append(_step(model, optimizer, _on(batch, device), rate, stage.teacher))
            _follow(mean, model, plan.average)
            step += 1
        about: dict[str, float | str] = {
            "stage": tuning.name,
            "run": number,
            "epoch": epoch + 1,
            "loss": float(np.mean(losses)),
        }
        seconds = round(time.perf_counter() - since)
        for which, candidate in (("last", model), ("mean", mean)):
            figures = tuning.measure(candidate)
            run.note(**about, seconds=seconds, weights=which, **figures)
            if sum(figures.values()) > best:
                best = sum(figures.values())
                kept = _copy(candidate)
    return kept


@torch.no_grad()
def _follow(mean: BertForSequenceClassification, model: BertForSequenceClassification, kept: float) -> None:
    """Moves the running mean towards the model."""
    for slow, fast in zip(mean.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1.0 - kept)


def _copy(model: BertForSequenceClassification) -> Weights:
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _on(batch: Batch, device: torch.device) -> Batch:
    parts = (batch.inputs, batch.mask, batch.allowed, batch.among, batch.weights, batch.teacher)
    return Batch(*(part.to(device) for part in parts))


def _step(
    model: BertForSequenceClassification, optimizer: torch.optim.Optimizer, batch: Batch, rate: float, teaching: float
) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    with torch.autocast(batch.inputs.device.type, torch.bfloat16):
        logits = model(input_ids=batch.inputs, attention_mask=batch.mask).logits
    loss = _loss(logits.float(), batch, teaching)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


@torch.inference_mode()
def logits_of(
    model: BertForSequenceClassification, tokens: Sequence[NDArray[np.int64]], at_once: int = 64
) -> NDArray[np.float32]:
    """The model's logits for texts given as tokens, in their order."""
    model.eval()  # type: ignore[no-untyped-call]
    device = next(model.parameters()).device
    order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
    found = np.zeros((len(tokens), len(EMOTIONS)), np.float32)
    for start in range(0, len(order), at_once):
        chosen = order[start : start + at_once]
        inputs = pad_sequence([torch.from_numpy(tokens[index]) for index in chosen], batch_first=True)
        inputs = inputs.to(device)
        logits = model(input_ids=inputs, attention_mask=(inputs != PAD).long()).logits
        found[chosen] = logits.float().cpu().numpy()
    return found
