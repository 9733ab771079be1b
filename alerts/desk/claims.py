"""The claims library as people look at it and add to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.papers import StatementRow
from alerts.casefile.tables import CaseRow, EventRow
from alerts.claims.claim import Claim
from alerts.claims.recognition import Recognised, recognise_each
from alerts.claims.tables import find_claim, insert_claim, lock_library, read_claims, retire_claim
from alerts.desk.register import Register
from alerts.people.directory import find_person
from alerts.workflow.cases import Refused
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from stream.process.clock import SHANGHAI
from stream.state.database import reading, transaction

SHORTEST = 6  # characters; what is shorter is said in many posts about anything
LONGEST = 300  # characters of a claim: one sentence, not an article


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaim:
    """What a person asks to be kept. Of what is None the case says it: its verdict, what was answered, its desk."""

    claim: str
    by: str
    verdict: Verdict | None = None
    statement: str | None = None
    owner: str | None = None
    evidence: str = ""
    valid_until: date | None = None
    case_id: int | None = None


def add_claim(register: Register, new: NewClaim, now: datetime) -> Claim:
    """Keeps a claim; `Refused` where something is missing, unknown or kept already."""
    by = find_person(register.config.people, new.by)
    if by is None:
        raise Refused(f"alerts.yml 的 people 中没有「{new.by}」")
    text = " ".join(new.claim.split())
    _check(register, text, new, now)
    with transaction(register.engine) as session:
        lock_library(session)
        verdict, statement, owner = _answered(session, register, new)
        same = next((one for one in read_claims(session) if one.claim == text), None)
        if same is not None:
            raise Refused(f"辟谣库已有这一条：第 {same.id} 条；要改说法，先停用（claims retire {same.id}）再新增")
        claim = Claim(
            id=0, claim=text, verdict=verdict, statement=statement, owner=owner, evidence=new.evidence.strip(),
            valid_until=new.valid_until, made_at=now, made_by=by.name, case_id=new.case_id,
        )  # fmt: skip
        return insert_claim(session, claim)


def list_claims(register: Register, *, also_retired: bool = False) -> list[Claim]:
    """Lists the claims in use; all there ever were with `also_retired`."""
    with reading(register.engine) as session:
        return read_claims(session, also_retired=also_retired)


def show_claim(register: Register, claim_id: int) -> Claim:
    """Reads one claim; `Refused` where there is none."""
    with reading(register.engine) as session:
        return _one(session, claim_id)


def retire(register: Register, claim_id: int, now: datetime) -> Claim:
    """Takes a claim out of use: nothing is held against it any more. `Refused` where it is already, or unknown."""
    with transaction(register.engine) as session:
        claim = _one(session, claim_id)
        if claim.retired_at is not None:
            raise Refused(f"第 {claim_id} 条早已停用")
        retire_claim(session, claim_id, now)
        return _one(session, claim_id)


def match_texts(register: Register, texts: Sequence[str], now: datetime) -> list[Recognised]:
    """Finds the texts that repeat a claim of the library."""
    return recognise_each(list_claims(register), texts, today_of(now))


def today_of(now: datetime) -> date:
    """Tells the day by which claims are valid: that of the office."""
    return now.astimezone(SHANGHAI).date()


def _check(register: Register, text: str, new: NewClaim, now: datetime) -> None:
    if len(text) < SHORTEST:
        raise Refused(f"「{text}」太短，会与许多帖文相符：写成一句完整的话，至少 {SHORTEST} 个字")
    if len(text) > LONGEST:
        raise Refused(f"传言请写成一句话，不超过 {LONGEST} 个字；现有 {len(text)} 个字")
    if new.owner is not None and new.owner not in register.config.desks:
        known = "、".join(f"{key}（{desk.name}）" for key, desk in register.config.desks.items())
        raise Refused(f"alerts.yml 中没有岗位「{new.owner}」；现有：{known}")
    if new.valid_until is not None and new.valid_until < today_of(now):
        raise Refused(f"有效期 {new.valid_until} 已过：写今天或以后的日期，或不写")
    if new.case_id is None and (new.verdict is None or not (new.statement or "").strip() or new.owner is None):
        raise Refused("请写明核实结论（--verdict）、对外口径（--statement）和责任岗位（--owner），或指明事件（--case）")


def _answered(session: Session, register: Register, new: NewClaim) -> tuple[Verdict, str, str]:
    """Completes what was asked by what the case came to: its verdict, its last answer to the public, its desk."""
    verdict, statement, owner = new.verdict, (new.statement or "").strip(), new.owner
    if new.case_id is not None:
        row = session.get(CaseRow, new.case_id)
        if row is None:
            raise Refused(f"没有事件 {new.case_id}")
        verdict = verdict or (Verdict(row.verdict) if row.verdict else None)
        statement = statement or _last_answer(session, new.case_id)
        owner = owner or _owner(register, row.topic)
    if verdict is None:
        raise Refused(f"事件 {new.case_id} 还没有核实结论，不能入库")
    if not statement:
        raise Refused(f"事件 {new.case_id} 还没有对外说法：用 --statement 写明口径")
    assert owner is not None, "asked for where no case says it"
    return verdict, statement, owner


def _last_answer(session: Session, case_id: int) -> str:
    """Finds the statement that was given to the public last; of an older case what was noted of it, "" for none."""
    given = select(StatementRow.text).where(StatementRow.case_id == case_id, StatementRow.published_at.is_not(None))
    words = session.scalar(given.order_by(StatementRow.revision.desc()).limit(1))
    if words is not None:
        return words
    answers = select(EventRow).where(EventRow.case_id == case_id, EventRow.kind.in_(WORKFLOW.first_words))
    row = session.scalar(answers.order_by(EventRow.number.desc()).limit(1))
    return row.note.strip() if row else ""


def _owner(register: Register, topic: str) -> str:
    watched = register.topics.watched.get(topic)
    return watched.owner if watched else next(iter(register.config.desks))


def _one(session: Session, claim_id: int) -> Claim:
    found = find_claim(session, claim_id)
    if found is None:
        raise Refused(f"辟谣库没有第 {claim_id} 条")
    return found
