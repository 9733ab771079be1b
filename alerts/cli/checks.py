"""`check-config` and `check`: what is wrong with the configuration, and with what lies in the state database."""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from alerts.casefile.context import CaseContext
from alerts.cli.settings import Settings, open_register, read_settings, with_settings
from alerts.desk.audit import ChangedHistory, Complaint, OverdueTask, StuckLetter, audit
from alerts.desk.standing import Standing, doubts, highest_hours, read_standings, remembered
from alerts.detection.triggers import unknown_sources
from alerts.made_up import still_made_up
from alerts.notify.phrases import local
from stream.cli.options import configs_option, explaining_errors
from stream.engines import open_index_reader, open_state_as_it_is, refuse_absent
from stream.errors import ConfigError, Rejected, Retryable
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.state.database import disposing


@click.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read alerts.yml, topics.yml and the sources' names against it; list every mistake, and what is still made up.

    Where the topics have been watched for a while it is said, too, what their budgets of alarms come to.
    """
    with explaining_errors():
        settings = read_settings(configs)
        _check_sources(configs, settings)
    warnings = [*still_made_up(settings.alerts, settings.topics), *retired_keys(settings)]
    budgets = list(budget_lines(settings, SystemClock().now()))
    for words in (*warnings, *(words for _, doubted in budgets for words in doubted)):
        click.echo(f"warning: {words}", err=True)
    click.echo(f"{configs}/alerts.yml: no mistakes")
    for line, _ in budgets:
        click.echo(line)


@click.command()
@with_settings
def check(settings: Settings) -> None:
    """Find tasks nobody was called for, letters refused or stuck, histories changed. Exits 1 if there is any."""
    with open_register(settings) as register:
        found = audit(register, SystemClock().now())
    for complaint in found:
        click.echo(complaint_line(complaint))
    if not found:
        click.echo("没有发现问题")
    sys.exit(1 if found else 0)


def retired_keys(settings: Settings) -> Iterator[str]:
    """Yields keys of versions before that are still written down and decide nothing."""
    for key in settings.alerts.detector.retired:
        yield f"alerts.yml detector.{key}: decides nothing any more, alerts_per_week does: take it out"


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
        case StuckLetter(letter):
            return f"letter {letter.id} of case {letter.case_id} to {letter.recipient}: {letter.state}, {letter.answer}"
        case ChangedHistory(case_id, number):
            return f"case {case_id}: event {number} was changed after it was written"


def _check_sources(configs: Path, settings: Settings) -> None:
    """Refuses a trigger's source that crawlers.yml does not name. Of that file the keys alone are ours to read."""
    if not (configs / "crawlers.yml").exists():
        return
    configuration = Configuration(configs)
    raw = configuration.add("crawlers.yml", dict[str, Any])()
    sources = raw.get("sources")
    for key, named in unknown_sources(settings.alerts.triggers, sources if isinstance(sources, dict) else ()):
        configuration.refuse(str(configs / "alerts.yml"), key, f"crawlers.yml has no source {named!r}")
    configuration.check()
