"""The posts of one topic as columns of numbers: sixty bytes a post, counted over any window as the index counts."""

from array import array
from datetime import datetime, timedelta
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from stream.index.order import slots
from stream.index.port import Axis, Bucket
from stream.messages import Label, Precision, ScoredPost
from stream.process.moments import MILLISECOND, to_ms, to_ms_up

_NEVER = -(1 << 62)  # counted by no window: a post that came long after its time is charted alone
_PRECISIONS = tuple(Precision)
_LABELS = tuple(Label)

Numbers = NDArray[np.int64]


class Columns:
    """Takes posts in any order; `counts` has them all."""

    def __init__(self) -> None:
        self._taken = {name: array("q") for name in ("counted", "charted", "author", "text", "kind")}
        self._order: dict[Axis, Numbers] = {}

    def __len__(self) -> int:
        return len(self._taken["kind"])

    def take(self, post: ScoredPost) -> None:
        """Adds a post."""
        self._order.clear()
        taken = self._taken
        taken["counted"].append(_NEVER if post.counted_at is None else to_ms(post.counted_at))
        taken["charted"].append(to_ms(post.charted_at))
        taken["author"].append(_number(post.voice or post.id))
        taken["text"].append(_number(post.fingerprint))
        kind = _LABELS.index(post.label) + len(_LABELS) * (post.unscored is not None)
        taken["kind"].append(kind + 2 * len(_LABELS) * _PRECISIONS.index(post.published_precision))

    def counts(
        self, axis: Axis, precisions: tuple[Precision, ...], start: datetime, end: datetime, step: timedelta
    ) -> dict[int, Bucket]:
        """Counts the buckets of [start, end) that have a post, by their number, as `Reader.histogram` counts them."""
        slots(start, end, step)
        columns = {name: np.frombuffer(taken, dtype=np.int64) for name, taken in self._taken.items()}
        if axis not in self._order:
            self._order[axis] = np.argsort(columns[axis.name.lower()], kind="stable")
        bounds = (to_ms_up(start), to_ms_up(end))
        first, last = np.searchsorted(columns[axis.name.lower()], bounds, sorter=self._order[axis])
        rows = self._order[axis][first:last]
        fits = [_PRECISIONS.index(one) for one in precisions or _PRECISIONS]
        rows = rows[np.isin(columns["kind"][rows] // (2 * len(_LABELS)), fits)]
        at, kind = columns[axis.name.lower()][rows], columns["kind"][rows]
        slot = (at - to_ms_up(start)) // (step // MILLISECOND)
        negative = kind % len(_LABELS) == _LABELS.index(Label.NEGATIVE)
        found = [
            _number_of(slot),
            _number_of(slot[negative]),
            _number_of(slot[kind % len(_LABELS) == _LABELS.index(Label.UNCERTAIN)]),
            _number_of(slot[kind // len(_LABELS) % 2 == 1]),
            _distinct(slot[negative], columns["author"][rows[negative]]),
            _distinct(slot[negative], columns["text"][rows[negative]]),
        ]
        return {one: Bucket(start + one * step, *(told.get(one, 0) for told in found)) for one in found[0]}


def _number(words: str) -> int:
    """Returns 63 bits of a digest: among ten million authors two are taken for one in less than one case in 10^5."""
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big") >> 1


def _number_of(slot: Numbers) -> dict[int, int]:
    numbers, counts = np.unique(slot, return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _distinct(slot: Numbers, told: Numbers) -> dict[int, int]:
    if not len(slot):
        return {}
    order = np.lexsort((told, slot))
    slot, told = slot[order], told[order]
    new = np.concatenate([[True], (slot[1:] != slot[:-1]) | (told[1:] != told[:-1])])
    return _number_of(slot[new])
