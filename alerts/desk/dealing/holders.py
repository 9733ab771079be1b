"""Whose turn it is: the desk that has the step, who is called there, by when, and who is next if nobody does it."""

from dataclasses import dataclass
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.desk.cases import OpenTask
from alerts.workflow.ladder import rungs, seated
from alerts.workflow.rules import WORKFLOW


@dataclass(frozen=True, slots=True)
class TurnHolder:
    """Who has a step: the desk's name, the names and keys of who is called there now, the next desk's name or ""."""

    step: str
    desk: str
    people: tuple[str, ...]
    keys: tuple[str, ...]
    due_at: datetime
    next_desk: str


def turn_holder(context: CaseContext, task: OpenTask, topic: str, now: datetime) -> TurnHolder:
    """Finds who has the task of a case on the topic."""
    config, owner = context.config, context.owner(topic)
    desk = context.desk_of(task.task, topic)
    called = context.called(desk, now)
    ladder = rungs(config.ladder, task.task.step) if task.task.step in WORKFLOW.steps else ()
    after = ladder[task.task.level + 1] if task.task.level + 1 < len(ladder) else None
    following = config.desks.get(seated(after, owner)) if after else None
    return TurnHolder(
        task.task.step, config.desks[desk].name, tuple(config.people[key].name for key in called), called,
        task.task.due_at, following.name if following else "",
    )  # fmt: skip
