"""`check-config` and `check`: what is wrong with the configuration, and with what lies in the state database."""

import sys
from pathlib import Path
from typing import Any

import click

from alerts.cli.settings import Settings, open_register, read_settings, with_settings
from alerts.desk.audit import ChangedHistory, Complaint, OverdueTask, StuckLetter, audit
from alerts.detection.triggers import unknown_sources
from alerts.made_up import still_made_up
from alerts.notify.phrases import local
from stream.cli.options import configs_option, explaining_errors
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration


@click.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read alerts.yml, topics.yml and the sources' names against it; list every mistake, and what is still made up."""
    with explaining_errors():
        settings = read_settings(configs)
        _check_sources(configs, settings)
    for words in still_made_up(settings.alerts, settings.topics):
        click.echo(f"warning: {words}", err=True)
    click.echo(f"{configs}/alerts.yml: no mistakes")


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
