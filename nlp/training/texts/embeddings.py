"""Where the token embeddings start: what co-occurrence in the corpus already says about the tokens.

A truncated SVD of positive pointwise mutual information, after Levy, Goldberg and Dagan 2015.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd  # type: ignore[import-untyped]

WINDOW = 4  # tokens to each side
DEVIATION = 0.03  # of the embeddings handed back; BERT's own start is 0.02


def from_cooccurrence(tokens: NDArray[np.uint16], vocabulary: int, width: int, seed: int) -> NDArray[np.float32]:
    """Return vectors (vocabulary x width) of the tokens of one long line of them."""
    counts = np.zeros((vocabulary, vocabulary), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        pairs = tokens[:-distance].astype(np.int64) * vocabulary + tokens[distance:]
        found, times = np.unique(pairs, return_counts=True)
        counts.reshape(-1)[found] += times.astype(np.float32) / distance
    counts += counts.T
    return _rotated(_reduced(_information(counts), width, seed), seed)


def _information(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return positive pointwise mutual information; contexts are smoothed with the power of 0.75 (Levy et al.)."""
    rows = counts.sum(1, keepdims=True) + 1e-9
    context = (counts.sum(0, keepdims=True) + 1e-9) ** 0.75
    with np.errstate(divide="ignore"):
        information = np.log(counts / rows / (context / context.sum()))
    return np.asarray(np.maximum(information, 0.0), dtype=np.float32)


def _reduced(matrix: NDArray[np.float32], width: int, seed: int) -> NDArray[np.float32]:
    left, strengths, _ = randomized_svd(matrix, n_components=width, n_iter=2, random_state=seed)
    return np.asarray(left * np.sqrt(strengths), dtype=np.float32)


def _rotated(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Rotate: the same geometry with its variance spread over all dimensions, as layer norm expects."""
    width = vectors.shape[1]
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((width, width)))
    spread = (vectors - vectors.mean(0)) @ rotation.astype(np.float32)
    return np.asarray(spread * (DEVIATION / spread.std()), dtype=np.float32)
