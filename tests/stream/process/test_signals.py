"""A first signal asks, a second acts; and afterwards all is as it was."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream.process.signals import stop_on_signals

ROOT = Path(__file__).parents[3]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A process started in the background ignores SIGINT; here it means what it means at a terminal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_first_signal_asks_for_a_stop_and_a_second_acts_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("interruptible")
def test_either_signal_asks_for_a_stop(number: signal.Signals) -> None:
    with stop_on_signals() as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(5)


def test_what_was_there_before_is_there_again_though_the_inside_crashed() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with pytest.raises(RuntimeError), stop_on_signals():
        raise RuntimeError
    assert {number: signal.getsignal(number) for number in before} == before


def test_other_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with stop_on_signals():
        assert signal.getsignal(signal.SIGHUP) is before


def test_a_signal_to_a_process_that_waits_wakes_it() -> None:
    code = (
        "from stream.process.signals import stop_on_signals\n"
        "with stop_on_signals() as stop:\n"
        "    print('ready', flush=True); stop.wait(60); print('asked', stop.is_set(), flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30)[0] == "asked True\n"
    assert process.returncode == 0
