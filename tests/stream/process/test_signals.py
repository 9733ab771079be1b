"""A first signal asks, a second acts; and afterwards all is as it was."""

import os
import signal
from collections.abc import Iterator

import pytest

from stream.process.signals import stop_on_signals


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
