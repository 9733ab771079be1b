"""Pre-training: a masked language model over packed rows of corpus tokens, then over the labelled rows' texts."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import BertForMaskedLM

from nlp.training.fit.encoder import (
    ADAPTED,
    PRETRAINED,
    TOKENIZER,
    Start,
    language_model_from,
    new_language_model,
    read_start,
)
from nlp.training.fit.masking import MaskedBatches
from nlp.training.fit.progress import Steps
from nlp.training.fit.runs import Run, best_device, precision
from nlp.training.settings import Pretraining, Settings
from nlp.training.texts.data import corpus_texts, training_rows
from nlp.training.texts.embeddings import from_cooccurrence
from nlp.training.texts.vocabulary import learn, load

REPORT = 50  # steps between two points of the curve
Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def pretrain(settings: Settings, data: Path, out: Path, start: Path | None = None) -> None:
    """Leave a vocabulary and a pre-trained encoder in `out`; run again, it goes on from the last checkpoint.

    With the folder `start` of fetch() it begins with that encoder and its vocabulary.
    """
    run = Run(out)
    run.describe(settings, data)
    begun = read_start(start) if start is not None else None
    tokenizer = _vocabulary(settings, data, out, begun)
    tokens = _corpus(tokenizer, data, out)
    vocabulary = tokenizer.get_vocab_size()
    if begun is not None:
        model = language_model_from(begun, settings.seed)
    else:
        model = new_language_model(settings, vocabulary, _embeddings(settings, vocabulary, tokens, out))
    model.config.save_pretrained(out)
    _train(model, tokens, settings, run, PRETRAINED)
    if settings.adaptation.steps:
        _train(model, _labelled(tokenizer, settings, data), adapting(settings), run, ADAPTED)


def adapting(settings: Settings) -> Settings:
    """Return the settings of the steps on the labelled rows' texts: up over `warmup`, then down to nothing."""
    plan = settings.adaptation
    falling = replace(
        settings.pretraining, steps=plan.steps, warmup=plan.warmup, decay=plan.steps - plan.warmup, rate=plan.rate
    )
    return replace(settings, pretraining=falling)


def rate_at(step: int, settings: Pretraining) -> float:
    """Return the learning rate of a step: up over `warmup`, level, down to nothing over `decay`."""
    up = (step + 1) / settings.warmup
    down = (settings.steps - step) / max(1, settings.decay)
    return settings.rate * min(1.0, up, down)


def _vocabulary(settings: Settings, data: Path, out: Path, start: Start | None) -> Tokenizer:
    path = out / TOKENIZER
    if not path.exists():
        known = (
            load(start.tokenizer)
            if start
            else learn(corpus_texts(data, settings.vocabulary.every), settings.vocabulary)
        )
        known.save(str(path))
    return load(path)


def _corpus(tokenizer: Tokenizer, data: Path, out: Path) -> NDArray[np.uint16]:
    """Put all posts in one line of tokens, each between [CLS] and [SEP]; kept in `out`."""
    path = out / "corpus.npy"
    if not path.exists():
        parts: list[NDArray[np.uint16]] = []
        batch: list[str] = []
        for text in track(corpus_texts(data), "reading the corpus"):
            batch.append(text)
            if len(batch) == 4096:
                parts.append(_line(tokenizer, batch))
                batch.clear()
        if batch:
            parts.append(_line(tokenizer, batch))
        np.save(path, np.concatenate(parts))
    return np.asarray(np.load(path, mmap_mode="r"))


def _labelled(tokenizer: Tokenizer, settings: Settings, data: Path) -> NDArray[np.uint16]:
    """Put the training rows' texts in one line of tokens, their sources mixed; the dev sets' are not among them."""
    rows = training_rows(data)
    order = np.random.default_rng(settings.seed).permutation(len(rows))
    return _line(tokenizer, [rows[index].text for index in order])


def _line(tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.uint16]:
    return np.concatenate([np.array(one.ids, np.uint16) for one in tokenizer.encode_batch_fast(list(texts))])


def _embeddings(settings: Settings, vocabulary: int, tokens: NDArray[np.uint16], out: Path) -> NDArray[np.float32]:
    """Make the token embeddings to start from; kept in `out`."""
    path = out / "embeddings.npy"
    if not path.exists():
        np.save(path, from_cooccurrence(tokens, vocabulary, settings.shape.hidden, settings.seed))
    return np.asarray(np.load(path), dtype=np.float32)


def _loss_of(model: BertForMaskedLM) -> Loss:
    """Make the loss over the masked places alone: the vocabulary's logits are never made for the others."""

    def loss(inputs: torch.Tensor, places: torch.Tensor, where: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        hidden = model.bert(input_ids=inputs, position_ids=places)[0]
        chosen = hidden.reshape(-1, hidden.shape[-1])[where]
        return cross_entropy(model.cls(chosen).float(), targets)

    return loss


def _train(model: BertForMaskedLM, tokens: NDArray[np.uint16], settings: Settings, run: Run, name: str) -> None:
    """Train through `settings.pretraining`, from the checkpoint `name` on where there is one."""
    plan, device = settings.pretraining, best_device()
    model.to(device)  # type: ignore[arg-type]  # declared by transformers for another purpose
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    first = _resume(model, optimizer, run, name)
    loss_of: Loss = torch.compile(_loss_of(model)) if plan.compiled else _loss_of(model)
    batches, total, since = MaskedBatches(tokens, settings), 0.0, time.perf_counter()
    with Steps(f"pre-training, {name}", plan.steps, first) as told:
        for step in range(first, plan.steps):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, plan)
            with precision(device):
                loss = loss_of(*(part.to(device) for part in batches.batch(step)))
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            total += loss.item()
            told.step(plan.rows * plan.length)
            if (step + 1) % REPORT == 0:
                if not math.isfinite(total):
                    raise FloatingPointError(f"the loss of pre-training is {total} at step {step}")
                speed = REPORT * plan.rows * plan.length / (time.perf_counter() - since)
                run.note(checkpoint=name, step=step + 1, loss=round(total / REPORT, 4), tokens_per_second=round(speed))
                total, since = 0.0, time.perf_counter()
            if (step + 1) % plan.checkpoint == 0 or step + 1 == plan.steps:
                run.save(name, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1})


def _resume(model: BertForMaskedLM, optimizer: torch.optim.Optimizer, run: Run, name: str) -> int:
    state = run.load(name)
    if state is None:
        return 0
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
