"""`duty`: who is called now, and who will be."""

from datetime import datetime, timedelta

import click

from alerts.cli.settings import Settings, with_settings
from alerts.people.duty import on_duty
from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI, SystemClock, local_time

HOUR = timedelta(hours=1)


@click.command()
@click.option("--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Beijing time; without it, now.")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 31), help="How far ahead to look.")
@with_settings
def duty(settings: Settings, at: datetime | None, hours: int) -> None:
    """Show who of each desk is called, hour by hour where that changes: shifts, holidays, leave and stand-ins."""
    start = at.replace(tzinfo=SHANGHAI) if at else SystemClock().now().astimezone(SHANGHAI)
    for key, desk in settings.alerts.desks.items():
        click.echo(f"{desk.name}（{key}）")
        before: tuple[str, ...] = ()
        for moment in (start, *_hours_after(start, hours)):
            called = on_duty(desk, settings.alerts.people, moment, CALENDAR)
            if called != before:
                names = "、".join(settings.alerts.people[one].name for one in called)
                click.echo(f"  {local_time(moment, '%m月%d日 %H:%M')} 起：{names}")
            before = called


def _hours_after(start: datetime, hours: int) -> list[datetime]:
    """Lists the half hours that follow, up to `hours` later: shifts that begin at other minutes show with the next."""
    first = start.replace(minute=0, second=0, microsecond=0)
    return [first + HOUR / 2 * step for step in range(1, 2 * hours + 1) if first + HOUR / 2 * step > start]
