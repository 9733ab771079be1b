"""From a case to the notice for one person: everything that any medium will say, put together once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from structlog import get_logger

from alerts.casefile.context import CaseContext, cue_names
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.story import numbers, reasons, window
from alerts.casefile.wording import fired_lines, grading_lines, unverified
from alerts.detection.grades import GRADE_NAMES
from alerts.detection.signals import Signal, State
from alerts.detection.triggers import When
from alerts.notify.notice import Colour, Command, Demand, Figures, Notice, Occasion, SourceLine
from alerts.notify.quotes import Quote, clean
from alerts.people.directory import Person
from alerts.words import ACTION_NAMES, STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import OWNER, Task, rungs
from alerts.workflow.rules import WORKFLOW, Action, Verdict

HEADLINES = {
    Occasion.OPENED: "发现负面信息异常上升，请处置",
    Occasion.ROSE: "负面信息继续明显上升",
    Occasion.REKINDLED: "话题平静后再度升温（复燃）",
    Occasion.NEWS: "事件出现新情况，请关注",
    Occasion.EXPECTED: "事件进入下一环节，请办理",
    Occasion.WARNED: "办理时限将到，请抓紧",
    Occasion.ESCALATED: "上一责任岗位超时未办，现转请处置",
}
DRIED_UP = "话题总帖量异常减少，请先核对采集，再行研判"
LATE = "补报：此前负面信息曾异常上升，请处置"
BY_TRIGGER = "出现需要关注的情况，请处置"
BY_HAND = "收到人工上报，请处置"

log = get_logger()


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of a case and why: `step` and the task's turn make it one notice for each person, and no other."""

    case: Case
    snapshot: CaseSnapshot
    quotes: tuple[Quote, ...]
    occasion: Occasion
    step: str


def compose(context: CaseContext, telling: Telling, task: Task, person: Person, now: datetime) -> Notice:
    """Composes the notice that asks `person` to do `task`."""
    case, snapshot, signal = telling.case, telling.snapshot, telling.snapshot.signal
    return Notice(
        id=_name(case.id, telling.step, person, task.turn, context.config.host),
        thread=f"{case.id}.root@{context.config.host}",
        occasion=telling.occasion,
        at=now,
        organisation=context.config.organisation,
        case=case.id,
        topic=clean(context.topic_name(case.topic), 60),
        colour=Colour(case.grade),
        grade=GRADE_NAMES[case.grade],
        stage=STAGE_NAMES[case.stage],
        headline=_headline(telling),
        truth=_truth(case.verdict),
        figures=_figures(signal),
        danger=unverified(cue_names(context.topics, snapshot.cues)),
        reasons=(*fired_lines(snapshot.triggers), *reasons(snapshot)),
        grading=tuple(grading_lines(snapshot.grading, snapshot.triggers)),
        numbers=numbers(signal),
        quotes=telling.quotes,
        sources=tuple(
            SourceLine(one.source, one.last_success, one.source in signal.silent) for one in snapshot.coverage
        ),
        demand=Demand(
            person=person.name,
            desk=context.config.desks[task.desk].name,
            step=STEP_NAMES[task.step],
            due_at=task.due_at,
            next_desk=_next_desk(context, case, task),
            commands=commands(case.id, task.step, person),
        ),
        dashboard=context.dashboard(case),
    )


def commands(case_id: int, step: str, person: Person) -> tuple[Command, ...]:
    """Lists what can be done about the step owed, and the command lines that do it."""
    return tuple(
        Command(_choice(one), f"python -m alerts case act {case_id} {one.key} --by {person.name}{_options(one)}")
        for one in WORKFLOW.rule_of(step).done_by
    )


def _choice(action: Action) -> str:
    name = ACTION_NAMES[action.key]
    return f"{name}（结论：{'、'.join(VERDICT_NAMES.values())}）" if action.verdict else name


def _options(action: Action) -> str:
    return (" --verdict 结论" if action.verdict else "") + (" --note 事由" if action.note else "")


def _name(case_id: int, step: str, person: Person, turn: int, host: str) -> str:
    """Names a notice: the same for the same notice for ever, so that a second copy can be told by every program."""
    who = hashlib.sha256(person.known_as.encode()).hexdigest()[:8]
    return f"{case_id}.{step}.{who}.{turn}@{host}"


def _headline(telling: Telling) -> str:
    """Says why people are written to; of a new case what kind of wave opened it, or what beside counts did."""
    snapshot, signal = telling.snapshot, telling.snapshot.signal
    if telling.occasion is not Occasion.OPENED:
        return HEADLINES[telling.occasion]
    if snapshot.triggers and signal.state is not State.SPIKE:
        return BY_HAND if any(one.when is When.HAND for one in snapshot.triggers) else BY_TRIGGER
    return DRIED_UP if signal.fell else LATE if signal.late else HEADLINES[Occasion.OPENED]


def _figures(signal: Signal) -> Figures:
    return Figures(
        since=signal.since, at=min(signal.at, signal.window_end or signal.at), window=window(signal),
        total=signal.total, negative=signal.negative, expected=signal.expected, effective=signal.effective,
        authors=signal.authors, texts=signal.texts, share=signal.share, usual_share=signal.usual_share,
        rising=signal.state is State.SPIKE,
    )  # fmt: skip


def _truth(verdict: Verdict | None) -> str:
    return "待核实。核实结论作出之前，请勿以“谣言”相称。" if verdict is None else f"核实结论：{VERDICT_NAMES[verdict]}"


def _next_desk(context: CaseContext, case: Case, task: Task) -> str:
    desks = rungs(context.config.ladder, task.step)
    if task.level + 1 >= len(desks):
        return ""
    key = desks[task.level + 1]
    return context.config.desks[context.owner(case.topic) if key == OWNER else key].name
