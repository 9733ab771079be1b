"""Cases by whose turn they are: what a person is to do now, what others do, what was signed for and not begun."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, TaskRow, read_case, read_task
from alerts.detection.grades import Grade
from alerts.notify.contents.quotes import quote
from alerts.notify.tables import OutboxRow
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task, rungs, seated
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.subjects import is_incident
from stream.errors import Retryable
from stream.state.database import reading

ENDED_LATELY = timedelta(days=3)  # as long as a case's tail lasts in practice: 4 h golden, 24 h peak, 72 h tail
MOST, MOST_OF_OTHERS = 30, 10  # cases shown of one's own and of each other group: a page has 100 kB
SIGNING = ("acknowledge", "take")  # steps that are done by saying so


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTurn:
    """A case with the step that is owed now: by which desk, until when, who is called after it.

    `step` is None where nobody owes anything, `desk` and `next_desk` are names, "" for nobody. `is_mine`: whoever asks
    sits at the desk now. `claim` is what is said, in a sentence that may be shown, "" where nobody knows.
    """

    case: Case
    topic: str
    task: Task | None
    desk: str
    next_desk: str
    is_mine: bool
    claim: str = ""

    @property
    def step(self) -> str | None:
        return self.task.step if self.task else None

    @property
    def due_at(self) -> datetime | None:
        return self.task.due_at if self.task else None

    @property
    def is_incident(self) -> bool:
        return is_incident(self.case.topic)

    @property
    def is_signing(self) -> bool:
        """Whether the step owed is done by one button."""
        return self.step in SIGNING

    @property
    def is_idle(self) -> bool:
        """Whether somebody signed for it and nothing was done since."""
        begins = any(WORKFLOW.rule_of(one).stage == self.case.stage for one in SIGNING)
        return self.case.acknowledged_at is not None and begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The groups of a day's page, each the most urgent first; `left` counts what was left out of them."""

    mine: tuple[CaseTurn, ...] = ()
    signed: tuple[CaseTurn, ...] = ()
    others: tuple[CaseTurn, ...] = ()
    risen: tuple[CaseTurn, ...] = ()
    left: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.mine or self.signed or self.others or self.risen)


def read_turns(context: CaseContext, person: str, rises: Callable[[str], bool], now: datetime) -> Turns:
    """Reads every case in which something is owed, as the person of that key sees it, and late ones that rise again.

    `rises` tells of a topic, by key, whether it spikes now. Two questions to the state however many cases there are,
    two more for what is shown of them.
    """
    with reading(context.engine) as session:
        rows = _rows(session, now)
        tasks = _tasks(session)
        found = arrange([_turn(context, read_case(row), tasks.get(row.id, ()), person, now) for row in rows], rises)
        shown = {one.case.id: one for one in (*found.mine, *found.signed, *found.others, *found.risen)}
        claims = _letters(session, [one.task.case_id for one in shown.values() if one.task])
        kept = {row.id: row.found for row in rows if row.id in shown and not claims.get(row.id)}
    claims |= _quoted(context, kept, now)
    return _with_claims(found, claims)


def arrange(turns: Sequence[CaseTurn], rises: Callable[[str], bool]) -> Turns:
    """Puts cases into groups. Pure. One that ended is shown where a step is owed, or where its topic spikes again."""
    owed = [one for one in turns if one.task is not None or one.case.is_open]
    burning = {one.case.topic for one in turns if one.case.is_open}
    ended = _last_of_each([one for one in turns if not one.case.is_open and one.case.merged_into is None])
    risen = [one for one in ended if one.case.topic not in burning and rises(one.case.topic)]
    again = {one.case.id for one in risen}
    mine = [one for one in owed if one.is_mine and one.case.id not in again]
    rest = [one for one in owed if not one.is_mine and one.case.id not in again]
    signed = [one for one in rest if one.is_idle]
    others = [one for one in rest if not one.is_idle]
    groups = [sorted(some, key=_urgency) for some in (mine, signed, others, risen)]
    shown = [tuple(groups[0][:MOST]), *(tuple(some[:MOST_OF_OTHERS]) for some in groups[1:])]
    left = sum(map(len, groups)) - sum(map(len, shown))
    return Turns(mine=shown[0], signed=shown[1], others=shown[2], risen=shown[3], left=left)


def _last_of_each(ended: Iterable[CaseTurn]) -> list[CaseTurn]:
    newest: dict[str, CaseTurn] = {}
    for one in sorted(ended, key=lambda one: one.case.id):
        newest[one.case.topic] = one
    return list(newest.values())


def _urgency(one: CaseTurn) -> tuple[bool, float, int, int]:
    due = one.due_at
    return due is None, due.timestamp() if due else 0.0, list(Grade).index(one.case.grade), -one.case.id


def _rows(session: Session, now: datetime) -> list[CaseRow]:
    """Finds open cases, those that ended lately, and those of which a step is owed after their end."""
    owed = select(TaskRow.case_id).where(TaskRow.ended_at.is_(None))
    lately = CaseRow.ended_at > now - ENDED_LATELY
    return list(session.scalars(select(CaseRow).where(or_(CaseRow.ended_at.is_(None), lately, CaseRow.id.in_(owed)))))


def _tasks(session: Session) -> dict[int, tuple[Task, ...]]:
    found: dict[int, tuple[Task, ...]] = {}
    query = select(TaskRow).where(TaskRow.ended_at.is_(None)).order_by(TaskRow.due_at, TaskRow.id)
    for task in map(read_task, session.scalars(query)):
        found[task.case_id] = (*found.get(task.case_id, ()), task)
    return found


def _turn(context: CaseContext, case: Case, tasks: Sequence[Task], person: str, now: datetime) -> CaseTurn:
    own = [one for one in tasks if person in context.may_act(context.desk_of(one, case.topic), now)]
    task = next(iter((*own, *tasks)), None)
    desks = context.config.desks
    return CaseTurn(
        case=case, topic=context.topic_name(case.topic), task=task, is_mine=bool(own),
        desk=desks[context.desk_of(task, case.topic)].name if task else "",
        next_desk=_next_desk(context, case, task) if task else "",
    )  # fmt: skip


def _next_desk(context: CaseContext, case: Case, task: Task) -> str:
    """Names the desk that is called where this one lets its time go by; "" for the last one, which is called again."""
    desks = rungs(context.config.ladder, task.step)
    if task.level + 1 >= len(desks):
        return ""
    key = seated(desks[task.level + 1], context.owner(case.topic))
    return context.config.desks[key].name if key in context.config.desks else ""


def _letters(session: Session, cases: Sequence[int]) -> dict[int, str]:
    """Finds what the newest letter about each running task says is claimed: the page says what the letter said."""
    running = select(TaskRow.id).where(TaskRow.ended_at.is_(None), TaskRow.case_id.in_(cases))
    newest = select(func.max(OutboxRow.id)).where(OutboxRow.task_id.in_(running), OutboxRow.notice.is_not(None))
    told = select(OutboxRow.case_id, OutboxRow.notice).where(OutboxRow.id.in_(newest.group_by(OutboxRow.task_id)))
    found = ((case_id, _object(notice).get("claim")) for case_id, notice in session.execute(told))
    return {case_id: claim for case_id, claim in found if case_id is not None and isinstance(claim, str) and claim}


def _quoted(context: CaseContext, kept: Mapping[int, str], now: datetime) -> dict[int, str]:
    """Quotes the first post that shows a case, of an incident what is wrong; in one question to the index.

    Without the index cases are shown by their topics: nobody waits for decoration.
    """
    found = {case_id: _object(text) for case_id, text in kept.items()}
    wrong = {case_id: one["trouble"].get("what", "") for case_id, one in found.items() if _is_trouble(one)}
    first = {case_id: str(one["posts"][0]) for case_id, one in found.items() if one.get("posts")}
    try:
        posts = context.reader.get(list(first.values())) if first else []
    except Retryable:
        return wrong
    quotes = {post.id: quote(post, now).text or "" for post in posts}
    return wrong | {case_id: quotes.get(post, "") for case_id, post in first.items()}


def _is_trouble(found: Mapping[str, Any]) -> bool:
    return isinstance(found.get("trouble"), dict)


def _object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _with_claims(turns: Turns, claims: Mapping[int, str]) -> Turns:
    def told(some: Iterable[CaseTurn]) -> tuple[CaseTurn, ...]:
        return tuple(replace(one, claim=claims.get(one.case.id, "")) for one in some)

    return replace(
        turns, mine=told(turns.mine), signed=told(turns.signed), others=told(turns.others), risen=told(turns.risen)
    )
