"""Accounts and the log of what was done on the console, as administrators look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from alerts.console.accounts.access import Access
from alerts.console.tables import AccessRow, SessionRow
from alerts.people.accounts import AccountRow
from alerts.people.directory import Person
from stream.state.database import reading

ACCESS_NAMES: Mapping[str, str] = {
    Access.SAMPLE: "发送样信",
    Access.RETRY: "重发通知",
    Access.REPLAY: "重放隔离记录",
    Access.EXPORT: "导出检索结果",
    Access.REPORT: "下载快报或报告",
    Access.SIGNED_IN: "登录",
    Access.CONFIRMED: "核对密码",
    Access.FAILED: "登录失败",
    Access.SIGNED_OUT: "退出",
    Access.SIGNED_OUT_EVERYWHERE: "退出全部设备",
    Access.PASSWORD_SET: "设置密码",
    Access.INVITED: "发送设置密码链接",
    Access.SIGNED_BY_LINK: "经信中链接签收",
    Access.WRONG_DIGITS: "四位码有误",
}


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """A person of alerts.yml: whether a password is set, when a link to set one went out, when they were here last."""

    key: str
    name: str
    has_password: bool
    invited_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoggedAccess:
    """A line of the log; `person` is a key, "" for somebody unknown."""

    at: datetime
    person: str
    client: str
    what: str
    detail: str


def list_accounts(engine: Engine, people: Mapping[str, Person]) -> list[AccountStanding]:
    """Lists everybody of alerts.yml, in that order; who left it has no account that serves."""
    with reading(engine) as session:
        rows = {row.person: row for row in session.scalars(select(AccountRow))}
        query = select(SessionRow.person, func.max(SessionRow.seen_at)).group_by(SessionRow.person)
        seen = {row[0]: row[1] for row in session.execute(query)}
        return [_account(key, one, rows.get(key), seen.get(key)) for key, one in people.items()]


def list_accesses(engine: Engine, limit: int) -> list[LoggedAccess]:
    """Lists the newest lines of the log, the newest first."""
    with reading(engine) as session:
        rows = session.scalars(select(AccessRow).order_by(AccessRow.at.desc(), AccessRow.id.desc()).limit(limit))
        return [LoggedAccess(row.at, row.person, row.client, row.what, row.detail) for row in rows]


def last_access(session: Session, person: str, what: Access) -> datetime | None:
    """Finds when the person did that last; None for never."""
    return session.scalar(select(func.max(AccessRow.at)).where(AccessRow.person == person, AccessRow.what == what))


def _account(key: str, person: Person, row: AccountRow | None, seen_at: datetime | None) -> AccountStanding:
    has_password = row is not None and row.password is not None
    return AccountStanding(key, person.name, has_password, row.invited_at if row else None, seen_at)
