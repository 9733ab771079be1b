"""Processes of this machine: what holds something and has ended need not be waited for; and how one tidies up."""

import gc
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000  # objects made and kept between two looks for garbage in cycles; Python's own choice is 700


def this_machine() -> str:
    """This machine, or the container: where process ids mean the same."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def runs(pid: int) -> bool:
    """Whether a process of this machine still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def holder() -> str:
    """This process, as one that holds a lease."""
    return f"{this_machine()} {os.getpid()}"


def ended(other: str) -> bool:
    """Whether `other`, a holder, was a process of this machine and has ended; False for what may run elsewhere."""
    machine, _, pid = other.rpartition(" ")
    return machine == this_machine() and pid.isdecimal() and not runs(int(pid))


@contextmanager
def collecting_seldom() -> Iterator[None]:
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
