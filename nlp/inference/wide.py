"""The wide part of our own model: character n-grams straight to logits, added to what the encoder makes of a text.

As in "Wide & Deep Learning" (Cheng et al. 2016) it is a linear model, here a logistic regression: what a table of
1-3-grams knows of emotions, the encoder need not learn from few rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from nlp.inference.manifest import Manifest

WIDE = "wide.safetensors"
LONGEST = 3  # characters of an n-gram
_BITS = np.uint64(21)  # of a code point: an n-gram of three is one number of 63 bits

Logits = NDArray[np.float32]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class NgramCounts:
    """The n-grams of some texts: whose (ascending), which, how often there."""

    text: NDArray[np.int64]
    gram: NDArray[np.int64]
    count: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wide:
    """`keys`: the known n-grams, ascending; `idf`: one per n-gram; `weights`: n-grams x labels; `bias`: labels."""

    keys: Keys
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, texts: Sequence[str]) -> Logits:
        """Return texts x labels. A text without a known n-gram has the bias alone."""
        grams = count(*ngrams_of(texts), self.keys)
        values = tf_idf(grams, self.idf, len(texts))
        sums = [
            np.bincount(grams.text, self.weights[grams.gram, label] * values, len(texts))
            for label in range(len(self.bias))
        ]
        return np.asarray(np.stack(sums, axis=1) + self.bias, dtype=np.float32)


def ngrams_of(texts: Sequence[str]) -> tuple[NDArray[np.int64], Keys]:
    """Find every run of one to LONGEST characters: whose text it is, and the run as a number."""
    joined = "".join(text.replace("\0", " ") + "\0" for text in texts).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, np.uint32).astype(np.uint64)
    ends = points == 0
    owner = np.cumsum(ends) - ends
    owners, found = [], []
    key, within = np.zeros_like(points), np.ones(len(points), bool)
    for length in range(1, LONGEST + 1):
        after = points[length - 1 :]
        key = key[: len(after)] << _BITS | after
        within = within[: len(after)] & (after != 0)
        owners.append(owner[: len(after)][within])
        found.append(key[within])
    return np.concatenate(owners), np.concatenate(found)


def count(owners: NDArray[np.int64], found: Keys, known: Keys) -> NgramCounts:
    """Count how often each text holds each known n-gram, by its place among them."""
    place = np.minimum(np.searchsorted(known, found), len(known) - 1)
    is_known = known[place] == found
    both, times = np.unique(owners[is_known] * len(known) + place[is_known], return_counts=True)
    return NgramCounts(both // len(known), both % len(known), times)


def tf_idf(grams: NgramCounts, idf: NDArray[np.floating], texts: int) -> NDArray[np.float64]:
    """Weigh by TF-IDF with a logarithmic term frequency; the values of each text have length one."""
    values = (1.0 + np.log(grams.count)) * idf[grams.gram]
    length = np.sqrt(np.bincount(grams.text, values**2, texts))
    return np.asarray(values / np.maximum(length, 1e-9)[grams.text])


def read_wide(path: Path) -> Wide:
    """Read the wide part from a file that write_wide left."""
    parts = load_file(path)
    return Wide(parts.pop("keys"), **{name: array.astype(np.float32) for name, array in parts.items()})


def wide_of(folder: Path, manifest: Manifest) -> Wide | None:
    """Read the wide part of a model folder, where its manifest names one."""
    return read_wide(folder / WIDE) if WIDE in manifest.files else None


def write_wide(wide: Wide, path: Path) -> None:
    """Write the numbers in half precision: they are small, and few of their digits matter."""
    parts = {"idf": wide.idf, "weights": wide.weights, "bias": wide.bias}
    halves = {name: np.ascontiguousarray(array, np.float16) for name, array in parts.items()}
    save_file(halves | {"keys": wide.keys}, path)
