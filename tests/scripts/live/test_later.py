from datetime import timedelta

from scripts.live.later import LaterClock
from stream.process.clock import SystemClock


def test_a_clock_that_is_set_forward_goes_on_as_the_machines_does() -> None:
    earliest = SystemClock().now() + timedelta(days=8)
    assert earliest <= LaterClock(timedelta(days=8)).now() <= earliest + timedelta(minutes=5)
