"""What a process says of itself and of others."""

import os
import subprocess
import sys

from stream.process.holders import ended, holder, this_machine


def test_a_holder_that_runs_has_not_ended_and_one_that_ended_has() -> None:
    assert holder().endswith(str(os.getpid()))
    assert not ended(holder())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert ended(f"{this_machine()} {gone.pid}")
    assert not ended(f"another-machine {gone.pid}")
    assert not ended("nobody's words")
