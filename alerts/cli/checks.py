"""`check-config` and `check`: what is wrong with the configuration, and with what lies in the state database."""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FOLDER, Failures
from alerts.casefile.guards.rehearsal import rehearse
from alerts.cli.inbox import inbox_complaint
from alerts.cli.settings import Settings, open_register, read_settings, with_settings
from alerts.desk.audit import (
    ChangedHistory,
    Complaint,
    Failing,
    LostAnswers,
    OverdueTask,
    StuckLetter,
    UnownedStep,
    UnreachableDesk,
    audit,
)
from alerts.desk.gone import names_gone
from alerts.desk.letters import LetterStatus
from alerts.desk.register import Register
from alerts.desk.standing import Standing, doubts, highest_hours, read_standings, remembered
from alerts.detection.grades import never_reached
from alerts.detection.lookout import CATCH_UP
from alerts.detection.triggers import never_fires, unknown_sources
from alerts.made_up import still_made_up
from alerts.notify.console import doubtful
from alerts.notify.contents.phrases import local
from alerts.notify.kinds import unfit_channels
from alerts.people.directory import namesakes, one_mailbox, shared
from alerts.replies.tables import read_standing
from alerts.workflow.ladder import idle_limits, out_of_order, without_second_person
from stream.cli.options import configs_option, explaining_errors
from stream.config import raw_sources, switched_on
from stream.engines import open_index_reader, open_state_as_it_is, refuse_absent
from stream.errors import ConfigError, Rejected, Retryable
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.responses.evidence import UnfitKey, read_key
from stream.state.database import disposing


@click.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read alerts.yml, topics.yml and the sources' names against it; list every mistake, and what is still made up.

    Where the topics have been watched for a while it is said, too, what their budgets of alarms come to.
    """
    with explaining_errors():
        configure("alerts")
        settings = read_settings(configs)
        _check_sources(configs, settings)
        _rehearse(configs, settings)
    warnings = [*still_made_up(settings.alerts, settings.topics), *retired_keys(settings), *shared_names(settings)]
    warnings += [
        *lonely_desks(settings),
        *contradictions(settings),
        *hasty_steps(settings),
        *unreached_grades(settings),
        *gone_lines(settings),
        *console_doubts(settings),
        *key_doubts(settings),
    ]
    budgets = list(budget_lines(settings, SystemClock().now()))
    for words in (*warnings, *(words for _, doubted in budgets for words in doubted)):
        click.echo(f"warning: {words}", err=True)
    click.echo(f"{configs}/alerts.yml: no mistakes")
    for line, _ in budgets:
        click.echo(line)


@click.command()
@with_settings
def check(settings: Settings) -> None:
    """Find what fails by itself, tasks nobody was called for, letters stuck, an inbox not read, histories changed.

    Exits 1 if anything is found.
    """
    now = SystemClock().now()
    with open_register(settings) as register:
        found = audit(register, now, Failures(settings.stream.var / FOLDER).open())
        silent = inbox_complaint(read_standing(register.engine), now) if settings.alerts.inbox else None
    for line in (*map(complaint_line, found), *filter(None, [silent])):
        click.echo(line)
    if not (found or silent):
        click.echo("没有发现问题")
    sys.exit(1 if found or silent else 0)


def retired_keys(settings: Settings) -> Iterator[str]:
    """Yields keys of versions before that are still written down and decide nothing."""
    for key in settings.alerts.detector.retired:
        yield f"alerts.yml detector.{key}: decides nothing any more, alerts_per_week does: take it out"


def unreached_grades(settings: Settings) -> Iterator[str]:
    """Says which grades nobody can reach, by counts or by a trigger."""
    by_trigger = {row.grade for row in settings.alerts.triggers}
    yield from (f"alerts.yml: {words}" for words in never_reached(settings.alerts.grades, by_trigger))


def console_doubts(settings: Settings) -> Iterator[str]:
    """Says what of the console's configuration is likely not meant."""
    if settings.alerts.console is not None:
        yield from (f"alerts.yml console.{key}: {words}" for key, words in doubtful(settings.alerts.console))


def key_doubts(settings: Settings) -> Iterator[str]:
    """Says why no case could secure pages by the key that is named; letters and cases go on without."""
    if settings.alerts.evidence_key_file is not None:
        try:
            read_key(settings.alerts.evidence_key_file)
        except UnfitKey as error:
            yield f"alerts.yml evidence_key_file: {error}"


def lonely_desks(settings: Settings) -> Iterator[str]:
    """Yields steps that want a second person where there is none."""
    people = {key: desk.people for key, desk in settings.alerts.desks.items()}
    yield from (f"alerts.yml {words}" for words in without_second_person(settings.alerts.ladder, people))


def contradictions(settings: Settings) -> Iterator[str]:
    """Says which numbers exclude one another, so that an alarm or a call never comes, or not in time."""
    alerts, topics = settings.alerts, settings.topics
    off = raw_sources(settings.configs).keys() - switched_on(settings.configs).keys()
    for key, words in never_fires(alerts.triggers, topics.cues, off, alerts.look_every):
        yield f"alerts.yml {key}: {words}"
    if alerts.look_every >= CATCH_UP:
        yield (
            f"alerts.yml look_every: {alerts.look_every} is no shorter than {CATCH_UP}, and older waves are history: "
            "of what is over between two looks nobody is told"
        )
    yield from (f"alerts.yml {words}" for words in idle_limits(alerts.ladder))


def shared_names(settings: Settings) -> Iterator[str]:
    """Yields what several people or topics have in common by which each should be known."""
    for name, keys in namesakes(settings.alerts.people):
        yield f"alerts.yml people: {' and '.join(keys)} are both called {name}: they act by their keys, as letters say"
    for address, keys in one_mailbox(settings.alerts.people):
        yield (
            f"alerts.yml people: {' and '.join(keys)} share {address}: whoever reads it can answer letters, and set "
            "passwords, in the name of each"
        )
    for name, keys in shared({key: topic.name for key, topic in settings.topics.watched.items()}):
        yield f"topics.yml topics: {' and '.join(keys)} are both called {name}: nobody can tell their letters apart"


def hasty_steps(settings: Settings) -> Iterator[str]:
    """Yields limits that are over before those of the steps before."""
    yield from (f"alerts.yml {words}" for words in out_of_order(settings.alerts.ladder))


def gone_lines(settings: Settings) -> list[str]:
    """Says what open cases wait for that is not configured any more; [] where there is no state, or it is away."""
    try:
        refuse_absent(settings.stream, "state")
        with disposing(open_state_as_it_is(settings.stream, settings.stream.state)) as engine:
            return names_gone(Register(engine, settings.alerts, settings.topics))
    except (ConfigError, Rejected, Retryable, SQLAlchemyError):
        return []


def budget_lines(settings: Settings, now: datetime) -> Iterator[tuple[str, list[str]]]:
    """Says what the budget of each topic that is remembered comes to now, and what makes one doubt it.

    Yields nothing where nothing ran yet or an engine is away: a configuration is checked without them.
    """
    try:
        standings, highest = _look(settings, now)
    except (ConfigError, Rejected, Retryable, SQLAlchemyError):
        return
    for one in standings:
        found = doubts(one, highest.get(one.topic, 0.0), settings.alerts.detector, now)
        yield budget_line(one), [f"{one.topic}: {words}" for words in found]


def budget_line(one: Standing) -> str:
    """Writes what a topic's budget comes to."""
    budget = f"{one.alerts_per_week:g} alarm{'' if one.alerts_per_week == 1 else 's'} a week"
    usual = f"about {one.usual:.0f} are usual" if one.usual >= 1 else "less than 1 is usual"
    return f"{one.topic}: {budget}; around {one.bar:.0f} negatives an hour would alarm at this time of day, {usual}"


def _look(settings: Settings, now: datetime) -> tuple[list[Standing], dict[str, float]]:
    stream, limits = settings.stream, settings.alerts.detector
    refuse_absent(stream, "state")
    refuse_absent(stream, "index")
    with (
        disposing(open_state_as_it_is(stream, stream.state)) as engine,
        closing(open_index_reader(stream)) as reader,
    ):
        known = remembered(engine)
        if not known:
            return [], {}
        context = CaseContext(engine, reader, settings.alerts, settings.topics, stream.index_name)
        standings = [one for one in read_standings(context, None, now) if one.topic in known]
        return standings, highest_hours(reader, limits, now)


def complaint_line(complaint: Complaint) -> str:
    """Writes one thing that a person should see to."""
    match complaint:
        case OverdueTask(task):
            return f"case {task.case_id}: {task.step} was due {local(task.due_at)} and nobody was called"
        case UnownedStep(case_id, step):
            return f"case {case_id}: {step} is owed and nobody has it"
        case StuckLetter(letter):
            return f"letter {letter.id}{_about(letter)} to {letter.recipient}: {letter.state}, {letter.answer}"
        case LostAnswers(letter):
            return (
                f"letter {letter.id}{_about(letter)} to {letter.recipient}: {letter.channel} heard it {letter.lost} "
                f"times and never answered; it has likely arrived, the next try is at {local(letter.next_at)}"
            )
        case UnreachableDesk(task):
            return (
                f"case {task.case_id}: nobody at {task.desk} can be written to about {task.step}: mend their addresses"
            )
        case Failing(failure):
            since = f"fails since {local(failure.since)}, the rest goes on"
            return f"{failure.part} {failure.about}: {since}: {failure.words}"
        case ChangedHistory(case_id, number):
            return f"case {case_id}: event {number} was changed after it was written"


def _about(letter: LetterStatus) -> str:
    return f" of case {letter.case_id}" if letter.case_id else ""


def _rehearse(configs: Path, settings: Settings) -> None:
    """Refuses what no letter can be made of, before a wave comes: a name, an address, a certificate."""
    configuration = Configuration(configs)
    for file, key, words in rehearse(settings.alerts, settings.topics):
        configuration.refuse(str(configs / file), key, words)
    for key, words in unfit_channels(settings.alerts.in_use):
        place = f"channels.{key}" if settings.alerts.channels else key
        configuration.refuse(str(configs / "alerts.yml"), place, words)
    configuration.check()


def _check_sources(configs: Path, settings: Settings) -> None:
    """Refuses a trigger's source that crawlers.yml does not name. Of that file the keys alone are ours to read."""
    if not (configs / "crawlers.yml").exists():
        return
    configuration = Configuration(configs)
    for key, named in unknown_sources(settings.alerts.triggers, raw_sources(configs)):
        configuration.refuse(str(configs / "alerts.yml"), key, f"crawlers.yml has no source {named!r}")
    configuration.check()
