"""Fingerprints by which copies of a text are known: equal for copies, a few bits apart for slightly changed ones.

A simhash of 64 bits (Charikar 2002): every distinct character bigram votes on each bit. Only letters and digits take
part, so that punctuation, spacing and emoji tell no copy from another.
"""

import numpy as np
from numpy.typing import NDArray

NOTHING = "0" * 16  # the fingerprint of a text without letters or digits; never a copy of anything
# splitmix64 (Steele, Lea, Flood 2014): the same hash on every machine and in every process, unlike hash()
_STEP, _FIRST, _SECOND = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def fingerprint(text: str) -> str:
    """Compute 16 hex digits for a normalised text (nlp.text or stream.matching.fold)."""
    letters = "".join(character for character in text if character.isalnum())
    if not letters:
        return NOTHING
    points = np.frombuffer(letters.encode("utf-32-le"), "<u4").astype(np.uint64)
    voters = np.unique(points[:-1] << np.uint64(32) | points[1:])
    if len(voters) % 2 == 0:  # an odd number knows no ties, which would all fall to one side
        voters = np.append(voters, points[0])
    votes = np.unpackbits(_mix(voters).astype(">u8").view(np.uint8).reshape(-1, 8), axis=1).sum(axis=0, dtype=np.int64)
    return np.packbits(votes * 2 > len(voters)).tobytes().hex()


def distance(one: str, other: str) -> int:
    """Count how many of the 64 bits differ: 0 for copies, about 32 for unrelated texts."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = values + _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
