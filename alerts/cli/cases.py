"""`case`: what is open, what happened, what to do."""

import json
from collections.abc import Iterator
from typing import Any

import click

from alerts.casefile.story import numbers, reasons
from alerts.casefile.wording import fired_lines, grading_lines, unverified
from alerts.cli.settings import Settings, open_context, open_register, with_settings
from alerts.desk.cases import CaseDetails, CaseSummary, HistoryEntry, act_on_case, list_cases, read_details
from alerts.desk.reporting import open_by_hand
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.notify.phrases import local, usual
from alerts.words import ACTION_NAMES, STAGE_NAMES, STEP_NAMES, UNVERIFIED, VERDICT_NAMES, event_name
from alerts.workflow.cases import ActRequest, OpenRequest
from alerts.workflow.rules import WORKFLOW, Verdict, read_verdict
from stream.process.clock import SystemClock


class VerdictChoice(click.ParamType[Verdict]):
    """A verdict by its key or by its word."""

    name = "verdict"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Verdict:
        """Reads what was typed; fails with everything that could have been."""
        try:
            return read_verdict(value)
        except ValueError:
            known = ", ".join(f"{key} ({word})" for key, word in VERDICT_NAMES.items())
            self.fail(f"{value!r} is none of {known}", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Shows the keys in the help."""
        return f"[{'|'.join(Verdict)}]"


@click.group()
def case() -> None:
    """See to cases: what is open, what happened, what to do."""


@case.command("list")
@click.option("--all", "also_ended", is_flag=True, help="Also cases that ended.")
@with_settings
def list_command(settings: Settings, also_ended: bool) -> None:
    """List open cases, the newest first."""
    with open_register(settings) as register:
        found = list_cases(register, also_ended=also_ended)
    for one in found:
        click.echo(summary_line(one))
    if not found:
        click.echo("没有事件" if also_ended else "没有未结事件")


@case.command("show")
@click.argument("case_id", type=int)
@with_settings
def show_command(settings: Settings, case_id: int) -> None:
    """Show a case: the numbers, why this grade, who must do what by when, and everything that happened."""
    with open_register(settings) as register:
        details = read_details(register, case_id)
    for line in detail_lines(details):
        click.echo(line)


@case.command("act")
@click.argument("case_id", type=int)
@click.argument("action", type=click.Choice(WORKFLOW.actions))
@click.option("--by", required=True, help="Who acts: a key, name or address of people in alerts.yml. Taken on trust.")
@click.option("--note", default="", help="Why, or what was done; needed for all but acknowledge.")
@click.option("--verdict", type=VerdictChoice(), help="What verify found; the Chinese word does as well.")
@with_settings
def act_command(settings: Settings, case_id: int, action: str, by: str, note: str, verdict: Verdict | None) -> None:
    """Do the next thing to a case: acknowledge, judge, report, verify, respond and so on."""
    request = ActRequest(action, by, note, verdict)
    with open_context(settings) as context:
        done = act_on_case(context, case_id, request, SystemClock().now())
    what, stage = done.already or ACTION_NAMES[action], STAGE_NAMES[done.case.stage]
    click.echo(f"事件 {case_id}：{what}，现处于「{stage}」")


@case.command("open")
@click.option("--topic", required=True, help="The topic's key in topics.yml, or its name.")
@click.option("--by", required=True, help="Who reports: a key, name or address of people in alerts.yml. On trust.")
@click.option("--why", required=True, help="What people are to look at; stands in the letter.")
@click.option(
    "--grade", type=click.Choice([str(one) for one in Grade]), default="blue", help="The least grade of the case."
)
@click.option("--post", "posts", multiple=True, help="A post's id, as `screening list` shows it; may be repeated.")
@with_settings
def open_command(settings: Settings, topic: str, by: str, why: str, grade: str, posts: tuple[str, ...]) -> None:
    """Open a case by hand, over what was heard elsewhere or not noticed; refused where one on the topic is open."""
    request = OpenRequest(topic, by, why, Grade(grade), posts)
    with open_context(settings) as context:
        opened = open_by_hand(context, request, SystemClock().now())
        name = context.topic_name(opened.topic)
    what = f"话题「{name}」，{GRADE_NAMES[opened.grade]}，现处于「{STAGE_NAMES[opened.stage]}」"
    click.echo(f"事件 {opened.id}：已立案（人工上报），{what}")


def summary_line(one: CaseSummary) -> str:
    """Writes a case in the list: number, grade, topic, stage, since when, the next limit, verdict."""
    shown = one.case
    return "\t".join(
        [
            str(shown.id),
            GRADE_NAMES[shown.grade],
            one.topic,
            STAGE_NAMES.get(shown.stage, shown.stage),
            f"自 {local(shown.since)}",
            f"时限 {local(one.due_at)}" if one.due_at else "无待办",
            _verdict(shown.verdict),
        ]
    )


def detail_lines(details: CaseDetails) -> Iterator[str]:
    """Yields all there is to say of a case, a line each."""
    shown, signal = details.case, details.snapshot.signal
    stage = STAGE_NAMES.get(shown.stage, shown.stage)
    yield (f"事件 {shown.id}　话题「{details.topic}」　{GRADE_NAMES[shown.grade]}　{stage}　{_verdict(shown.verdict)}")
    yield (
        f"负面 {signal.negative}（常态 {usual(signal.expected)}），{signal.authors} 个发言者，截至 {local(signal.at)}"
    )
    claims = unverified(details.claims)
    fired = details.snapshot.triggers
    told = [*filter(None, [claims]), *fired_lines(fired), *reasons(details.snapshot)]
    yield from (f"  - {line}" for line in (*told, *grading_lines(details.snapshot.grading, fired)))
    yield f"  数据：{'；'.join(numbers(signal))}"
    yield "待办：" if details.tasks else "待办：无"
    for one in details.tasks:
        step = STEP_NAMES.get(one.task.step, one.task.step)
        yield f"  {step}：{one.desk}，时限 {local(one.task.due_at)}"
    possible = (f"{ACTION_NAMES.get(action.key, action.key)} {action.key}" for action in details.actions)
    yield "可办：" + "、".join(possible)
    yield "经过："
    yield from map(history_line, details.history)
    intact = details.broken is None
    yield "记录完整，未被改动" if intact else f"警告：第 {details.broken} 条记录被改动过"


def history_line(entry: HistoryEntry) -> str:
    """Says what happened or was done; of a person, whether it is proven who it was, and whether it was theirs to do."""
    remarks = [word for word, said in (("自报", entry.claimed), ("不在本环节岗位", entry.unlisted)) if said]
    by = f"{entry.by}（{'，'.join(remarks)}）" if remarks else entry.by
    columns = ["  " + local(entry.at), event_name(entry.kind), by, *filter(None, [entry.note])]
    columns += [VERDICT_NAMES[entry.verdict]] if entry.verdict else []
    columns += [f"转入「{STAGE_NAMES.get(entry.stage, entry.stage)}」"] if entry.stage else []
    columns += [json.dumps(dict(entry.detail), ensure_ascii=False, sort_keys=True)] if entry.detail else []
    return "　".join(columns)


def _verdict(verdict: Verdict | None) -> str:
    return VERDICT_NAMES[verdict] if verdict else UNVERIFIED
