"""How hypothesis draws inputs for a target: good ones cut, joined and strewn with its words, or anything at all."""

from typing import NamedTuple

from hypothesis import strategies as st

from tests.fuzz.targets import Target


class Edit(NamedTuple):
    """Puts `new` in the place of `gone` bytes, `at` thousandths into an input."""

    at: int
    gone: int
    new: bytes


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Bytes for `target`."""
    pieces = st.sampled_from(target.words) | st.binary(max_size=8) | st.sampled_from(target.seeds).map(_middle)
    edits = st.lists(st.builds(Edit, st.integers(0, 1000), st.integers(0, 40), pieces), max_size=6)
    return st.builds(_edited, st.sampled_from((*target.seeds, b"")), edits) | st.binary(max_size=200)


def _middle(seed: bytes) -> bytes:
    third = len(seed) // 3
    return seed[third : 2 * third][:400]


def _edited(seed: bytes, edits: list[Edit]) -> bytes:
    for edit in edits:
        at = len(seed) * edit.at // 1000
        seed = seed[:at] + edit.new + seed[at + edit.gone :]
    return seed
