"""What lies in a case's folder beside its history: statements, remedies, and who gets a copy of its letters."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.state.database import Base, Serial


class StatementRow(Base):
    """A revision of the words by which a case is answered. Its text is never changed: who corrects it writes anew."""

    __tablename__ = "alert_statement"
    __table_args__ = (UniqueConstraint("case_id", "revision"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))
    revision: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    sent_back_by: Mapped[str | None]
    sent_back_at: Mapped[datetime | None]
    sent_back_why: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    void_at: Mapped[datetime | None]


class RemedyRow(Base):
    """What a desk promised to put right until when, and the proof that it did. A new plan replaces the one before."""

    __tablename__ = "alert_remedy"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))
    number: Mapped[int]
    desk: Mapped[str]
    until: Mapped[datetime]
    plan: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    proof: Mapped[str | None] = mapped_column(Text)


class CopyRow(Base):
    """A person who gets a copy of every letter of the case, and is asked for nothing."""

    __tablename__ = "alert_copy"
    __table_args__ = (UniqueConstraint("case_id", "person"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))
    person: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A revision of a case's statement. Void since `void_at`: the verdict it answers was corrected, or burnt over."""

    revision: int
    text: str
    by: str
    at: datetime
    approved_by: str | None
    approved_at: datetime | None
    sent_back_by: str | None
    sent_back_at: datetime | None
    sent_back_why: str | None
    published_at: datetime | None
    void_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A plan to put something right: by which desk, until when, and what proves that it was done."""

    number: int
    desk: str
    until: datetime
    plan: str
    by: str
    at: datetime
    replaced_at: datetime | None
    done_by: str | None
    done_at: datetime | None
    proof: str | None


_STATEMENT = tuple(field.name for field in fields(Statement))
_REMEDY = tuple(field.name for field in fields(Remedy))


def statements_of(session: Session, case_id: int) -> tuple[Statement, ...]:
    """Reads every revision of the case's statement, the oldest first."""
    rows = session.scalars(select(StatementRow).where(StatementRow.case_id == case_id).order_by(StatementRow.revision))
    return tuple(Statement(**{name: getattr(row, name) for name in _STATEMENT}) for row in rows)


def remedies_of(session: Session, case_id: int) -> tuple[Remedy, ...]:
    """Reads every plan of the case, the oldest first."""
    rows = session.scalars(select(RemedyRow).where(RemedyRow.case_id == case_id).order_by(RemedyRow.number))
    return tuple(Remedy(**{name: getattr(row, name) for name in _REMEDY}) for row in rows)


def copied_to(session: Session, case_id: int) -> tuple[str, ...]:
    """Lists the keys of the people who get a copy, in the order in which they were named."""
    return tuple(session.scalars(select(CopyRow.person).where(CopyRow.case_id == case_id).order_by(CopyRow.id)))


def newest_statement(session: Session, case_id: int) -> StatementRow | None:
    """Finds the newest revision of the case's statement."""
    query = select(StatementRow).where(StatementRow.case_id == case_id).order_by(StatementRow.revision.desc()).limit(1)
    return session.scalar(query)


def standing_words(session: Session, case_id: int) -> str:
    """Returns the statement as it stands, approved or to be: "" where there is none, it was sent back, or is void."""
    row = newest_statement(session, case_id)
    return row.text if row is not None and row.void_at is None and row.sent_back_at is None else ""


def approved_statement(session: Session, case_id: int) -> StatementRow | None:
    """Finds the newest revision, if it is approved and the verdict still stands that it answers."""
    row = newest_statement(session, case_id)
    return row if row is not None and row.approved_at is not None and row.void_at is None else None


def present_plan(session: Session, case_id: int) -> RemedyRow | None:
    """Finds the plan that is not done yet and that no other one replaced."""
    waits = (RemedyRow.case_id == case_id, RemedyRow.done_at.is_(None), RemedyRow.replaced_at.is_(None))
    return session.scalar(select(RemedyRow).where(*waits).order_by(RemedyRow.number.desc()).limit(1))


def next_number(session: Session, case_id: int) -> int:
    """Finds the number of the case's next plan."""
    return (session.scalar(select(func.max(RemedyRow.number)).where(RemedyRow.case_id == case_id)) or 0) + 1


def void_statement(session: Session, case_id: int, now: datetime) -> None:
    """Makes every revision void that is approved or waits: what it answers has changed."""
    still = (StatementRow.case_id == case_id, StatementRow.void_at.is_(None), StatementRow.sent_back_at.is_(None))
    session.execute(update(StatementRow).where(*still).values(void_at=now))
