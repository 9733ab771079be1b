"""From a case to the notice for one person: everything that any medium will say, put together once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from shlex import quote as quote_for_shell

from alerts.casefile.context import CaseContext, cue_names
from alerts.casefile.guards.standins import standing_step
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.story import numbers, reasons, window
from alerts.casefile.telling.express import express, known, questions
from alerts.casefile.telling.headlines import headline
from alerts.casefile.telling.past import DEEDS, NOTHING, Past
from alerts.casefile.telling.standing import (
    Gathered,
    leading_claim,
    library_answer,
    names,
    quotes_of,
    situation,
)
from alerts.casefile.wording import fired_lines, grading_lines, unverified
from alerts.config import AlertsConfig
from alerts.detection.grades import GRADE_NAMES, Grade, gravest
from alerts.detection.signals import Signal, State
from alerts.notify.contents.notice import Colour, Command, Demand, Figures, Notice, Occasion, SourceLine
from alerts.notify.contents.quotes import clean
from alerts.people.directory import Person, key_of, told_apart
from alerts.words import ACTION_NAMES, STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task, owed, rungs, seated
from alerts.workflow.parts import Action, Wording
from alerts.workflow.rules import WORKFLOW

UNPROVEN = "真实性待核实。核实结论作出前，内部流转和对外口径均不得称“谣言”。"
COVERED = frozenset({Occasion.OPENED, Occasion.ROSE, Occasion.REKINDLED, Occasion.NEWS, Occasion.TROUBLE})


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of a case and why: `step` and the task's turn make it one notice for each person, and no other.

    `gathered` is what the index has of the wave now, read outside of any transaction; `past` what went before in the
    case's own record. `statement` is the wording that is approved or to be, "" before there is one.
    """

    case: Case
    snapshot: CaseSnapshot
    gathered: Gathered
    occasion: Occasion
    step: str
    past: Past = NOTHING
    statement: str = ""


def compose(context: CaseContext, telling: Telling, task: Task, person: Person, now: datetime) -> Notice:
    """Composes the notice that asks `person` to do `task`."""
    case, snapshot, past, config = telling.case, telling.snapshot, telling.past, context.config
    topic, verdict = clean(context.topic_name(case.topic), 60), VERDICT_NAMES[case.verdict] if case.verdict else ""
    key, step = key_of(config.people, person) or person.name, standing_step(task.step, owed(case))
    demand = demand_of(context, case, task, key)
    stands = situation(telling.gathered, snapshot.signal, past, config.console_address)
    danger, claim = unverified(cue_names(context.topics, snapshot.cues)), leading_claim(telling.gathered)
    people = {one: known.name for one, known in config.people.items()}
    asked = context.called(context.desk_of(task, case.topic), now)
    return Notice(
        id=named(case.id, telling.step, told_apart(config.people, person), task.turn, config.host),
        thread=f"{case.id}.root@{config.host}",
        occasion=telling.occasion,
        at=now,
        organisation=config.organisation,
        case=case.id,
        topic=topic,
        colour=Colour(case.grade),
        grade=GRADE_NAMES[case.grade],
        stage=STAGE_NAMES[case.stage],
        headline=headline(
            telling.occasion, snapshot, topic=topic, verdict=verdict, demand=demand,
            before=_desk_before(context, case, task, step), situation=stands, now=now,
        ),
        truth=f"已核实：{verdict}" if verdict else UNPROVEN,
        figures=_figures(snapshot.signal),
        danger="" if verdict else danger,
        reasons=(*fired_lines(snapshot.triggers), *reasons(snapshot)),
        grading=(*suggestion(case, snapshot.grading.grade), *grading_lines(snapshot.grading, snapshot.triggers)),
        numbers=numbers(snapshot.signal),
        quotes=quotes_of(telling.gathered),
        sources=_sources(context, telling),
        demand=demand,
        dashboard=context.dashboard(case),
        claim=claim,
        situation=stands,
        unsearched=stands is None and not quotes_of(telling.gathered),
        verdict=verdict,
        previous_verdict=past.previous_verdict,
        known=known(past.verified, verdict),
        unknown=questions(step, verdict, danger),
        deeds=past.deeds[:DEEDS],
        statement=telling.statement,
        answered=library_answer(telling.gathered),
        express=express(
            topic=topic, grade=GRADE_NAMES[case.grade], verdict=verdict, claim=claim, situation=stands,
            deeds=past.deeds, step=step, now=now,
        ),
        informed=names(asked, people, without=(key,)),
        informed_before=names(past.informed, people, without=(key, *asked)),
    )  # fmt: skip


def demand_of(context: CaseContext, case: Case, task: Task, key: str) -> Demand:
    """Says what is asked of the person of that key; a step of an older table is that which the case owes now."""
    config, step = context.config, standing_step(task.step, owed(case))
    return Demand(
        person=config.people[key].name if key in config.people else key,
        desk=_desk(context, case, task),
        step=STEP_NAMES[step],
        due_at=task.due_at,
        next_desk=_next_desk(context, case, task),
        commands=commands(case.id, step, key),
        key=step,
        link=case_page(config, case.id),
    )


def case_page(config: AlertsConfig, case_id: int) -> str:
    """Writes the address of the case's page; "" where there is no console."""
    return f"{config.console_address}/case/{case_id}" if config.console_address else ""


def _sources(context: CaseContext, telling: Telling) -> tuple[SourceLine, ...]:
    """Lists the sources that were not heard of, by name, in letters about counts: others would only read of them."""
    if telling.occasion not in COVERED:
        return ()
    signal = telling.snapshot.signal
    return tuple(
        SourceLine(context.source_names.get(one.source, one.source), one.last_success, one.source in signal.silent)
        for one in telling.snapshot.coverage
        if one.last_success is None or one.source in signal.silent
    )


def commands(case_id: int, step: str, key: str) -> tuple[Command, ...]:
    """Lists what can be done about the step owed, and the command lines that do it, by a person's key: to be pasted."""
    return tuple(
        Command(
            _choice(one), f"python -m alerts case act {case_id} {one.key} --by {quote_for_shell(key)}{_options(one)}"
        )
        for one in WORKFLOW.rule_of(step).done_by
    )


def _choice(action: Action) -> str:
    name = ACTION_NAMES[action.key]
    return f"{name}（结论：{'、'.join(VERDICT_NAMES.values())}）" if action.verdict else name


def _options(action: Action) -> str:
    wanted = (
        (action.verdict, " --verdict 结论"),
        (action.wording is Wording.WRITES, " --statement 口径"),
        (action.plans, " --owner 责任岗位 --until 年-月-日"),
        (action.note, " --note 办理意见"),
    )
    return "".join(option for is_wanted, option in wanted if is_wanted)


def named(case_id: int, step: str, person: str, turn: int, host: str) -> str:
    """Names a notice to `person`, as people are told apart: the same for the same notice for ever.

    So a second copy can be told by every program.
    """
    who = hashlib.sha256(person.encode()).hexdigest()[:8]
    return f"{case_id}.{step}.{who}.{turn}@{host}"


def _figures(signal: Signal) -> Figures:
    return Figures(
        since=signal.since, at=min(signal.at, signal.window_end or signal.at), window=window(signal),
        total=signal.total, negative=signal.negative, expected=signal.expected, effective=signal.effective,
        authors=signal.authors, texts=signal.texts, share=signal.share, usual_share=signal.usual_share,
        rising=signal.state is State.SPIKE,
    )  # fmt: skip


def _desk_before(context: CaseContext, case: Case, task: Task, step: str) -> str:
    """Names the desk that let its time go by; "" for the first."""
    desks = rungs(context.config.ladder, step)
    return _rung(context, case, desks[task.level - 1]) if 0 < task.level <= len(desks) else ""


def _next_desk(context: CaseContext, case: Case, task: Task) -> str:
    desks = rungs(context.config.ladder, task.step)
    return _rung(context, case, desks[task.level + 1]) if task.level + 1 < len(desks) else ""


def _rung(context: CaseContext, case: Case, key: str) -> str:
    return context.config.desks[seated(key, context.owner(case.topic))].name


def _desk(context: CaseContext, case: Case, task: Task) -> str:
    """Names the desk that is asked, and says so where it stands in for one that alerts.yml names no more."""
    key = context.desk_of(task, case.topic)
    name = context.config.desks[key].name
    return name if key == task.desk else f"{name}（原责任岗位「{task.desk}」已不在配置中，由本岗位代办）"


def suggestion(case: Case, automatic: Grade) -> tuple[str, ...]:
    """Says that the rules came to a graver grade than the one a person set, which the program leaves as it is."""
    if case.graded_by is None or gravest(case.grade, automatic) is case.grade:
        return ()
    set_by = f"现为「{GRADE_NAMES[case.grade]}」，由{case.graded_by}认定"
    return (f"按标准已达「{GRADE_NAMES[automatic]}」（{set_by}，系统不自动改动）：建议研判是否上调",)
