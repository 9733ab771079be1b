"""事件: the list of them, those of long ago as well."""

from alerts.console.door import Answer, Door, Shown, Visit, number_in
from alerts.desk.dealing.seeing import CasesAsked, find_cases
from alerts.detection.grades import Grade
from alerts.workflow.rules import WORKFLOW


def show(visit: Visit) -> Answer:
    """Lists cases, a page of them, narrowed by topic, grade, stage, and whether they are open."""
    asked = CasesAsked(
        topic=visit.asked("topic"), grade=visit.asked("grade"), stage=visit.asked("stage"),
        open_only=visit.asked("open") == "1", before=number_in(visit.asked("before")),
    )  # fmt: skip
    found = find_cases(visit.context, asked, visit.key, visit.now)
    facts = {"asked": asked, "found": found, "stages": WORKFLOW.stages, "grades": [str(one) for one in Grade]}
    return Shown("cases.html", facts)


DOORS = (Door(path="/cases", show=show),)
