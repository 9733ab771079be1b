"""A claim that was verified before, and one that is recognised in new posts. Values."""

from dataclasses import dataclass
from datetime import date, datetime

from alerts.workflow.parts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What was claimed, what the verification found, and what the organisation says of it.

    `owner` is the desk that answers for it. `valid_until` is the last day on which verdict and statement hold without
    being looked at again, None for always; `retired_at` is when a person took it out of use. `case_id` is the case in
    which it was verified.
    """

    id: int
    claim: str
    verdict: Verdict
    statement: str
    owner: str
    evidence: str
    valid_until: date | None
    made_at: datetime
    made_by: str
    case_id: int | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClaim:
    """A claim of the library that a case's posts repeat. `score` in 0..1; not `sure`: a person is to compare them."""

    id: int
    claim: str
    verdict: Verdict
    statement: str
    owner: str
    valid_until: date | None
    sure: bool
    score: float
