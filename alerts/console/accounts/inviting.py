"""How somebody gets a password: by a link that is used once, or by knowing the one before."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.console.accounts.access import Access, note_access
from alerts.console.accounts.passwords import hash_password
from alerts.console.accounts.sessions import digest_of
from alerts.console.door import Missing
from alerts.console.tables import SessionRow, SpentLinkRow
from alerts.notify.channel import Medium
from alerts.notify.codes import installation_key
from alerts.notify.console import ConsoleConfig
from alerts.notify.contents.bulletin import Bulletin, Section
from alerts.notify.links import (
    WELCOME_FOR,
    WelcomeLink,
    links_key,
    read_welcome_token,
    token_digest,
    welcome_address,
    welcome_token,
)
from alerts.notify.render.mail import mail, message_id
from alerts.notify.tables import OutboxRow
from alerts.people.accounts import AccountRow
from alerts.workflow.cases import Refused
from stream.process.failpoints import failpoint
from stream.state.database import advisory_lock, reading, transaction

STEP = "invitation"  # of an outbox row, where a letter has the step it is about
UNKNOWN = "链接不完整，或收件人已不在人员名单中。请从来信中重新打开，或联系管理员"
USED = "此链接已使用过。请直接登录；如忘记密码，请联系管理员重新发送链接"
LATE = "此链接已过期（有效 7 天）。请从最近一封来信中打开，或联系管理员重新发送"
SOON = WELCOME_FOR / 2  # a link that ends sooner is not sent again


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link to set a password: where it leads, and the addresses that it was mailed to."""

    address: str
    mailed_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """Who opens such a link, by key; `why` it cannot be used, "" where it can."""

    person: str
    why: str


def invite(
    context: CaseContext, console: ConsoleConfig, person: str, now: datetime, by: str, client: str
) -> Invitation:
    """Issues a link by which the person sets a password, and mails it. Asked again soon, it is the same link and mail.

    `by` is the key of who issues it, "" at the command line. `Refused` for somebody unknown, and where a proxy says
    who comes. What goes out is kept in the same transaction.
    """
    if console.header is not None:
        raise Refused("本系统由统一认证登录（console.header），不使用密码")
    if person not in context.config.people:
        raise Refused(f"alerts.yml 的 people 中没有「{person}」")
    with transaction(context.engine) as session:
        advisory_lock(session, f"account {person}")
        account, key = _account(session, person), installation_key(session)
        issued = _standing(session, account, key, now)
        if issued is None:
            issued = account.invited_at = now.replace(microsecond=0)
            note_access(session, now, Access.INVITED, person=person, client=client, detail=by)
        link = WelcomeLink(person, issued)
        address = welcome_address(console, key, link)
        mailed = _post(session, context, link, address, now) if console.address else ()
        failpoint("invite.written")
    return Invitation(address, mailed)


def read_invited(context: CaseContext, token: str, now: datetime) -> Invited:
    """Reads who a link is for, and whether it may be used; changes nothing. `Missing` for a link that is none."""
    with reading(context.engine) as session:
        key = links_key(session)
        link = read_welcome_token(key, token, context.config.people) if key else None
        if link is None:
            raise Missing(UNKNOWN)
        return Invited(link.person, _why_not(session, link, token, now))


def accept(context: CaseContext, token: str, password: str, client: str, now: datetime) -> str:
    """Sets the password by a link, which is spent by it; returns the person's key. Ends sessions there are.

    `Refused` where the link cannot be used, or was meanwhile.
    """
    invited = read_invited(context, token, now)
    if invited.why:
        raise Refused(invited.why)
    kept = hash_password(password)
    with transaction(context.engine) as session:
        advisory_lock(session, f"account {invited.person}")
        link = WelcomeLink(invited.person, _issued(context, session, token))
        if why := _why_not(session, link, token, now):
            raise Refused(why)
        session.add(SpentLinkRow(digest=token_digest(token), at=now))
        _set(session, invited.person, kept, client, now, keep="")
        failpoint("account.written")
    return invited.person


def change_password(
    context: CaseContext, person: str, password: str, *, client: str, now: datetime, session_token: str
) -> None:
    """Sets another password for somebody who knew the one before; ends every session but that one."""
    kept = hash_password(password)
    with transaction(context.engine) as session:
        advisory_lock(session, f"account {person}")
        _set(session, person, kept, client, now, keep=session_token)


def _set(session: Session, person: str, kept: str, client: str, now: datetime, keep: str) -> None:
    account = _account(session, person)
    account.password, account.changed_at = kept, now
    note_access(session, now, Access.PASSWORD_SET, person=person, client=client)
    others = (SessionRow.person == person, SessionRow.digest != digest_of(keep))
    session.execute(delete(SessionRow).where(*others))


def _account(session: Session, person: str) -> AccountRow:
    """Reads the row of an account, made where there is none; the caller holds the account's lock."""
    row = session.get(AccountRow, person, populate_existing=True)
    if row is None:
        row = AccountRow(person=person, password=None, invited_at=None, changed_at=None)
        session.add(row)
        session.flush()
    return row


def _standing(session: Session, account: AccountRow, key: bytes, now: datetime) -> datetime | None:
    """Tells when the link was issued that still serves; None where another one is needed."""
    issued = account.invited_at
    if issued is None or now - issued > SOON:
        return None
    link = WelcomeLink(account.person, issued)
    return None if _why_not(session, link, welcome_token(key, link), now) else issued


def _why_not(session: Session, link: WelcomeLink, token: str, now: datetime) -> str:
    """Says why a link cannot be used; a password that was set since makes all links before it useless."""
    account = session.get(AccountRow, link.person, populate_existing=True)
    if session.get(SpentLinkRow, token_digest(token)) is not None:
        return USED
    if account is not None and account.changed_at is not None and link.issued_at <= account.changed_at:
        return USED
    return LATE if now - link.issued_at > WELCOME_FOR else ""


def _issued(context: CaseContext, session: Session, token: str) -> datetime:
    link = read_welcome_token(installation_key(session), token, context.config.people)
    assert link is not None, "it was read just now"
    return link.issued_at


def _post(session: Session, context: CaseContext, link: WelcomeLink, address: str, now: datetime) -> tuple[str, ...]:
    """Puts the mail in line for every channel that takes mail, once for each link; returns where it goes."""
    routing, host = context.config.routing, context.config.host
    who = hashlib.sha256(link.person.encode()).hexdigest()[:8]
    letter = _letter(context, link, address, f"welcome.{who}.{int(link.issued_at.timestamp())}@{host}", now)
    name = message_id(letter.id)
    routes = [route for route in routing.routes(link.person) if route.form.medium is Medium.MAIL]
    if session.scalar(select(OutboxRow.id).where(OutboxRow.message_id == name).limit(1)) is None:
        for place, route in enumerate(routes):
            content = mail(letter, routing.letterhead, route.address)
            session.add(
                OutboxRow(
                    case_id=None, task_id=None, step=STEP, revision=0, person=None, channel=route.channel,
                    medium=Medium.MAIL, place=place, recipient=route.address, message_id=name, notice=None,
                    message=content, plain=content, queued_at=now, next_at=now + place * routing.wait, cleared=True,
                )
            )  # fmt: skip
    return tuple(dict.fromkeys(route.address for route in routes))


def _letter(context: CaseContext, link: WelcomeLink, address: str, name: str, now: datetime) -> Bulletin:
    return Bulletin(
        id=name, at=now, organisation=context.config.organisation, person=context.config.people[link.person].name,
        subject="【闻风】请设置登录密码",
        headline="已为您开通舆情监测系统，请设置登录密码。",
        sections=(
            Section("设置密码（链接 7 天内有效，只能使用一次，请勿转发）", (address,)),
            Section("说明", ("设置后即可查看和办理事件。如非本人申请，请告知系统管理员。",)),
        ),
        link=address,
    )  # fmt: skip
