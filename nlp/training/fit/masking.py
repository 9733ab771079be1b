"""Batches for masked language modelling, as BERT has it (Devlin et al. 2019): of the chosen tokens 80 % are masked,
10 % replaced by another, 10 % kept."""

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.training.settings import Settings
from nlp.training.texts.vocabulary import CLS, MASK, SEP, SPECIAL


class MaskedBatches:
    """Batches of packed rows of `tokens`, in an order that depends only on the seed and the step."""

    def __init__(self, tokens: NDArray[np.uint16], settings: Settings) -> None:
        self.tokens, self.settings, self.seed = tokens, settings.pretraining, settings.seed
        self.positions = settings.shape.positions
        self.vocabulary = int(tokens.max()) + 1
        self.per_epoch = len(tokens) // (self.settings.length * self.settings.rows)

    def batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return masked input, positions, where the masked tokens are in the flattened batch, and what they were."""
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
        replaced = where[fate > 0.9]
        inputs[replaced] = random.integers(len(SPECIAL), self.vocabulary, len(replaced))
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
        """Choose always the same number of places, so that every step has one shape; never a boundary of a post."""
        chances = random.random(len(inputs))
        chances[(inputs == CLS) | (inputs == SEP)] = 2.0
        count = int(len(inputs) * self.settings.masked)
        return np.sort(np.argpartition(chances, count)[:count])
