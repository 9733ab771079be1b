"""Browsers that signed in: a random cookie each, of which the database has the digest alone."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import Engine, delete, select, update

from alerts.console.tables import AccessRow, SessionRow, SpentLinkRow, ViewingRow
from stream.state.database import reading, transaction

IDLE = timedelta(hours=12)  # a duty officer's shift
LONGEST = timedelta(days=7)  # NIST SP 800-63B, 4.1.3: reauthenticate at least every 30 days; a week set by us
ACCESSES_KEPT = timedelta(days=200)  # 网络安全法 art. 21: logs are kept for six months at least
SPENT_KEPT = timedelta(days=400)  # longer than any step's limit, after which no link of it holds
SEEN_EVERY = timedelta(minutes=5)  # a row is written no more often for a visit


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that holds: the key of the person, and what the next page is to tell."""

    person: str
    told: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in, by the digest of its cookie; since when, and seen when."""

    digest: str
    began_at: datetime
    seen_at: datetime


def begin_session(engine: Engine, person: str, now: datetime) -> str:
    """Signs a person in; returns the cookie's value, which is kept nowhere. Forgets what the console need not know."""
    token = token_urlsafe(32)
    with transaction(engine) as session:
        session.execute(delete(SessionRow).where(SessionRow.began_at < now - LONGEST))
        session.execute(delete(ViewingRow).where(ViewingRow.at < now - LONGEST))
        session.execute(delete(AccessRow).where(AccessRow.at < now - ACCESSES_KEPT))
        session.execute(delete(SpentLinkRow).where(SpentLinkRow.at < now - SPENT_KEPT))
        session.add(SessionRow(digest=digest_of(token), person=person, began_at=now, seen_at=now, told=""))
    return token


def read_session(engine: Engine, token: str, now: datetime) -> SignedIn | None:
    """Finds who signed in with that cookie; None where nobody did, or too long ago. Notes the visit now and then."""
    with reading(engine) as session:
        row = session.get(SessionRow, digest_of(token))
        if row is None or now - row.seen_at > IDLE or now - row.began_at > LONGEST:
            return None
        found, seen_at = SignedIn(row.person, row.told), row.seen_at
    if found.told or now - seen_at > SEEN_EVERY:
        with transaction(engine) as session:
            said = update(SessionRow).where(SessionRow.digest == digest_of(token))
            session.execute(said.values(seen_at=now, told=""))
    return found


def tell_next(engine: Engine, token: str, words: str) -> None:
    """Keeps words for the next page of this session."""
    with transaction(engine) as session:
        session.execute(update(SessionRow).where(SessionRow.digest == digest_of(token)).values(told=words))


def end_session(engine: Engine, token: str) -> None:
    """Signs out."""
    with transaction(engine) as session:
        session.execute(delete(SessionRow).where(SessionRow.digest == digest_of(token)))


def end_sessions_of(engine: Engine, person: str) -> None:
    """Signs a person out everywhere."""
    with transaction(engine) as session:
        session.execute(delete(SessionRow).where(SessionRow.person == person))


def sessions_of(engine: Engine, person: str, now: datetime) -> list[OpenSession]:
    """Lists the browsers in which a person is signed in, the one seen last first."""
    query = select(SessionRow).where(SessionRow.person == person, SessionRow.seen_at > now - IDLE)
    with reading(engine) as session:
        rows = session.scalars(query.where(SessionRow.began_at > now - LONGEST).order_by(SessionRow.seen_at.desc()))
        return [OpenSession(row.digest, row.began_at, row.seen_at) for row in rows]


def form_token(cookie: str) -> str:
    """Makes what a form of this browser carries, so that no other site can send one: CSRF."""
    return hmac.digest(cookie.encode(), b"form", hashlib.sha256).hex()


def is_form_token(cookie: str, token: str) -> bool:
    """Tells whether a form came from a page of this browser."""
    return hmac.compare_digest(form_token(cookie), token)


def digest_of(token: str) -> str:
    """Makes what a cookie is kept as."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
