"""Exceptions that tell their catcher what to do.

    WenfengError
    ├── Retryable            wait, then do the same again
    │   └── Fenced           drop the batch, rejoin, read again
    ├── Rejected             quarantine this record, go on with the next
    │   └── DecodeError      the same, with the raw bytes kept
    ├── TooManyRejects       stop the stage: the input or the code is broken, not one record
    └── ConfigError          print every mistake and exit with code 78

Anything else is a bug or a broken machine: it crashes the stage with its offsets uncommitted.
"""

from dataclasses import dataclass

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
EXIT_STOPPED = 70  # EX_SOFTWARE: the stage stopped itself, offsets unmoved


class WenfengError(Exception):
    """Raised when something named in this module happened; never raised itself."""


class Retryable(WenfengError):
    """Raised when the far side cannot take the work now; nothing of it counts as done."""

    def __init__(self, reason: str, after: float = 1.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after  # seconds to wait at least


class Fenced(Retryable):
    """Raised when a lease or partition now belongs to somebody else; what was read must be read again."""


class Rejected(WenfengError):
    """Raised when one record can never be processed; `reason` is a stable word, `detail` is for people."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class DecodeError(Rejected):
    """Raised when bytes are not a message of a known schema; keeps the bytes."""

    def __init__(self, detail: str, raw: bytes) -> None:
        super().__init__("undecodable", detail)
        self.raw = raw


class TooManyRejects(WenfengError):
    """Raised when so many records in a row were rejected that quarantining on would hide a broken stage."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong place in the configuration, in words for the person who wrote it."""

    file: str
    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.problem}" if self.key else f"{self.file}: {self.problem}"


class ConfigError(WenfengError):
    """Raised when the configuration cannot be used; carries every mistake found, not only the first."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes
