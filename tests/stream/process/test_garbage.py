"""The collector looks less often inside, and as before outside, however the inside ends."""

import gc

import pytest

from stream.process.garbage import SELDOM, rare_garbage_collection


def test_a_stage_looks_for_garbage_seldom_and_leaves_the_process_as_it_was() -> None:
    before = gc.get_threshold()
    with rare_garbage_collection():
        assert gc.get_threshold() == (SELDOM, *before[1:])
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_stage_that_crashes_leaves_the_collector_as_it_was_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError), rare_garbage_collection():
        raise RuntimeError
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_one_inside_another_ends_with_the_outer_one_still_in_force() -> None:
    with rare_garbage_collection():
        inner = gc.get_threshold()
        with rare_garbage_collection():
            assert gc.get_threshold() == inner
        assert gc.get_threshold() == inner


def test_garbage_in_cycles_is_still_found_when_asked_for() -> None:
    class Node:
        pass

    with rare_garbage_collection():
        node = Node()
        node.itself = node  # type: ignore[attr-defined]
        del node
        assert gc.collect() >= 1
