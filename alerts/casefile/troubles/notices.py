"""What is written of an incident: the notice that asks for mending, and the bulletin that it is well again."""

from dataclasses import dataclass
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.casefile.notices import Telling, demand_of, named
from alerts.casefile.telling.standing import Gathered
from alerts.casefile.troubles.found import Found, TroubleSnapshot
from alerts.detection.grades import GRADE_NAMES
from alerts.incidents.kinds import incident_name
from alerts.incidents.troubles import Trouble
from alerts.notify.contents.bulletin import Bulletin, Section
from alerts.notify.contents.notice import Colour, Notice, Occasion
from alerts.notify.contents.phrases import local
from alerts.notify.contents.quotes import clean
from alerts.people.directory import Person, key_of, told_apart
from alerts.words import STAGE_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from alerts.workflow.subjects import incident_key

_BEFORE = {
    Occasion.WARNED: "办理时限将到：",
    Occasion.ESCALATED: "上一岗位超时未办，现转请处置：",
    Occasion.ASSIGNED: "已转办至本岗位，请处置：",
    Occasion.SUPERVISED: "已列入督办，请抓紧处置：",
}


@dataclass(frozen=True, slots=True)
class TroubleTelling:
    """What is told of an incident and why; as a `Telling` of a spike."""

    case: Case
    trouble: Trouble
    occasion: Occasion
    step: str


def telling_of(case: Case, found: Found, gathered: Gathered, occasion: Occasion, step: str) -> Telling | TroubleTelling:
    """Puts together what is told of a case of either kind."""
    if isinstance(found, TroubleSnapshot):
        return TroubleTelling(case, found.trouble, occasion, step)
    return Telling(case, found, gathered, occasion, step)


def compose_trouble(context: CaseContext, telling: TroubleTelling, task: Task, person: Person, now: datetime) -> Notice:
    """Composes the notice that asks `person` to take or mend what is wrong."""
    case, trouble = telling.case, telling.trouble
    rule, people = context.config.incidents.rule(trouble.kind), context.config.people
    return Notice(
        id=named(case.id, telling.step, told_apart(people, person), task.turn, context.config.host),
        thread=f"{case.id}.root@{context.config.host}",
        occasion=telling.occasion,
        at=now,
        organisation=context.config.organisation,
        case=case.id,
        topic=clean(incident_name(incident_key(case.topic)), 60),
        colour=Colour(case.grade),
        grade=GRADE_NAMES[case.grade],
        stage=STAGE_NAMES[case.stage],
        headline=_BEFORE.get(telling.occasion, "") + clean(trouble.what, 300),
        truth="这是监测系统自身的故障，不是舆情；排除之前，有关信息可能看不到或晚到。",
        figures=None,
        danger="",
        reasons=(f"自 {local(trouble.since)} 起。", trouble.todo),
        grading=(f"{GRADE_NAMES[case.grade]}：按故障类别确定（{rule.source}）",),
        quotes=(),
        sources=(),
        demand=demand_of(context, case, task, key_of(people, person) or person.name),
        dashboard="",
    )


def compose_recovery(context: CaseContext, case: Case, trouble: Trouble, person: Person, now: datetime) -> Bulletin:
    """Composes the line that what was wrong is well again, for somebody who was asked to mend it."""
    name = clean(incident_name(incident_key(case.topic)), 60)
    return Bulletin(
        id=named(case.id, "recovered", told_apart(context.config.people, person), case.revision, context.config.host),
        thread=f"{case.id}.root@{context.config.host}",
        at=now,
        organisation=context.config.organisation,
        person=person.name,
        subject=f"【已恢复】{name}",
        headline=f"事件 {case.id}（{name}）已自行恢复，系统已结案，无需办理。",
        sections=(
            Section("原故障", (clean(trouble.what, 300), f"自 {local(trouble.since)} 起，{local(now)} 确认恢复。")),
        ),
        colour=Colour.BLUE,
    )
