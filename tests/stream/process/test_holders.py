"""What a process says of itself and of others, and how it tidies up."""

import gc
import os
import subprocess
import sys

from stream.process.holders import SELDOM, collecting_seldom, ended, holder, this_machine


def test_a_holder_that_runs_has_not_ended_and_one_that_ended_has() -> None:
    assert not ended(holder())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert ended(f"{this_machine()} {gone.pid}")
    assert not ended(f"another-machine {gone.pid}")
    assert not ended("nobody's words")


def test_a_stage_looks_for_garbage_seldom_and_leaves_the_process_as_it_was() -> None:
    before = gc.get_threshold()
    with collecting_seldom():
        assert gc.get_threshold() == (SELDOM, *before[1:])
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
    assert holder().endswith(str(os.getpid()))
