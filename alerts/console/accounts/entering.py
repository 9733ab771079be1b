"""Signing in: by key, name or address, and a password. Who guesses is slowed down, and is told nothing."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.console.accounts.access import Access, Caller, barred_until, note_access
from alerts.console.accounts.passwords import hash_password, is_outdated, is_password
from alerts.console.tables import AccessRow
from alerts.people.accounts import AccountRow
from alerts.people.directory import Ambiguous, find_person, key_of
from stream.process.clock import local_time
from stream.state.database import advisory_lock, transaction

WRONG = "姓名或密码不正确。首次使用请先打开来信中的“设置密码”链接，或联系管理员重新发送"


class NotAdmitted(Exception):
    """Raised where somebody is not let in: why, in words, and the status of the answer."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.words, self.status = words, status


def who_is_meant(context: CaseContext, typed: str) -> str:
    """Finds the key of the person called so, "" for nobody; `NotAdmitted` where several are."""
    people = context.config.people
    try:
        found = find_person(people, typed)
    except Ambiguous as error:
        raise NotAdmitted(f"有 {len(error.keys)} 人叫「{typed}」，请改用工号（人员的键）或邮箱登录", 422) from None
    return (key_of(people, found) or "") if found else ""


def prove(
    context: CaseContext,
    caller: Caller,
    password: str,
    now: datetime,
    seen: str = "",
    proven: Access = Access.SIGNED_IN,
) -> None:
    """Makes sure that the caller knows the password, and records it as `proven`; `NotAdmitted` where not, or after too
    many failures.

    A try is recorded as a failure before it is known to be none: many at once do not get more tries than one by one.
    """
    with transaction(context.engine) as session:
        advisory_lock(session, f"sign in {caller.person or caller.detail}")
        if (until := barred_until(session, caller, now)) is not None:
            raise NotAdmitted(f"尝试次数过多，请于 {local_time(until, '%H:%M:%S')} 后再试", 429)
        noted = note_access(
            session, now, Access.FAILED, person=caller.person, client=caller.client, detail=caller.detail
        )
        kept = _password(session, caller.person)
    if not is_password(kept, password):
        raise NotAdmitted(WRONG, 401)
    renewed = hash_password(password) if kept and is_outdated(kept) else None
    with transaction(context.engine) as session:
        said = update(AccessRow).where(AccessRow.id == noted.id)
        session.execute(said.values(what=proven, detail=seen))
        if renewed is not None:
            same = (AccountRow.person == caller.person, AccountRow.password == kept)
            session.execute(update(AccountRow).where(*same).values(password=renewed))


def _password(session: Session, person: str) -> str | None:
    row = session.get(AccountRow, person) if person else None
    return row.password if row else None
