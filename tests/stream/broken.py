"""A process that crashes at a named place, from inside one test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stream.process.failpoints import arm


@contextmanager
def broken_at(place: str, hit: int = 1) -> Iterator[None]:
    """What runs inside must crash at the `hit`-th time it gets to `place`."""
    arm(f"{place}=raise@{hit}")
    try:
        with pytest.raises(RuntimeError, match=place):
            yield
    finally:
        arm("")
