"""Processes of this machine: what holds something and has ended need not be waited for."""

import os
import socket


def this_machine() -> str:
    """Names this machine, or the container: where process ids mean the same."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def runs(pid: int) -> bool:
    """Tells whether a process of this machine still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def holder() -> str:
    """Names this process, as one that holds a lease."""
    return f"{this_machine()} {os.getpid()}"


def ended(other: str) -> bool:
    """Tells whether `other`, a holder, was a process of this machine and has ended.

    False for what may run elsewhere.
    """
    machine, _, pid = other.rpartition(" ")
    return machine == this_machine() and pid.isdecimal() and not runs(int(pid))
