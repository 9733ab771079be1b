"""What a stage's worker did, told to the topic `health` once a minute."""

from collections.abc import Callable
from datetime import datetime
from os import getpid
from socket import gethostname

from structlog import get_logger

from stream.codec import STAGE_HEALTH
from stream.errors import Retryable
from stream.log.broker import HEALTH, Message, Producer
from stream.log.worker import Counters, log_counters
from stream.messages import StageHealth, event_id, wire_time
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

log = get_logger(__name__)


def this_process() -> str:
    """Names this process among all of its stage, on whichever machine."""
    return f"{gethostname()}:{getpid()}"


class HealthReporter:
    """Publishes what a worker reports, and tells `alive` that a round ended.

    A log that takes nothing is not waited for: the next record tells of both minutes.
    """

    def __init__(
        self, producer: Producer, clock: Clock, stage: str, instance: str, *, alive: Callable[[], object]
    ) -> None:
        self._alive = alive
        self._producer = producer
        self._clock = clock
        self._stage = stage
        self._instance = instance
        self._before = Counters()
        self._since = clock.now()

    def __call__(self, counters: Counters) -> None:
        """Logs and publishes what was done since the last record that the log took."""
        self._alive()
        log_counters(counters)
        now = self._clock.now()
        health = self._health(counters, now)
        try:
            self._producer.publish([Message(HEALTH, self._stage, STAGE_HEALTH.encode(health))])
        except Retryable as error:
            log.warning("health not published", reason=error.reason)
            return
        failpoint("health.published")
        self._before, self._since = counters, now

    def _health(self, counters: Counters, now: datetime) -> StageHealth:
        before = self._before
        return StageHealth(
            id=event_id(self._stage, self._instance, wire_time(now)),
            stage=self._stage,
            instance=self._instance,
            at=now,
            seconds=max(0.0, (now - self._since).total_seconds()),
            read=counters.read - before.read,
            done=counters.done - before.done,
            rejected=counters.rejected - before.rejected,
            retried=counters.retried - before.retried,
            fenced=counters.fenced - before.fenced,
            lag=counters.lag,
        )
