"""`case`: what is open, what happened, what to do."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from alerts.cli.cases.lines import summary_line
from alerts.cli.cases.telling import detail_lines
from alerts.cli.settings import Settings, open_context, open_register, with_settings
from alerts.desk.cases import act_on_case, list_cases, read_details
from alerts.desk.dealing.dates import read_until
from alerts.desk.reporting import open_by_hand
from alerts.desk.telling import known_names
from alerts.desk.versions import read_models, version_lines
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.words import ACTION_NAMES, STAGE_NAMES, VERDICT_NAMES
from alerts.workflow.cases import ActRequest, OpenRequest
from alerts.workflow.parts import Verdict, read_verdict
from alerts.workflow.rules import WORKFLOW
from stream.cli.options import Group
from stream.engines import open_index_reader, refuse_absent
from stream.errors import ConfigError, Rejected, Retryable
from stream.process.clock import SystemClock

#: What each action says, for the help.
SAID: Mapping[str, str] = {
    "acknowledge": "I have seen it and deal with it",
    "judge": "it is for us: goes up",
    "judge_false_alarm": "it is none: the case ends",
    "report": "it was told to whoever must know",
    "verify": "what is true of it (--verdict)",
    "draft": "write the statement (--statement, --statement-file)",
    "approve": "pass another person's statement",
    "send_back": "have it written anew",
    "clarify": "published: it is not so",
    "respond": "published: our answer",
    "plan_remedy": "who puts it right until when (--owner, --until)",
    "remedied": "it was put right",
    "guide": "what was done to explain it further",
    "close": "it is over (--confirm: though it still rises)",
    "review": "what was learnt: the case is archived",
    "take": "incident of our own: I deal with it",
    "mended": "incident: it works again",
    "no_fault": "incident: nothing was wrong",
    "first_word": "published: noticed, being looked into",
    "track": "a remark while it is watched",
    "reopen": "an ended case begins again",
}


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


class Until(click.ParamType[datetime]):
    """A moment in Beijing's time: a day, of which the end of office hours is meant, or a day with a time."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Reads what was typed; fails with how it is to be written."""
        try:
            return read_until(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write 2026-10-08, or '2026-10-08 12:00'", param, ctx)


@click.group(cls=Group)
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
        if not one.is_incident:
            click.echo(summary_line(one))
    if incidents := [one for one in found if one.is_incident]:
        click.echo("系统故障")
        for one in incidents:
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
    models = _models(settings, details.snapshot.posts) if details.snapshot else None
    versions = version_lines(models, settings.topics.watched.get(details.case.topic))
    for line in detail_lines(details, tuple(versions), known_names(register)):
        click.echo(line)


def _models(settings: Settings, posts: tuple[str, ...]) -> tuple[str, ...] | None:
    """Asks the index what scored the posts; a case is shown without it, too."""
    try:
        refuse_absent(settings.stream, "index")
        with closing(open_index_reader(settings.stream)) as reader:
            return read_models(reader, posts)
    except (ConfigError, Rejected, Retryable):
        return None


@case.command("act", epilog="\b\n" + "\n".join(f"{key:<19}{words}" for key, words in SAID.items()))
@click.argument("case_id", type=int)
@click.argument("action", type=click.Choice(WORKFLOW.actions))
@click.option("--by", required=True, help="Who acts: a key, name or address of people in alerts.yml. Taken on trust.")
@click.option("--note", default="", help="Why, or what was done; needed for all but acknowledge.")
@click.option("--verdict", type=VerdictChoice(), help="What verify found; the Chinese word does as well.")
@click.option("--statement", default="", help="draft: the words of the statement.")
@click.option(
    "--statement-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="draft: a file with them."
)
@click.option("--owner", default="", help="plan_remedy: the desk that puts things right, by key or name.")
@click.option("--until", type=Until(), help="plan_remedy: the day it has to be done by, or 'day time', in Beijing.")
@click.option("--confirm", is_flag=True, help="close: although the topic still rises. The record says so.")
@click.option("--typed-by", default="", help="Who types this for the person who said it. The record says so.")
@with_settings
def act_command(
    settings: Settings, /, case_id: int, action: str, statement_file: Path | None, statement: str, **options: Any
) -> None:
    """Do the next thing to a case: acknowledge, judge, report, verify, draft, approve, respond and so on."""
    if statement and statement_file is not None:
        raise click.UsageError("give --statement or --statement-file, not both")
    words = statement if statement_file is None else _read(statement_file)
    request = ActRequest(action, statement=words, **options)
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


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file} is not UTF-8 text: save it as UTF-8 and try again") from error
