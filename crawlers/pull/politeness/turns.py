"""One crawl of a host at a time, wherever it runs: two side by side would ask twice as often as either was allowed to.

A turn is a lease in the state database, renewed while the crawl lasts. One that is killed gives its turn back: at once
on its own machine, elsewhere when the lease ends.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine
from structlog import get_logger

from stream.errors import Retryable
from stream.process.clock import Clock
from stream.state.database import transaction
from stream.state.leases import Lease, give_lease, take_lease

LASTS = timedelta(seconds=90)  # without a renewal
RENEWED = timedelta(seconds=20)  # so three may fail
LOOKED = 1.0  # seconds between two looks whether a host is free

log = get_logger(__name__)


class Turn:
    """The right to ask a host. `holder` is the process, as stream/process/holders.py names it."""

    def __init__(self, engine: Engine, host: str, holder: str) -> None:
        self._engine, self.host, self._holder = engine, host, holder
        self._lease: Lease | None = None
        self._renewed: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Takes the turn, or renews it; False while another crawl has it. Raises `Retryable` as the state does."""
        with transaction(self._engine) as session:
            lease = take_lease(session, f"host {self.host}", self._holder, now, LASTS)
            lost = self._lease is not None and lease is not None and lease.token != self._lease.token
        if lease is not None and not lost:
            self._lease, self._renewed = lease, now
        return lease is not None and not lost

    def keep(self, now: datetime) -> bool:
        """Renews the turn where that is due; False if it went to another crawl, so that this one must end.

        A state that does not answer is no reason to end: nobody can take the turn there meanwhile.
        """
        if self._renewed is not None and abs(now - self._renewed) < RENEWED:
            return True
        try:
            return self.take(now)
        except Retryable as error:
            log.warning("turn not renewed", host=self.host, reason=error.reason)
            return True

    def give(self, now: datetime) -> None:
        """Gives the turn back."""
        if self._lease is not None:
            with suppress(Retryable), transaction(self._engine) as session:  # it ends by itself
                give_lease(session, self._lease, now)


@contextmanager
def turn(
    engine: Engine, host: str, *, clock: Clock, holder: str, give_up: Callable[[], bool] = lambda: False
) -> Iterator[Turn | None]:
    """Waits for the host's turn, and has it meanwhile; None where `give_up` said to wait no more."""
    one = Turn(engine, host, holder)
    waited = False
    while not one.take(clock.now()):
        if not waited:
            log.info("crawl waits for another one of its host", host=host)
        waited = True
        if give_up():
            yield None
            return
        clock.sleep(LOOKED)
    try:
        yield one
    finally:
        one.give(clock.now())


@contextmanager
def turns(
    engine: Engine, hosts: Collection[str], *, clock: Clock, holder: str, give_up: Callable[[], bool] = lambda: False
) -> Iterator[Sequence[Turn] | None]:
    """Has the turns of several hosts, taken in one order, so that two crawls never wait for each other."""
    with ExitStack() as stack:
        had: list[Turn] = []
        for host in sorted(hosts):
            one = stack.enter_context(turn(engine, host, clock=clock, holder=holder, give_up=give_up))
            if one is None:
                break
            had.append(one)
        yield had if len(had) == len(hosts) else None
