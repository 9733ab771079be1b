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
from transformers import BertConfig, BertForMaskedLM

from nlp.training.runs import Run, best_device
from nlp.training.settings import Pretraining, Settings, Shape
from nlp.training.texts.data import corpus_texts, training_rows
from nlp.training.texts.embeddings import from_cooccurrence
from nlp.training.texts.vocabulary import CLS, MASK, PAD, SEP, SPECIAL, learn, load

REPORT = 50  # steps between two points of the curve
Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def pretrain(settings: Settings, data: Path, out: Path) -> None:
    """Leaves a vocabulary and a pre-trained encoder in `out`; run again, it goes on from the last checkpoint."""
    run = Run(out)
    run.describe(settings, data)
    tokenizer = _vocabulary(settings, data, out)
    tokens = _corpus(tokenizer, data, out)
    model = _model(settings, tokenizer.get_vocab_size(), tokens, out)
    _train(model, tokens, settings, run, "last")
    if settings.adaptation.steps:
        _train(model, _labelled(tokenizer, settings, data), adapting(settings), run, "adapted")


def pretrained_encoder(folder: Path) -> dict[str, torch.Tensor]:
    """The weights that pretrain() left in `folder`, as transformers names them; FileNotFoundError if there are none."""
    run = Run(folder)
    state = run.load("adapted") or run.load("last")
    if state is None:
        raise FileNotFoundError(f"{folder} holds no pre-trained encoder: run pretrain first")
    return {name: tensor for name, tensor in state["model"].items() if name.startswith("bert.")}


def adapting(settings: Settings) -> Settings:
    """The settings of the steps on the labelled rows' texts: up over `warmup`, then down to nothing."""
    plan = settings.adaptation
    falling = replace(
        settings.pretraining, steps=plan.steps, warmup=plan.warmup, decay=plan.steps - plan.warmup, rate=plan.rate
    )
    return replace(settings, pretraining=falling)


def bert_config(shape: Shape, vocabulary: int, dropout: float = 0.0) -> BertConfig:
    """The encoder's shape in transformers' words."""
    return BertConfig(  # type: ignore[call-arg]  # attn_implementation is undeclared
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.hidden,
        max_position_embeddings=shape.positions,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=PAD,
        attn_implementation="eager",  # the CPU flash attention's backward pass costs a third of a step
    )


def _vocabulary(settings: Settings, data: Path, out: Path) -> Tokenizer:
    path = out / "tokenizer.json"
    if not path.exists():
        learn(corpus_texts(data, settings.vocabulary.every), settings.vocabulary).save(str(path))
    return load(path)


def _corpus(tokenizer: Tokenizer, data: Path, out: Path) -> NDArray[np.uint16]:
    """All posts in one line of tokens, each between [CLS] and [SEP]; kept in `out`."""
    path = out / "corpus.npy"
    if not path.exists():
        pieces: list[NDArray[np.uint16]] = []
        batch: list[str] = []
        for text in track(corpus_texts(data), "reading the corpus"):
            batch.append(text)
            if len(batch) == 4096:
                pieces.append(_line(tokenizer, batch))
                batch.clear()
        if batch:
            pieces.append(_line(tokenizer, batch))
        np.save(path, np.concatenate(pieces))
    return np.asarray(np.load(path, mmap_mode="r"))


def _labelled(tokenizer: Tokenizer, settings: Settings, data: Path) -> NDArray[np.uint16]:
    """The texts of the training rows as one line of tokens, their sources mixed; the dev sets' are not among them."""
    rows = training_rows(data)
    order = np.random.default_rng(settings.seed).permutation(len(rows))
    return _line(tokenizer, [rows[index].text for index in order])


def _line(tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.uint16]:
    return np.concatenate([np.array(one.ids, np.uint16) for one in tokenizer.encode_batch_fast(list(texts))])


def _model(settings: Settings, vocabulary: int, tokens: NDArray[np.uint16], out: Path) -> BertForMaskedLM:
    """A new model whose embeddings start from co-occurrence (kept in `out`)."""
    torch.manual_seed(settings.seed)
    model = BertForMaskedLM(bert_config(settings.shape, vocabulary))
    path = out / "embeddings.npy"
    if not path.exists():
        np.save(path, from_cooccurrence(tokens, vocabulary, settings.shape.hidden, settings.seed))
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[len(SPECIAL) :] = torch.from_numpy(np.load(path))[len(SPECIAL) :]
    return model


def rate_at(step: int, settings: Pretraining) -> float:
    """The learning rate of a step: up over `warmup`, level, down to nothing over `decay`."""
    up = (step + 1) / settings.warmup
    down = (settings.steps - step) / max(1, settings.decay)
    return settings.rate * min(1.0, up, down)


class Rows:
    """Batches of packed rows in an order that depends only on the seed and the step."""

    def __init__(self, tokens: NDArray[np.uint16], settings: Settings) -> None:
        self.tokens, self.settings, self.seed = tokens, settings.pretraining, settings.seed
        self.positions = settings.shape.positions
        self.vocabulary = int(tokens.max()) + 1
        self.per_epoch = len(tokens) // (self.settings.length * self.settings.rows)

    def batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Masked input, positions, where the masked tokens are in the flattened batch, and what they were."""
        rows, length = self.settings.rows, self.settings.length
        epoch, within = divmod(step, self.per_epoch)
        order = np.random.default_rng((self.seed, epoch)).permutation(self.per_epoch * rows)
        random = np.random.default_rng((self.seed, epoch, within))
        starts = order[within * rows : (within + 1) * rows] * length + random.integers(0, length)
        starts = np.minimum(starts, len(self.tokens) - length)
        inputs = self.tokens[starts[:, None] + np.arange(length)].astype(np.int64).reshape(-1)
        where = self._choose(inputs, random)
        targets = inputs[where]
        fate = random.random(len(where))
        inputs[where[fate < 0.8]] = MASK
        strange = where[fate > 0.9]
        inputs[strange] = random.integers(len(SPECIAL), self.vocabulary, len(strange))
        # Rows are shorter than what the model will read: their place moves, so that every position is learnt.
        offset = int(random.integers(0, self.positions - length + 1)) if random.random() < 0.5 else 0
        places = torch.arange(offset, offset + length).expand(rows, -1)
        return (
            torch.from_numpy(inputs.reshape(rows, length)),
            places,
            torch.from_numpy(where),
            torch.from_numpy(targets),
        )

    def _choose(self, inputs: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
        """Always the same number of places, so that every step has one shape; never a boundary of a post."""
        chances = random.random(len(inputs))
        chances[(inputs == CLS) | (inputs == SEP)] = 2.0
        count = int(len(inputs) * self.settings.masked)
        return np.sort(np.argpartition(chances, count)[:count])


def _loss_of(model: BertForMaskedLM) -> Loss:
    """The loss over the masked places alone: the vocabulary's logits are never made for the others."""

    def loss(inputs: torch.Tensor, places: torch.Tensor, where: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        hidden = model.bert(input_ids=inputs, position_ids=places)[0]
        chosen = hidden.reshape(-1, hidden.shape[-1])[where]
        return cross_entropy(model.cls(chosen).float(), targets)

    return loss


def _train(model: BertForMaskedLM, tokens: NDArray[np.uint16], settings: Settings, run: Run, name: str) -> None:
    """Trains through `settings.pretraining`, from the checkpoint `name` on where there is one."""
    plan, device = settings.pretraining, best_device()
    model.to(device)  # type: ignore[arg-type]  # declared by transformers for another purpose
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    first = _resume(model, optimizer, run, name)
    loss_of: Loss = torch.compile(_loss_of(model)) if plan.compiled else _loss_of(model)
    rows, total, since = Rows(tokens, settings), 0.0, time.perf_counter()
    for step in track(range(first, plan.steps), f"pre-training, {name}", total=plan.steps, completed=first):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, plan)
        with torch.autocast(device.type, torch.bfloat16):
            loss = loss_of(*(part.to(device) for part in rows.batch(step)))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
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
