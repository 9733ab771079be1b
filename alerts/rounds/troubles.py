"""A round over what is wrong with parts of ours: remembered, made an incident, closed once it is well."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.tables import CaseRow
from alerts.casefile.troubles.casework import open_incident, recover
from alerts.incidents.debounce import Move, Remembered, moves
from alerts.incidents.tables import TroubleRow
from alerts.incidents.troubles import Trouble, troubles
from alerts.rounds.stock import Stock
from alerts.watch import hold_watch
from stream.process.failpoints import failpoint
from stream.state.database import reading, transaction
from stream.state.leases import Lease, check_lease

log = get_logger()


class TroubleRound:
    """Finds what is wrong and sees to it that somebody has it. Only the holder of the watcher's lease does."""

    def __init__(self, context: CaseContext, holder: str, stock: Stock) -> None:
        self._context, self._holder, self._stock = context, holder, stock

    def __call__(self, now: datetime) -> dict[str, Move]:
        """Does one round; what was done about each trouble, by its key. {} while another watcher holds the lease.

        What fails of one trouble is noted, and the others go on.
        """
        lease = hold_watch(self._context, self._holder, now)
        if lease is None:
            return {}
        config = self._context.config.incidents
        present = {one.key: one for one in troubles(self._stock.take(now), config, now)}
        with reading(self._context.engine) as session:
            kept = _remembered(session)
        decided = moves(kept, present.values(), config, now)
        failures = self._context.failures
        failures.keep_only(FailureKind.INCIDENT, decided)
        for key, move in decided.items():
            with failures.guarding(FailureKind.INCIDENT, key, now):
                self._make(key, move, present.get(key), lease, now)
        return decided

    def _make(self, key: str, move: Move, trouble: Trouble | None, lease: Lease, now: datetime) -> None:
        if move is Move.KEEP and trouble is None:
            return
        with transaction(self._context.engine) as session:
            check_lease(session, lease)
            row = session.get(TroubleRow, key)
            if trouble is not None:
                row = _seen(session, row, trouble, now)
                if move is Move.NOTE:
                    _note(session, row, now)
                elif move is Move.OPEN:
                    held = replace(trouble, since=min(trouble.since, row.first_seen_at))
                    row.case_id, row.told_at = open_incident(session, self._context, held, now).id, now
            elif row is not None:
                self._end(session, row, move, now)
            if move in (Move.OPEN, Move.RECOVER):
                failpoint("incident.written")
        if move in (Move.OPEN, Move.RECOVER):
            log.warning("incident", trouble=key, move=move)

    def _end(self, session: Session, row: TroubleRow, move: Move, now: datetime) -> None:
        match move:
            case Move.FADE:
                row.gone_at = now
            case Move.RECOVER if row.case_id is not None:
                recover(session, self._context, row.case_id, now)
            case Move.FORGET:
                session.delete(row)


def read_troubles(session: Session) -> list[TroubleRow]:
    """Finds what is wrong now and was told of, the gravest first."""
    told = select(TroubleRow).join(CaseRow, CaseRow.id == TroubleRow.case_id).where(CaseRow.ended_at.is_(None))
    order = ("red", "orange", "yellow", "blue")
    return sorted(session.scalars(told), key=lambda row: (order.index(row.grade), row.key))


def _seen(session: Session, row: TroubleRow | None, trouble: Trouble, now: datetime) -> TroubleRow:
    """Writes down what is known of the trouble now."""
    if row is None:
        row = TroubleRow(key=trouble.key, first_seen_at=now)
        session.add(row)
    if (row.grade, row.what) != (str(trouble.grade), trouble.what):
        row.grade, row.what, row.since = str(trouble.grade), trouble.what, min(trouble.since, now)
    return row


def _note(session: Session, row: TroubleRow, now: datetime) -> None:
    if row.gone_at is not None and not _is_open(session, row.case_id):
        row.first_seen_at = now
    row.gone_at = None


def _is_open(session: Session, case_id: int | None) -> bool:
    return case_id is not None and session.get_one(CaseRow, case_id).ended_at is None


def _remembered(session: Session) -> dict[str, Remembered]:
    rows = select(TroubleRow, CaseRow.id, CaseRow.ended_at).outerjoin(CaseRow, CaseRow.id == TroubleRow.case_id)
    return {
        row.key: Remembered(
            first_seen_at=row.first_seen_at, gone_at=row.gone_at, told_at=row.told_at,
            is_open=case_id is not None and ended_at is None,
        )
        for row, case_id, ended_at in session.execute(rows)
    }  # fmt: skip
