"""`make console`: the console on what the demo left, at the hour at which the story ended, with logins of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe

import click
from sqlalchemy import Engine, func, select

from alerts.casefile.tables import EventRow
from alerts.cli.settings import open_context, read_settings
from alerts.console.accounts.passwords import hash_password
from alerts.console.app import build_app
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from alerts.console.serving import serve
from alerts.notify.console import ConsoleConfig
from alerts.people.accounts import AccountRow
from alerts.people.directory import Person
from scripts.demo.moments import FIRST_LETTER, configs_of
from scripts.demo.timetable import last_days
from stream.process.clock import SystemClock
from stream.process.logs import configure
from stream.process.running import registered
from stream.state.database import reading, transaction

VAR = Path("var/demo")


class StoryClock(SystemClock):
    """A clock that said `start` when it was made, and has gone on since."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - super().now()

    def now(self) -> datetime:
        return super().now() + self._ahead


@click.command()
@click.option("--var", type=click.Path(path_type=Path), default=VAR, show_default=True, help="What the demo left.")
@click.option("--at", type=click.Choice([FIRST_LETTER]), help="A moment of the story; its end by default.")
def main(var: Path, at: str | None) -> None:
    """Serve the console on the demo's data; prints who may sign in with what. Ctrl-C ends it."""
    configs = configs_of(var, at)
    if not configs.is_dir():
        raise click.ClickException(f"there is no {configs}: run `make demo` first")
    settings = read_settings(configs)
    config = settings.alerts.console or ConsoleConfig()
    with (settings.stream.var / "console.log").open("a", encoding="utf-8") as log:
        configure("console", stream=log)
        with open_context(settings) as context, registered(settings.stream.var, "console"):
            clock = StoryClock(hour_of(context.engine, at))
            logins = let_in(context.engine, context.config.people, clock.now())
            for line in told(config, context.config.people, logins):
                click.echo(line)
            serve(build_app(Premises(context, config, settings.stream, configs), DOORS, clock), config)


def hour_of(engine: Engine, at: str | None) -> datetime:
    """Finds the hour to begin at: that of the last that happened to a case, or of the story's end if that is later."""
    with reading(engine) as session:
        last = session.scalar(select(func.max(EventRow.at)))
    end = None if at else last_days()[-1].astimezone(UTC)
    return max(moment for moment in (last, end) if moment is not None)


def let_in(engine: Engine, people: Mapping[str, Person], now: datetime) -> Mapping[str, str]:
    """Gives everybody a password that was drawn this moment; the demo's people have no mailbox to be invited by."""
    logins = {key: token_urlsafe(9) for key in people}
    with transaction(engine) as session:
        for key, password in logins.items():
            session.merge(AccountRow(person=key, password=hash_password(password), invited_at=None, changed_at=now))
    return logins


def told(config: ConsoleConfig, people: Mapping[str, Person], logins: Mapping[str, str]) -> list[str]:
    """Words what to open and who signs in with what."""
    rows = [f"  {people[key].name}  {key:<12} {password}" for key, password in logins.items()]
    return [f"open {config.base} and sign in as one of these, by name or key; the passwords are of this run", *rows]


if __name__ == "__main__":
    main()
