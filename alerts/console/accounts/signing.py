"""Signing for a case by the link of a letter, without a login: digits are typed, it is spent once, and it expires."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, TaskRow, read_case, running
from alerts.console.accounts.access import Access, note_access
from alerts.console.door import Missing
from alerts.console.tables import AccessRow, SpentLinkRow
from alerts.desk.cases import act_on_case
from alerts.notify.contents.letter import read_letter
from alerts.notify.contents.notice import Notice, UnreadableNotice
from alerts.notify.links import STEPS, TRIES, SigningLink, digits_of, links_key, read_signing_token, token_digest
from alerts.notify.tables import OutboxRow
from alerts.words import ACTION_NAMES, STAGE_NAMES, clock_time
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.subjects import is_incident
from stream.process.clock import local_time
from stream.state.database import advisory_lock, reading, transaction

UNKNOWN = "链接不完整，或收件人已不在人员名单中。请从来信中重新打开，或登录后办理"
SPENT = "此链接已使用过"
BLOCKED = "四位码输错 5 次，此链接已停用。请登录后办理"
WRONG = "四位码不正确，请核对来信中链接旁的“回执四位码”"


@dataclass(frozen=True, slots=True)
class Signing:
    """What a link to sign with is about. `why` it cannot be used, "" where it can; `done` says who has signed when.

    `headline` and `claim` are those of the last letter about the case to this person, made safe there.
    """

    link: SigningLink
    person: str
    case: Case
    topic: str
    act: str
    headline: str
    claim: str
    due_at: datetime | None
    done: str
    why: str


class WrongDigits(Refused):
    """Raised where other digits were typed than those that the letter prints."""


def read_signing(context: CaseContext, token: str, now: datetime) -> Signing:
    """Reads what a link is about; changes nothing, whoever opens it. `Missing` for a link that is none of ours."""
    with reading(context.engine) as session:
        key = links_key(session)
        link = read_signing_token(key, token, context.config.people) if key else None
        row = session.get(CaseRow, link.case_id) if link else None
        if link is None or row is None:
            raise Missing(UNKNOWN)
        case, task = read_case(row), _asked(session, link, row)
        told = _last_letter(session, link)
        done, why = _done(case, now), _why_not(session, link, task, token, now)
    return Signing(
        link=link, person=context.config.people[link.person].name, case=case, topic=context.topic_name(case.topic),
        act=ACTION_NAMES[_action(case)], headline=told.headline if told else "", claim=told.claim if told else "",
        due_at=task.due_at if task else None, done=done, why="" if done else why,
    )  # fmt: skip


def sign(context: CaseContext, token: str, digits: str, client: str, now: datetime) -> None:
    """Signs for the case as the letter's person; `Refused` where the link or the person may not.

    The link is spent in the act's own transaction. `WrongDigits` counts: after five the link is spent for nothing.
    """
    signing = read_signing(context, token, now)
    if signing.done or signing.why:
        raise Refused(signing.done or signing.why)
    _compare(context, signing.link, token, digits, client, now)
    person = signing.link.person

    def kept(session: Session, case: Case) -> None:
        advisory_lock(session, f"link {token_digest(token)}")
        if session.get(SpentLinkRow, token_digest(token), populate_existing=True) is not None:
            raise Refused(SPENT)
        session.add(SpentLinkRow(digest=token_digest(token), at=now))
        note_access(session, now, Access.SIGNED_BY_LINK, person=person, client=client, detail=f"case {case.id}")

    request = ActRequest(_action(signing.case), person, claimed=False)
    result = act_on_case(context, signing.case.id, request, now, beside=kept)
    if result.already is not None:
        raise Refused(result.already)


def _compare(context: CaseContext, link: SigningLink, token: str, digits: str, client: str, now: datetime) -> None:
    """Makes sure that the digits are those of the letter, in constant time; counts those that are not."""
    name = token_digest(token)
    with transaction(context.engine) as session:
        advisory_lock(session, f"link {name}")
        if session.get(SpentLinkRow, name) is not None:
            raise Refused(BLOCKED)
        key = links_key(session)
        assert key is not None, "the token was read by it"
        if hmac.compare_digest(digits.encode("utf-8", "replace"), digits_of(key, token).encode()):
            return
        note_access(session, now, Access.WRONG_DIGITS, person=link.person, client=client, detail=name)
        tried = _tries(session, link, name)
        if tried >= TRIES:
            session.add(SpentLinkRow(digest=name, at=now))
    raise Refused(BLOCKED) if tried >= TRIES else WrongDigits(f"{WRONG}（还可输入 {TRIES - tried} 次）")


def _tries(session: Session, link: SigningLink, name: str) -> int:
    of_it = and_(AccessRow.what == Access.WRONG_DIGITS, AccessRow.detail == name, AccessRow.person == link.person)
    return session.scalar(select(func.count()).where(of_it)) or 0


def _action(case: Case) -> str:
    """Names what the link does: a case is signed for, an incident taken."""
    return "take" if is_incident(case.topic) else "acknowledge"


def _asked(session: Session, link: SigningLink, case: CaseRow) -> TaskRow | None:
    """Finds the task that now asks for what the letter asked for; None where nobody does, or the case began anew since.

    It may be that of the next desk: who was asked before may sign as long as nobody has.
    """
    of_letter = (TaskRow.case_id == link.case_id, TaskRow.turn == link.turn, TaskRow.step.in_(STEPS))
    began = session.scalar(select(TaskRow.began_at).where(*of_letter).limit(1))
    if began is None or (case.reopened_at is not None and began < case.reopened_at):
        return None
    return next((row for row in running(session, link.case_id) if row.step in STEPS), None)


def _done(case: Case, now: datetime) -> str:
    if case.acknowledged_at is None or case.acknowledged_by is None:
        return ""
    return f"{case.acknowledged_by}已于 {clock_time(case.acknowledged_at, now)} 签收"


def _why_not(session: Session, link: SigningLink, task: TaskRow | None, token: str, now: datetime) -> str:
    if (spent := session.get(SpentLinkRow, token_digest(token))) is not None:
        used = _tries(session, link, token_digest(token)) < TRIES
        return f"{SPENT}（{local_time(spent.at, '%-m月%-d日%H:%M')}）" if used else BLOCKED
    if now >= link.expires_at:
        return f"此链接已于 {local_time(link.expires_at, '%-m月%-d日%H:%M')} 过期，请登录后办理"
    if task is None:
        row = session.get_one(CaseRow, link.case_id)
        return f"事件现处于「{STAGE_NAMES.get(row.stage, row.stage)}」，此链接对应的签收已不再需要"
    return ""


def _last_letter(session: Session, link: SigningLink) -> Notice | None:
    """Reads the last letter about the case to this person; None where there is none that can be read."""
    about = and_(OutboxRow.case_id == link.case_id, OutboxRow.person == link.person, OutboxRow.notice.is_not(None))
    kept = session.scalar(select(OutboxRow.notice).where(about).order_by(OutboxRow.id.desc()).limit(1))
    try:
        letter = read_letter(kept) if kept else None
    except UnreadableNotice:
        return None
    return letter if isinstance(letter, Notice) else None
