"""New posts held against the claims of the library, at two thresholds. Pure.

How much of a claim a passage of the post repeats: the part, by weight, of the claim's characters and pairs of
characters that stand there (containment; Broder, On the resemblance and containment of documents, 1997). Characters
that stand in every text weigh little. What is alike and contradicts (see contrasts.py) is no match. On the test set of
tests/alerts/claims `SURE` and `SUGGEST` were chosen on one half of the claims; its test prints what the other half
gives.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alerts.claims.contrasts import Gist, contradicts, read
from alerts.claims.numbers import in_digits
from stream.spelling.folding import fold

SUGGEST = 0.45  # a person is to compare
SURE = 0.65  # the same claim, as far as words go
PASSAGE = 120  # characters held against a claim at once; the next begins half way
LONGEST = 4_000  # characters of a post that are looked at
AT_ONCE = 512  # passages in one multiplication
_LIGHT = frozenset(
    "的了在是有和就不人都一我他她们这那个上也到说要去你会着没看好自己之与及或被把给对从为于以其而但还又很让将"
)
_LIGHT_WEIGHT, _SAID_WEIGHT = 0.2, 2.5  # of a character; any other weighs 1
_CLAUSE = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Match:
    """A post that repeats the claim at `claim` in the order they were given; `score` is the part of it repeated."""

    claim: int
    score: float
    sure: bool


class ClaimMatcher:
    """The claims, made ready once: 10,000 posts against 100 claims take a few seconds."""

    def __init__(self, claims: Sequence[str]) -> None:
        self._claims = [read(_plain(claim)) for claim in claims]
        weights = [_weights(about) for about in self._claims]
        self._columns = {feature: at for at, feature in enumerate(dict.fromkeys(f for one in weights for f in one))}
        self._matrix: NDArray[np.float32] = np.zeros((len(self._columns), len(claims)), np.float32)
        for number, one in enumerate(weights):
            total = sum(one.values())
            for feature, weight in one.items():
                self._matrix[self._columns[feature], number] = weight / total

    def match(self, texts: Sequence[str]) -> list[Match | None]:
        """Finds for each text the claim it repeats most, None where it repeats none."""
        found: list[Match | None] = [None] * len(texts)
        if not self._claims:
            return found
        passages = [(at, whole, passage) for at, text in enumerate(texts) for whole, passage in _passages(text)]
        for start in range(0, len(passages), AT_ONCE):
            some = passages[start : start + AT_ONCE]
            scores = self._scores([passage for _, _, passage in some])
            near = scores >= SUGGEST
            for row in np.flatnonzero(near.any(axis=1)):
                at, whole, passage = some[row]
                told = read(passage)
                for claim in np.flatnonzero(near[row]):
                    found[at] = _best(found[at], self._judge(int(claim), float(scores[row, claim]), whole, told))
        return found

    def _scores(self, passages: Sequence[str]) -> NDArray[np.float32]:
        there = np.zeros((len(passages), len(self._columns)), np.float32)
        for row, passage in enumerate(passages):
            columns = [self._columns[feature] for feature in _features(passage) if feature in self._columns]
            there[row, columns] = 1.0
        return there @ self._matrix

    def _judge(self, number: int, score: float, whole: str, told: Gist) -> Match | None:
        claim = self._claims[number]
        if contradicts(claim, told):
            return None
        return Match(number, min(1.0, score), score >= SURE and all(name in whole for name in claim.names))


def _best(one: Match | None, other: Match | None) -> Match | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda match: (match.sure, match.score))


def _plain(text: str) -> str:
    return in_digits(fold(text))


def _passages(text: str) -> Iterator[tuple[str, str]]:
    """Yields the folded text with each passage of it; each begins half way of the one before."""
    whole = _plain(text[:LONGEST])
    for start in range(0, max(1, len(whole) - PASSAGE // 2), PASSAGE // 2):
        yield whole, whole[start : start + PASSAGE]


def _features(text: str) -> set[str]:
    return {one for one in text if one.isalnum()} | {a + b for a, b in pairwise(text) if a.isalnum() and b.isalnum()}


def _weights(about: Gist) -> dict[str, float]:
    """Weighs what may be repeated: a character, or two that stand together, by the greatest weight of any place."""
    text, heavy = about.text, _by_place(about)
    found: dict[str, float] = {}
    for at, one in enumerate(text):
        if not one.isalnum():
            continue
        found[one] = max(found.get(one, 0.0), heavy[at])
        if at + 1 < len(text) and text[at + 1].isalnum():
            pair = one + text[at + 1]
            found[pair] = max(found.get(pair, 0.0), (heavy[at] + heavy[at + 1]) / 2)
    return found


def _by_place(about: Gist) -> list[float]:
    """Weighs each character of a claim; what is said of something stands at the end of a clause."""
    weights = [_LIGHT_WEIGHT if one in _LIGHT else 1.0 for one in about.text]
    for clause in _CLAUSE.finditer(about.text):
        for at in range(max(clause.start(), clause.end() - 2), clause.end()):
            weights[at] = max(weights[at], _SAID_WEIGHT if about.text[at] not in _LIGHT else 0.0)
    return weights
