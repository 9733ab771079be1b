"""A case's clocks held against the limits of its grade, for those who look back at them. Pure.

A desk that was called late has time of its own (`late` is about that); what is asked here is whether the organisation
kept its limit, which runs from the first detection, or from a reopening, whoever was called.
"""

from dataclasses import replace
from datetime import datetime

from alerts.detection.grades import Grade
from alerts.words import STAGE_NAMES, UNDECIDED
from alerts.workflow.ladder import Ladder, limit_from
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.subjects import is_incident
from alerts.workflow.table import Workflow
from stream.messages import CaseEvent


def with_limits(event: CaseEvent, ladder: Ladder, workflow: Workflow = WORKFLOW) -> CaseEvent:
    """Adds to the event what its clocks show, what they may show, and how the case ended."""
    due = _first_word_due(event, ladder, workflow)
    return replace(
        _with_step(event, ladder, workflow),
        outcome=_outcome(event, workflow) if event.ended_at else None,
        first_word_after=_after(event, event.first_word_at),
        first_word_due_at=due,
        first_word_met=_is_kept(event, due),
        ended_after=_after(event, event.ended_at),
    )


def _with_step(event: CaseEvent, ladder: Ladder, workflow: Workflow) -> CaseEvent:
    """Adds the clock of the step at hand, which an act of a person may end."""
    if event.step not in workflow.steps:  # none, or one of an older table
        return event
    begun = event.reopened_at or event.opened_at
    since = event.ended_at or begun if workflow.rule_of(event.step).ended else begun
    allowed = limit_from(ladder, Grade(event.grade), event.step, since, workflow).within.total_seconds()
    spent = (event.at - since).total_seconds()
    ends = event.by == "person" and workflow.fulfils(event.kind, event.step)
    return replace(event, spent=spent, limit=allowed, met=spent <= allowed if ends else None)


def _first_word_due(event: CaseEvent, ladder: Ladder, workflow: Workflow) -> datetime | None:
    step = None if is_incident(event.topic) else workflow.first_word_step
    begun = event.reopened_at or event.opened_at
    return begun + limit_from(ladder, Grade(event.grade), step, begun, workflow).within if step else None


def _is_kept(event: CaseEvent, due: datetime | None) -> bool | None:
    """Tells whether the first word came in time; None while it may still, or where no word was owed."""
    if due is None:
        return None
    if event.first_word_at is not None:
        return event.first_word_at <= due
    return False if event.at > due and event.ended_at is None else None


def _outcome(event: CaseEvent, workflow: Workflow) -> str:
    """Names the outcome in a word, as the wire carries a verdict."""
    if workflow.is_outcome(event.stage) or is_incident(event.topic):
        return STAGE_NAMES.get(event.stage, event.stage)
    return event.verdict or UNDECIDED


def _after(event: CaseEvent, moment: datetime | None) -> float | None:
    return None if moment is None else (moment - event.opened_at).total_seconds()
