"""The way of what comes in over HTTP into the log: one thread, which takes all that waits for it at once.

Whoever sends is answered only when the log has what was sent. To take together what comes together keeps fifty
senders within the five seconds of 企业微信, each take being a write to the log and two of the state.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, Full, Queue
from threading import Lock, Thread

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.cursors import Cursors
from crawlers.health import Tally, recorded, tell
from crawlers.intake import Intake, Origin
from crawlers.pages.observation import Observation
from crawlers.source import Source
from stream.errors import Retryable
from stream.log.broker import Producer
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

MOST_WAITING = 500  # letters in line; more would not be answered in time
TOGETHER = 100  # letters at once
TOLD_EVERY = timedelta(minutes=1)
_LOOK = 1.0  # seconds

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one request brought, and its end: `done` is given None once the log has it, else why it has not."""

    source: str
    observations: Sequence[Observation]
    done: "Future[Exception | None]" = field(default_factory=Future)


class Desk:
    """Takes letters of several sources. Counts by source what came, refusals too, and writes it down each minute."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        origins: Mapping[str, Origin],
        *,
        producer: Producer,
        engine: Engine,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._origins = origins
        self._producer = producer
        self._engine = engine
        self._clock = clock
        self._line: Queue[Letter | None] = Queue(MOST_WAITING)
        self._tallies: dict[str, Tally] = {}
        self._held: dict[str, str] = {}
        self._turn = Lock()
        self._told_at = clock.now()
        self._thread = Thread(target=self._work, name="desk", daemon=True)

    def open(self) -> None:
        """Begins to take letters."""
        self._thread.start()

    def close(self) -> None:
        """Takes what still waits, writes down how it went, and ends."""
        self._line.put(None)
        self._thread.join()

    def hand_in(self, source: str, observations: Sequence[Observation]) -> "Future[Exception | None]":
        """Puts a letter in line; the future is given None when the log has it, else why it has not."""
        letter = Letter(source, observations)
        try:
            self._line.put_nowait(letter)
        except Full:
            letter.done.set_result(Retryable("too_many_at_once"))
        return letter.done

    def refuse(self, source: str, reason: str) -> None:
        """Counts what was sent and not taken, so that the source's line tells of it."""
        self.note(source, Tally(failures=Counter([reason])))
        log.warning("not taken", source=source, reason=reason)

    def note(self, source: str, tally: Tally) -> None:
        """Adds what was counted elsewhere to what the source's line tells."""
        with self._turn:
            _add(self._tallies.setdefault(source, Tally()), tally)

    def hold(self, source: str, reason: str) -> None:
        """Says of a source that it is refused something until a person acts, in every line from now on; "": no more."""
        with self._turn:
            if self._held.get(source, "") != reason:
                self._held[source] = reason
                self._tallies.setdefault(source, Tally()).pages += 1

    def _work(self) -> None:
        going = True
        while going:
            letters, going = self._waiting()
            for source in dict.fromkeys(letter.source for letter in letters):
                self._take(source, [letter for letter in letters if letter.source == source])
            if not going or self._clock.now() - self._told_at >= TOLD_EVERY:
                self._tell(self._clock.now())

    def _waiting(self) -> tuple[list[Letter], bool]:
        """Waits a moment for a letter, then takes what has come meanwhile; False when it was told to end."""
        letters: list[Letter] = []
        with suppress(Empty):
            one = self._line.get(timeout=_LOOK)
            while one is not None:
                letters.append(one)
                if len(letters) == TOGETHER:
                    return letters, True
                one = self._line.get_nowait()
            return letters, False
        return letters, True

    def _take(self, source: str, letters: Sequence[Letter]) -> None:
        answer: Exception | None = None
        tally = Tally()
        intake = Intake(
            self._origins[source],
            producer=self._producer,
            cursors=Cursors(self._engine, self._origins[source].site),
            clock=self._clock,
            tally=tally,
        )
        try:
            intake.take("", [one for letter in letters for one in letter.observations])
            tally.pages = len(letters)
            failpoint("reception.kept")
        except Retryable as error:
            log.warning("log or state away", source=source, reason=error.reason)
            answer = error
        except Exception as error:  # of ours: the next letters may fare better, and whoever sent these sends again
            log.exception("letters not taken", source=source, letters=len(letters))
            answer = error
        self.note(source, tally)
        for letter in letters:
            with suppress(InvalidStateError):  # whoever asked is gone
                letter.done.set_result(answer)

    def _tell(self, now: datetime) -> None:
        self._told_at = now
        with self._turn:
            tallies, self._tallies = self._tallies, {}
            for name, tally in tallies.items():
                tally.blocked = self._held.get(name, "")
        for name, tally in tallies.items():
            source = self._sources[name]
            try:
                with recorded(
                    self._engine,
                    name,
                    source.site,
                    tally,
                    clock=self._clock,
                    fresh_until=source.fresh_until,
                    due_at=source.due_at,
                ):
                    pass
            except Retryable as error:
                log.warning("health not written", source=name, reason=error.reason)
                self.note(name, tally)  # for the next minute
                continue
            tell(self._engine, self._producer, name, now)


def _add(whole: Tally, part: Tally) -> None:
    for name in _counted():
        setattr(whole, name, getattr(whole, name) + getattr(part, name))
    whole.failures.update(part.failures)
    whole.unknown.update(part.unknown)
    whole.examples = part.examples | whole.examples


def _counted() -> Iterator[str]:
    yield from ("pages", "read", "new", "changed", "deleted")
