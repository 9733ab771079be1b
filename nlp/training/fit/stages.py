"""One stage of fine-tuning: rows through the loss for some epochs, some times over, the weights averaged."""

import time
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn.utils.rnn import pad_sequence
from transformers import BertForSequenceClassification

from nlp.scorer import EMOTIONS
from nlp.training.fit.calibration import dev_with_emotions, emotions_of
from nlp.training.fit.loss import distillation_loss, partial_label_loss
from nlp.training.fit.progress import Steps
from nlp.training.fit.runs import Run, best_device, precision
from nlp.training.metrics import macro_f1
from nlp.training.settings import FineTuning, Settings, Stage
from nlp.training.texts.batches import Batch, Examples, shuffled, tokens_of
from nlp.training.texts.vocabulary import PAD

WARMUP = 0.06  # of a stage's steps
_LAYER = "bert.encoder.layer."

ModelWeights = dict[str, torch.Tensor]


class DevSets:
    """The dev sets with emotions, ready to measure a model in training."""

    def __init__(self, data: Path, tokenizer: Tokenizer, positions: int) -> None:
        rows = dev_with_emotions(data)
        self._truth = {name: emotions_of(many) for name, many in rows.items()}
        self._tokens = {
            name: tokens_of(tokenizer, [row.text for row in many], positions) for name, many in rows.items()
        }

    def measure(self, model: BertForSequenceClassification) -> dict[str, float]:
        """Return the six-class macro-F1 by set."""
        return {
            name: macro_f1(truth, logits_of(model, self._tokens[name]).argmax(1), len(EMOTIONS))
            for name, truth in self._truth.items()
        }


class StageTraining:
    """Trains a model through one stage; `name` is that of its checkpoints."""

    def __init__(self, name: str, stage: Stage, settings: Settings, dev: DevSets, run: Run) -> None:
        self._name, self._stage, self._dev, self._run = name, stage, dev, run
        self._plan: FineTuning = settings.finetuning
        self._seed = settings.seed

    def train(self, model: BertForSequenceClassification, given: Examples) -> None:
        """Leave in the model the mean of what the stage's runs leave, which differ in the order of the rows."""
        model.load_state_dict(mean_weights([self._ended(model, given, number) for number in range(self._stage.runs)]))

    def _ended(self, model: BertForSequenceClassification, given: Examples, number: int) -> ModelWeights:
        """Return what a run leaves, from its checkpoint where it ended before; `model` stays as it is."""
        key = f"{self._name}{number}"
        weights = self._run.load(key)
        if weights is None:
            weights = self._once(deepcopy(model), given, number)
            self._run.save(key, weights)
        return weights

    def _once(self, model: BertForSequenceClassification, given: Examples, number: int) -> ModelWeights:
        """Train through the epochs; return the weights, or their running mean, where they are best on dev."""
        stage, device = self._stage, best_device()
        random = np.random.default_rng(self._seed + number)
        torch.manual_seed(self._seed + number)
        optimizer = torch.optim.AdamW(groups_of(model, self._plan), lr=stage.rate, fused=True)
        epochs = [list(shuffled(given, self._plan.tokens, random)) for _ in range(stage.epochs)]
        total, step, best, kept = sum(map(len, epochs)), 0, -1.0, _copy(model)
        average = deepcopy(model)
        for epoch, batches in enumerate(epochs):
            model.train()
            losses, since = [], time.perf_counter()
            with Steps(f"{self._name} {number + 1}, epoch {epoch + 1}", len(batches)) as told:
                for batch in batches:
                    rate = rate_at(step, total, stage.rate)
                    losses.append(_step(model, optimizer, _on(batch, device), rate, stage.teacher))
                    update_average(average, model, self._plan.average)
                    told.step(batch.inputs.numel())
                    step += 1
            seconds = round(time.perf_counter() - since)
            for which, candidate in (("last", model), ("mean", average)):
                figures = self._dev.measure(candidate)
                self._run.note(
                    stage=self._name, run=number, epoch=epoch + 1, loss=float(np.mean(losses)), seconds=seconds,
                    weights=which, **figures,
                )  # fmt: skip
                if sum(figures.values()) > best:
                    best = sum(figures.values())
                    kept = _copy(candidate)
        return kept


def groups_of(model: BertForSequenceClassification, plan: FineTuning) -> list[dict[str, Any]]:
    """Group the weights by their share of the learning rate: the head's, then each layer's less than the one above.

    Layer-wise decay after Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text Classification".
    """
    layers = model.config.num_hidden_layers
    groups: dict[float, list[torch.nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        groups.setdefault(_share(name, layers, plan), []).append(weight)
    return [
        {"params": weights, "share": share, "weight_decay": plan.decay} for share, weights in sorted(groups.items())
    ]


def _share(name: str, layers: int, plan: FineTuning) -> float:
    """Return what a weight learns by, as a share of the stage's rate."""
    if name.startswith(("classifier.", "bert.pooler.")):
        return plan.head
    if not name.startswith(_LAYER):
        return plan.per_layer**layers
    return float(plan.per_layer ** (layers - 1 - int(name.removeprefix(_LAYER).partition(".")[0])))


def rate_at(step: int, steps: int, highest: float) -> float:
    """Return the learning rate of a step: up over WARMUP of the steps, then down to nothing."""
    return highest * min((step + 1) / (WARMUP * steps), (steps - step) / (steps * (1 - WARMUP)))


def mean_weights(many: Sequence[ModelWeights]) -> ModelWeights:
    """Average models of one shape, weight by weight, each in its own type."""
    return {name: torch.stack([one[name].float() for one in many]).mean(0).to(many[0][name].dtype) for name in many[0]}


def between(begun: ModelWeights, ended: ModelWeights, kept: float) -> ModelWeights:
    """Mix what a stage began with and what it left, `kept` of the former.

    After Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".
    """
    return {name: torch.lerp(ended[name].float(), begun[name].float(), kept).to(ended[name].dtype) for name in ended}


@torch.no_grad()
def update_average(average: torch.nn.Module, model: torch.nn.Module, kept: float) -> None:
    """Move the running mean towards the model, keeping so much of itself (exponential moving average)."""
    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1.0 - kept)


@torch.inference_mode()
def logits_of(
    model: BertForSequenceClassification, tokens: Sequence[NDArray[np.int64]], at_once: int = 64
) -> NDArray[np.float32]:
    """Return the model's logits for texts given as tokens, in their order."""
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


def _copy(model: BertForSequenceClassification) -> ModelWeights:
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _on(batch: Batch, device: torch.device) -> Batch:
    parts = (batch.inputs, batch.mask, batch.allowed, batch.among, batch.weights, batch.teacher)
    return Batch(*(part.to(device) for part in parts))


def _step(
    model: BertForSequenceClassification, optimizer: torch.optim.Optimizer, batch: Batch, rate: float, teaching: float
) -> float:
    """Learn from a batch: its labels, weighed by row, and the teacher's word, weighed by `teaching`."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    with precision(batch.inputs.device):
        logits = model(input_ids=batch.inputs, attention_mask=batch.mask).logits.float()
    labelled = (partial_label_loss(logits, batch.allowed, batch.among) * batch.weights).mean()
    loss = (labelled + teaching * distillation_loss(logits, batch.teacher).mean()) / (1.0 + teaching)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.item())
