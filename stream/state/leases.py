"""Leases: what only one process may do, for as long as it says so in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.errors import Fenced
from stream.process.holders import ended
from stream.state.database import Base, advisory_lock


class LeaseRow(Base):
    """Who may do a thing that only one process may do, until when. `token` grows with every change of holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    token: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Lease:
    """A right to act, proven inside each write transaction by `check_lease`."""

    name: str
    holder: str
    token: int


def take_lease(session: Session, name: str, holder: str, now: datetime, ttl: timedelta) -> Lease | None:
    """Takes the lease, or renews it, until `now + ttl`; returns None while somebody else holds it.

    A holder of this machine that has ended (see stream/process/holders.py) is not waited for.
    """
    advisory_lock(session, f"lease {name}")
    row = session.scalar(select(LeaseRow).where(LeaseRow.name == name).with_for_update())
    if row is None:
        row = LeaseRow(name=name, holder=holder, token=1, until=now + ttl)
        session.add(row)
    elif row.holder == holder or row.until <= now or ended(row.holder):
        row.token += row.holder != holder
        row.holder, row.until = holder, now + ttl
    else:
        return None
    session.flush()
    return Lease(name, holder, row.token)


def give_lease(session: Session, lease: Lease, now: datetime) -> None:
    """Gives a lease back: the next one need not wait for its end. Does nothing where it went to somebody else."""
    row = session.scalar(select(LeaseRow).where(LeaseRow.name == lease.name).with_for_update())
    if row is not None and (row.holder, row.token) == (lease.holder, lease.token):
        row.until = now


def check_lease(session: Session, lease: Lease) -> None:
    """Raises `Fenced` if the lease went to somebody else: what this transaction wrote must not be kept."""
    row = session.scalar(select(LeaseRow).where(LeaseRow.name == lease.name).with_for_update())
    if row is None or (row.holder, row.token) != (lease.holder, lease.token):
        raise Fenced(f"lease {lease.name} is held by {row.holder if row else 'nobody'}")
