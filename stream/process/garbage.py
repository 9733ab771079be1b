"""Python's collector of garbage, made to look less often where next to no garbage is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000  # objects made and kept between two looks for garbage in cycles; Python's own choice is 700


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Looks for garbage in cycles only now and then, and never in what is loaded already.

    A stage makes hundreds of thousands of objects a second and next to none in cycles: looking for those costs a reader
    of Kafka a quarter of its time.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
