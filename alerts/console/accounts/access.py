"""The record of what was done on the console beside acts on cases, and what it says of who tries to get in."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from alerts.console.tables import AccessRow

WINDOW = timedelta(minutes=15)  # in which failures are counted
PER_ACCOUNT = 5  # failures, after which even the right password waits; NIST SP 800-63B, 5.2.2 allows 100
PER_ADDRESS = 30  # failures: a whole office may stand behind one address


class Access(StrEnum):
    """What was done: `AccessRow.what`."""

    SIGNED_IN = "signed_in"
    CONFIRMED = "password_confirmed"
    FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PASSWORD_SET = "password_set"
    INVITED = "invited"
    SIGNED_BY_LINK = "signed_by_link"
    WRONG_DIGITS = "wrong_digits"
    SAMPLE = "sample"
    RETRY = "retry"
    REPLAY = "replay"
    EXPORT = "export"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries: a key of people, or what was typed where nobody is called so, and the address it came from."""

    person: str
    typed: str
    client: str

    @property
    def detail(self) -> str:
        """What tells tries under one unknown name apart from others: no word of it, a password may be typed there."""
        return "" if self.person else hashlib.sha256(self.typed.encode("utf-8", "replace")).hexdigest()[:16]


def note_access(
    session: Session, at: datetime, what: Access, *, person: str, client: str, detail: str = ""
) -> AccessRow:
    """Records it within the caller's transaction."""
    row = AccessRow(at=at, person=person, client=client, what=what, detail=detail)
    session.add(row)
    session.flush()
    return row


def barred_until(session: Session, caller: Caller, now: datetime) -> datetime | None:
    """Tells until when nobody may try for this account or from this address; None where one may try now."""
    since = and_(AccessRow.what == Access.FAILED, AccessRow.at > now - WINDOW)
    own = and_(since, AccessRow.person == caller.person, AccessRow.detail == caller.detail)
    last = select(func.max(AccessRow.id)).where(
        AccessRow.person == caller.person, AccessRow.what.in_((Access.SIGNED_IN, Access.PASSWORD_SET))
    )
    if caller.person and (known := session.scalar(last)) is not None:
        own = and_(own, AccessRow.id > known)
    found = (
        _opens(session, own, PER_ACCOUNT),
        _opens(session, and_(since, AccessRow.client == caller.client), PER_ADDRESS),
    )
    return max(filter(None, found), default=None)


def entries_of(session: Session, person: str, kinds: Iterable[Access], most: int) -> list[AccessRow]:
    """Reads what is recorded of a person, the latest first."""
    query = select(AccessRow).where(AccessRow.person == person, AccessRow.what.in_(tuple(kinds)))
    return list(session.scalars(query.order_by(AccessRow.id.desc()).limit(most)))


def _opens(session: Session, which: ColumnElement[bool], most: int) -> datetime | None:
    """Tells when fewer than `most` of these failures will lie within the window; None where that is so now."""
    latest = list(session.scalars(select(AccessRow.at).where(which).order_by(AccessRow.at.desc()).limit(most)))
    return latest[-1] + WINDOW if len(latest) == most else None
