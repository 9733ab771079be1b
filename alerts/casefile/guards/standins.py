"""Names that rows keep and that the configuration or the workflow's table has no more: what stands in for each. Pure.

A case outlives the file that was there when it began. A desk that was renamed, a step or a stage of an older table must
neither stop the watching nor let the case be forgotten.
"""

from collections.abc import Mapping

from alerts.people.directory import Desk
from alerts.workflow.ladder import Ladder, rungs, seated
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow


def standing_desk(desks: Mapping[str, Desk], ladder: Ladder, named: str, step: str, owner: str) -> str:
    """Returns the key of the desk a task is for: the one it names, else the step's first rung, else the first of all.

    `owner` is the desk that owns the case's topic.
    """
    first = rungs(ladder, step)[0]
    wanted = (named, seated(first, owner))
    return next((key for key in wanted if key in desks), next(iter(desks)))


def standing_stage(stage: str, *, ended: bool, workflow: Workflow = WORKFLOW) -> str:
    """Returns a stage of the table: the case's own, else where cases begin, or where ended ones are put away."""
    if stage in workflow.stages:
        return stage
    put_away = (rule.stage for rule in workflow.rules if rule.ended and rule.step is None and not rule.is_outcome)
    return next(put_away, workflow.start) if ended else workflow.start


def standing_step(step: str, owed: str | None, workflow: Workflow = WORKFLOW) -> str:
    """Returns a step of the table: the task's own, else what the case owes, else the first of all."""
    return step if step in workflow.steps else owed or workflow.steps[0]
