"""What fails again and again while the rest goes on: one guard round each part, and a record that operators are shown.

A topic, a task or a letter that fails is no reason to leave the others alone. It is logged, and kept as a file of its
own under `var/trouble` until it works again: `python -m alerts check` lists them, whoever wrote them. Nothing of what
failed counts as done, so it is tried in the next round.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import RLock

from pydantic import TypeAdapter, ValidationError
from structlog import get_logger

from stream.errors import Retryable

FOLDER = "trouble"  # under `var`
LONGEST = 300  # characters of an error's words

log = get_logger()


class FailureKind(StrEnum):
    """What fails."""

    TOPIC = "topic"  # the look at one topic
    TRIGGERS = "triggers"  # the look at what opens cases beside counts
    TASK = "task"  # a task's reminder, or the next desk's call
    LETTER = "letter"  # a letter's words, so that a short one went in its place
    REPAIR = "repair"  # a case whose step nobody had, or of another clock, put right
    INCIDENT = "incident"  # a trouble of ours, told or ended
    REPLY = "reply"  # a mail that answers a letter
    ROUND = "round"  # what is minded beside the looking: the audit, incidents, briefs, the sign of life
    HISTORY = "history"  # the cases' history on its way into the log


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that fails: since when, when last, in the words of the last error."""

    part: FailureKind
    about: str
    since: datetime
    last: datetime
    words: str


_FAILURE: TypeAdapter[Failure] = TypeAdapter(Failure)


class Failures:
    """The record, in a folder that lives longer than a process, or in memory where there is none.

    The threads of a watcher share one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = RLock()
        self._noted: dict[tuple[FailureKind, str], Failure] = {}
        self.read()

    def read(self) -> None:
        """Reads what other processes noted, or the one before."""
        if self._folder is not None:
            self._noted = {(one.part, one.about): one for one in _read(self._folder)}

    @contextmanager
    def guarding(self, part: FailureKind, about: str, now: datetime) -> Iterator[None]:
        """Notes what fails inside and lets the caller go on; what worked is taken off the record.

        Passes on what means that nothing else would work either: `Retryable` for an engine that is away or a lease
        that is lost, MemoryError, and all that is no Exception.
        """
        try:
            yield
        except (Retryable, MemoryError):
            raise
        except Exception as error:
            self.note(part, about, error, now)
        else:
            self.clear(part, about)

    def note(self, part: FailureKind, about: str, error: Exception, now: datetime) -> None:
        """Logs the error, whole where it is news, and writes it down."""
        words = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST]
        before = self._noted.get((part, about))
        if before is None or before.words != words:
            log.error("trouble", part=part, about=about, exc_info=error)
        else:
            log.warning("trouble_goes_on", part=part, about=about, since=before.since.isoformat(), words=words)
        failure = Failure(part, about, before.since if before else now, now, words)
        with self._lock:
            self._noted[part, about] = failure
            if self._folder is not None:
                try:
                    _write(self._folder, failure)
                except OSError as failed:
                    log.error("trouble_not_written", part=part, about=about, reason=str(failed))

    def clear(self, part: FailureKind, about: str) -> None:
        """Takes off the record what works again."""
        with self._lock:
            known = self._noted.pop((part, about), None) is not None
            file = _file(self._folder, part, about) if self._folder is not None else None
            if file is not None and file.exists():  # also what another process noted
                known = True
                with suppress(OSError):
                    file.unlink(missing_ok=True)
        if known:
            log.info("trouble_over", part=part, about=about)

    def keep_only(self, part: FailureKind, abouts: Collection[str]) -> None:
        """Takes off the record what there is no more, and so can never work again."""
        for one in self.open():
            if one.part is part and one.about not in abouts:
                self.clear(part, one.about)

    def open(self) -> list[Failure]:
        """Lists what fails, the longest first."""
        with self._lock:
            return sorted(self._noted.values(), key=lambda one: (one.since, one.about))

    def since(self, part: FailureKind) -> datetime | None:
        """Tells since when anything of this part fails."""
        return min((one.since for one in self.open() if one.part is part), default=None)


def _file(folder: Path, part: FailureKind, about: str) -> Path:
    return folder / f"{part}.{sha256(about.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.json"


def _write(folder: Path, failure: Failure) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = _file(folder, failure.part, failure.about)
    half = file.with_suffix(".part")
    half.write_bytes(_FAILURE.dump_json(_writable(failure)))
    half.replace(file)


def _writable(failure: Failure) -> Failure:
    about, words = (one.encode("utf-8", "replace").decode() for one in (failure.about, failure.words))
    return replace(failure, about=about, words=words)


def _read(folder: Path) -> Iterator[Failure]:
    for file in sorted(folder.glob("*.json")):
        with suppress(OSError, ValidationError):
            yield _FAILURE.validate_json(file.read_bytes())
