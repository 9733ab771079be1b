"""The library's table, and how claims go in and out of it."""

from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from alerts.claims.claim import Claim
from alerts.workflow.parts import Verdict
from stream.state.database import Base, Serial, advisory_lock


class ClaimRow(Base):
    """A claim. Never changed but by being retired: another statement is another claim."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    claim: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str]  # by its key
    statement: Mapped[str] = mapped_column(Text)
    owner: Mapped[str]
    evidence: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(Serial)
    retired_at: Mapped[datetime | None]


_CLAIM = tuple(field.name for field in fields(Claim))


def insert_claim(session: Session, claim: Claim) -> Claim:
    """Inserts the claim and returns it with its number; whatever number it has is ignored."""
    row = ClaimRow(**{name: getattr(claim, name) for name in _CLAIM if name != "id"})
    session.add(row)
    session.flush()
    return replace(claim, id=row.id)


def find_claim(session: Session, claim_id: int) -> Claim | None:
    """Reads one claim, retired or not."""
    row = session.get(ClaimRow, claim_id)
    return _read(row) if row else None


def retire_claim(session: Session, claim_id: int, now: datetime) -> None:
    """Takes a claim out of use; the first time stays."""
    row = session.get_one(ClaimRow, claim_id, with_for_update=True)
    row.retired_at = row.retired_at or now


def read_claims(session: Session, *, also_retired: bool = False) -> list[Claim]:
    """Reads the claims in use in order of their numbers; all there ever were with `also_retired`."""
    query = select(ClaimRow).order_by(ClaimRow.id)
    return list(map(_read, session.scalars(query if also_retired else query.where(ClaimRow.retired_at.is_(None)))))


def lock_library(session: Session) -> None:
    """Keeps everybody else from adding a claim until the transaction ends."""
    advisory_lock(session, "claims library")


def _read(row: ClaimRow) -> Claim:
    values: dict[str, Any] = {name: getattr(row, name) for name in _CLAIM}
    return Claim(**{**values, "verdict": Verdict(row.verdict)})
