"""Labelled rows as batches of few fixed shapes: ever-new shapes cost a CPU time and memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.training.texts.data import Row
from nlp.training.texts.vocabulary import PAD, SEP

LENGTHS = (12, 18, 24, 32, 48, 64, 96, 128)  # tokens


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows ready to learn from: tokens, what the labels allow, each row's weight, and the teacher's probabilities."""

    tokens: list[NDArray[np.int64]]
    allowed: NDArray[np.bool_]
    among: NDArray[np.bool_]
    weights: NDArray[np.float32]
    teacher: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's rows, as tensors."""

    inputs: torch.Tensor
    mask: torch.Tensor
    allowed: torch.Tensor
    among: torch.Tensor
    weights: torch.Tensor
    teacher: torch.Tensor


def tokens_of(tokenizer: Tokenizer, texts: Sequence[str], positions: int) -> list[NDArray[np.int64]]:
    """Return the tokens of each text, between [CLS] and [SEP], cut to what the model reads at once."""
    found = [np.array(one.ids, dtype=np.int64) for one in tokenizer.encode_batch_fast(list(texts))]
    return [ids if len(ids) <= positions else np.append(ids[: positions - 1], SEP) for ids in found]


def examples(tokenizer: Tokenizer, rows: Sequence[Row], positions: int, teacher: NDArray[np.float32]) -> Examples:
    """Make examples. Rarer emotions weigh more, by the square root of how rare they are; the mean weight is one.

    A row of `teacher` that is all zeros has no teacher.
    """
    allowed = np.array([row.allowed for row in rows])
    share = np.maximum(allowed[~allowed.all(1)].mean(0), 1e-6) ** -0.5
    weights = (allowed * share).sum(1) / allowed.sum(1)
    return Examples(
        tokens=tokens_of(tokenizer, [row.text for row in rows], positions),
        allowed=allowed,
        among=np.array([row.among for row in rows]),
        weights=(weights / weights.mean()).astype(np.float32),
        teacher=teacher,
    )


def shuffled(data: Examples, tokens: int, random: np.random.Generator) -> Iterator[Batch]:
    """Yield every example once, in random order, in batches of about `tokens` padded tokens."""
    order = random.permutation(len(data.tokens))
    lengths = np.array([len(data.tokens[index]) for index in order])
    bins = np.searchsorted(LENGTHS, lengths)
    parts: list[tuple[int, NDArray[np.int64]]] = []
    for number, length in enumerate(LENGTHS):
        members = order[bins == number]
        rows = max(1, tokens // length)
        parts += [(length, members[start : start + rows]) for start in range(0, len(members), rows)]
    for chosen in random.permutation(len(parts)):
        yield _batch(data, *parts[chosen])


def _batch(data: Examples, length: int, chosen: NDArray[np.int64]) -> Batch:
    inputs = np.full((len(chosen), length), PAD, dtype=np.int64)
    for row, index in enumerate(chosen):
        inputs[row, : len(data.tokens[index])] = data.tokens[index]
    picked = (data.allowed[chosen], data.among[chosen], data.weights[chosen], data.teacher[chosen])
    found = torch.from_numpy(inputs)
    return Batch(found, (found != PAD).long(), *(torch.from_numpy(part) for part in picked))
