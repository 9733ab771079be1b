"""What a person of the demo may do: an act on a case, an answer to a letter by mail, a claim kept for the next time."""

from dataclasses import dataclass
from datetime import datetime

from alerts.workflow.cases import ActRequest


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """The answer to the newest letter that `by` got, as a mail program writes it."""

    by: str
    words: str


@dataclass(frozen=True, slots=True)
class KeepClaim:
    """A claim that `by` puts into the library, with what its case came to."""

    by: str
    claim: str
    evidence: str


Deed = ActRequest | MailAnswer | KeepClaim


@dataclass(frozen=True, slots=True)
class Planned:
    """A deed at a moment of the script. `refused`: the program is to say no, and why."""

    at: datetime
    deed: Deed
    refused: bool = False


@dataclass(slots=True)
class Turns:
    """When a case took the turns that people act on, None before it did. `calm_at`: after the first wave."""

    opened_at: datetime | None = None
    escalated_at: datetime | None = None
    calm_at: datetime | None = None
    rekindled_at: datetime | None = None
    calm_again_at: datetime | None = None
