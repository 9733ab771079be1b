"""What people do in the kill loop: they lead every case to its end, each in a way of its own, by the workflow's table.

Nothing is remembered: what is next follows from the rows, as it would for somebody who opens the case again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.casefile.tables import CaseRow
from alerts.workflow.rules import TROUBLE, WORKFLOW
from alerts.workflow.subjects import is_incident

PUBLICITY, HEAD, LEADER, OWNER = "zhang_min", "li_qiang", "wang_fang", "chen_wei"
AFTER = timedelta(seconds=45)  # a case lives as long before it is called a false alarm: it is escalated meanwhile
SOON = timedelta(seconds=12)  # all else
NOTE = ("--note", "演练")


class Kind(StrEnum):
    """Sorts of errands, which die by themselves: each of them is another transaction."""

    ACT = "act"
    WORD = "word"
    ASSIGN = "assign"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Errand:
    """One command of one person about one case."""

    kind: Kind
    words: tuple[str, ...]


def next_errands(
    cases: Sequence[CaseRow], assigned: Collection[int], now: datetime, *, hurry: bool = False
) -> list[Errand]:
    """Lists what may be done now, at most one thing for each case; `assigned` are the cases that were handed over.

    Cases that are furthest along come first: on a slow machine some get to their end all the same. In a `hurry`
    whatever was not found true ends on the shortest way.
    """
    ranked = sorted(cases, key=lambda case: WORKFLOW.stages.index(case.stage), reverse=True)
    wanted = (_next(case, cases, assigned, now, hurry=hurry) for case in ranked)
    return [one for one in wanted if one is not None]


def _next(
    case: CaseRow, cases: Sequence[CaseRow], assigned: Collection[int], now: datetime, *, hurry: bool
) -> Errand | None:
    way, age = ("false", "whole", "merge", "assign")[case.id % 4], now - case.opened_at
    if case.stage == TROUBLE:
        return _act(case, "mended", LEADER, *NOTE) if hurry or age >= AFTER else None
    if case.stage != WORKFLOW.start:
        return _further(case, "not_ours" if hurry else "true")
    if not hurry and age < (AFTER if way == "false" else SOON):
        return None
    if way == "merge" and not hurry and (host := _host(case, cases)) is not None:
        return Errand(Kind.MERGE, ("alerts", "case", "merge", str(case.id), str(host), "--by", LEADER, *NOTE))
    if way == "assign" and not hurry and case.id not in assigned:
        return Errand(Kind.ASSIGN, ("alerts", "case", "assign", str(case.id), "safety", "--by", LEADER, *NOTE))
    if way != "whole" or hurry:
        return _act(case, "judge_false_alarm", PUBLICITY, *NOTE)
    if case.acknowledged_at is None:
        return _act(case, "acknowledge", PUBLICITY)
    return _act(case, "judge", PUBLICITY, *NOTE)


def _further(case: CaseRow, verdict: str) -> Errand | None:
    """What follows on a case that is none of the false alarms; a statement has two persons, a remedy a plan."""
    steps = {
        "reporting": ("report", HEAD, *NOTE),
        "verifying": ("verify", LEADER, "--verdict", verdict, *NOTE),
        "wording": ("draft", PUBLICITY, "--statement", "情况已经查明，正在抢修。"),
        "approving": ("approve", LEADER),
        "responding": ("respond", HEAD, *NOTE),
        "planning": ("plan_remedy", OWNER, "--owner", "dispatch", "--until", "2099-01-01", *NOTE),
        "remedying": ("remedied", OWNER, *NOTE),
        "guiding": ("guide", PUBLICITY, *NOTE),
        "tracking": ("close", PUBLICITY, "--confirm", *NOTE),
        "reviewing": ("review", HEAD, *NOTE),
    }
    return _act(case, *steps[case.stage]) if case.stage in steps else None


def _act(case: CaseRow, action: str, by: str, *further: str) -> Errand:
    kind = Kind.WORD if action in ("draft", "approve", "respond") else Kind.ACT
    return Errand(kind, ("alerts", "case", "act", str(case.id), action, "--by", by, *further))


def _host(case: CaseRow, cases: Sequence[CaseRow]) -> int | None:
    others = (one for one in cases if one.id != case.id and one.topic != case.topic and one.ended_at is None)
    return next((one.id for one in others if not is_incident(one.topic)), None)
