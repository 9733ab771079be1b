"""`status`: how every topic stands, what is usual for it now and what would alarm."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields
from datetime import timedelta

import click
from rich.table import Column, Table

from alerts.cli.inbox import inbox_lines
from alerts.cli.settings import Settings, open_context, with_settings
from alerts.desk.standing import Standing, read_standings
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.incidents.tables import TroubleRow
from alerts.notify.contents.phrases import local
from alerts.replies.tables import read_standing
from alerts.rounds.troubles import read_troubles
from stream.cli.tables import show
from stream.engines import open_pipeline, refuse_absent
from stream.process.clock import SystemClock
from stream.state.database import reading

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RIGHT = ("negative 1h", "usual", "alarm at", "a week", "known", "silent", "behind", "case")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
@with_settings
def status(settings: Settings, as_json: bool) -> None:
    """Say how every topic stands: state, negatives of the last hour, what is usual now, what would alarm, its budget.

    Then what is wrong with parts of ours, and where there is an inbox, whether it can be read and what became of the
    answers to letters. Looks as `watch` does, tells nobody and remembers nothing.
    """
    refuse_absent(settings.stream, "index")
    refuse_absent(settings.stream, "state")
    now = SystemClock().now()
    with open_context(settings) as context, closing(open_pipeline(settings.stream)) as pipeline:
        found = read_standings(context, pipeline.complete_until(now), now)
        inbox = read_standing(context.engine) if settings.alerts.inbox else None
        with reading(context.engine) as session:
            wrong = [trouble_line(row) for row in read_troubles(session)]
    if as_json:
        click.echo(json.dumps([as_values(one) for one in found], ensure_ascii=False))
    else:
        show(standings_table(found))
        for line in (*wrong, *(inbox_lines(inbox) if inbox else ())):
            click.echo(line)


def standings_table(found: Sequence[Standing]) -> Table:
    """Makes the table for operators, a line a topic."""
    right = [Column(name, justify="right", no_wrap=True) for name in RIGHT]
    table = Table(Column("topic", no_wrap=True), Column("state", no_wrap=True), *right)
    for one in found:
        table.add_row(
            f"{one.name} ({one.topic})", one.state.value, str(one.negative), an_hour(one.usual), f"{one.bar:.0f}",
            f"{one.alerts_per_week:g}", span(one.known), f"{len(one.silent)} of {one.sources}",
            "unknown" if one.behind is None else span(one.behind), "" if one.case is None else str(one.case),
        )  # fmt: skip
    return table


def trouble_line(row: TroubleRow) -> str:
    """Writes what is wrong with a part of ours: its case, how grave it is, since when, what."""
    return f"系统故障　事件 {row.case_id}　{GRADE_NAMES[Grade(row.grade)]}　自 {local(row.since)}　{row.what}"


def as_values(one: Standing) -> dict[str, object]:
    """Writes a topic's standing for a program: spans in seconds, counts with copies discounted to two digits."""
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    spans = {name: None if values[name] is None else values[name].total_seconds() for name in ("known", "behind")}
    return values | spans | {"usual": round(one.usual, 2), "bar": round(one.bar, 2)}


def an_hour(count: float) -> str:
    """Writes what is expected of an hour: whole, or that it is less than one."""
    return f"{count:.0f}" if count >= 1 else "<1"


def span(length: timedelta) -> str:
    """Writes a span in the unit that people would use."""
    if length >= 2 * DAY:
        return f"{length / DAY:.0f} d"
    return f"{length / HOUR:.0f} h" if length >= 2 * HOUR else f"{length / timedelta(minutes=1):.0f} min"
