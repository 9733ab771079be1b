"""Posts that were erased for good. What keeps or shows posts asks here before it takes one up again.

Tombstones lie in the state database, not in the index: the index may be thrown away and built again from the log,
which still has the erased posts until their time is over.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine, Select, bindparam, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.process.clock import Clock
from stream.state.database import Base, advisory_lock, reading, transaction

CHUNK = 1000  # ids in one statement
FEW = 100  # tombstones that are read faster than asked for by id


class TombstoneRow(Base):
    """One erased post. `until` is when it need not be kept away any more; None: never."""

    __tablename__ = "tombstone"

    post_id: Mapped[str] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime]
    reason: Mapped[str]
    until: Mapped[datetime | None]


def bury(
    engine: Engine, ids: Collection[str], now: datetime, *, reason: str, until: datetime | None = None
) -> frozenset[str]:
    """Notes that posts are erased: to be done before they are removed anywhere. Doing it again changes nothing.

    Returns those that were not noted before.
    """
    with transaction(engine) as session:
        advisory_lock(session, "tombstones")
        new = frozenset(post_id for post_id in ids if session.get(TombstoneRow, post_id) is None)
        session.add_all(
            TombstoneRow(post_id=post_id, erased_at=now, reason=reason, until=until) for post_id in sorted(new)
        )
    return new


def remove_expired(engine: Engine, now: datetime, *, dry: bool = False) -> int:
    """Removes tombstones whose end has come; how many. `dry`: removes none."""
    ended = TombstoneRow.until <= now
    with transaction(engine) as session:
        number = session.scalar(select(func.count()).select_from(TombstoneRow).where(ended)) or 0
        if not dry:
            session.execute(delete(TombstoneRow).where(ended))
    return number


def standing(now: datetime) -> Select[str]:
    """Selects the ids that must not come back, as a part of other statements."""
    return select(TombstoneRow.post_id).where(or_(TombstoneRow.until.is_(None), TombstoneRow.until > now))


_ANY = select(TombstoneRow.post_id).where(
    or_(TombstoneRow.until.is_(None), TombstoneRow.until > bindparam("now"))
).limit(FEW + 1)  # fmt: skip


def gone(within: Session | Connection, ids: Collection[str], now: datetime) -> frozenset[str]:
    """Finds those of `ids` that must not come back.

    Quicker where there are few tombstones at all, as there mostly are.
    """
    few = within.scalars(_ANY, {"now": now}).all()
    if len(few) <= FEW:
        return frozenset(few).intersection(ids)
    names = list(ids)
    chunks = (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))
    return frozenset(
        found for chunk in chunks for found in within.scalars(standing(now).where(TombstoneRow.post_id.in_(chunk)))
    )


def asking(engine: Engine, clock: Clock) -> Callable[[Collection[str]], frozenset[str]]:
    """Makes `gone` for those who hold no transaction.

    Each call is one of its own, and raises `Retryable` as such do.
    """

    def ask(ids: Collection[str]) -> frozenset[str]:
        with reading(engine) as session:
            return gone(session.connection(), ids, clock.now())

    return ask


def all_gone(engine: Engine, now: datetime) -> Iterator[str]:
    """Yields every id that must not come back, in order, without holding a transaction meanwhile."""
    last = ""
    while True:
        with reading(engine) as session:
            following = standing(now).where(TombstoneRow.post_id > last).order_by(TombstoneRow.post_id)
            chunk = list(session.scalars(following.limit(CHUNK)))
        yield from chunk
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]
