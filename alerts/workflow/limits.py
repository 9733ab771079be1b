"""A case's clocks held against the limits of its grade, for those who look back at them. Pure.

A desk that was called late has time of its own (`late` is about that); what is asked here is whether the organisation
kept its limit, which runs from the first detection whoever was called.
"""

from dataclasses import replace
from datetime import datetime

from alerts.detection.grades import Grade
from alerts.workflow.cases import OPEN, Action, Stage
from alerts.workflow.ladder import FULFILLED_BY, Ladder, Step
from stream.messages import CaseEvent

FALSE_ALARM = "误报"  # an outcome beside the verdicts
UNDECIDED = "未定"


def clocked(event: CaseEvent, ladder: Ladder) -> CaseEvent:
    """The event with what its clocks show, what they may show, and how the case ended."""
    limits = ladder.limits[Grade(event.grade)]
    due = event.opened_at + limits[Step.RESPOND].within
    ended = event.ended_at if Stage(event.stage) not in OPEN else None
    return replace(
        _step(event, ladder),
        outcome=_outcome(event) if ended else None,
        first_word_after=_after(event, event.first_word_at),
        first_word_due_at=due,
        first_word_met=_kept(event, due),
        ended_after=_after(event, ended),
    )


def _step(event: CaseEvent, ladder: Ladder) -> CaseEvent:
    """The clock of the step at hand, which an act of a person may end."""
    if event.step is None:
        return event
    step = Step(event.step)
    since = event.ended_at or event.opened_at if step is Step.REVIEW else event.opened_at
    limit, spent = ladder.limits[Grade(event.grade)][step].within.total_seconds(), (event.at - since).total_seconds()
    return replace(event, spent=spent, limit=limit, met=spent <= limit if _ends(event, step) else None)


def _ends(event: CaseEvent, step: Step) -> bool:
    """Whoever does anything to a case has acknowledged it."""
    return event.by == "person" and (step is Step.ACKNOWLEDGE or Action(event.kind) in FULFILLED_BY[step])


def _kept(event: CaseEvent, due: datetime) -> bool | None:
    """Whether the first word came in time; None while it may still, or where no word was owed."""
    if event.first_word_at is not None:
        return event.first_word_at <= due
    return False if event.at > due and Stage(event.stage) in OPEN else None


def _outcome(event: CaseEvent) -> str:
    return FALSE_ALARM if event.stage == Stage.FALSE_ALARM else event.verdict or UNDECIDED


def _after(event: CaseEvent, moment: datetime | None) -> float | None:
    return None if moment is None else (moment - event.opened_at).total_seconds()
