"""`make engines`, `make engines-stop`: Kafka, Elasticsearch, PostgreSQL, Dovecot under var/engines, for the tests."""

import fcntl
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click

from nlp.training.maven import NotFetched
from scripts.engines.dovecot import start as start_dovecot
from scripts.engines.elastic import start as start_elastic
from scripts.engines.kafka import start as start_kafka
from scripts.engines.pins import ELASTIC
from scripts.engines.postgres import start as start_postgres
from scripts.engines.process import Broken, Server

HOME = Path("var/engines").resolve()
ENVIRONMENT = HOME / "env"  # what the tests read: NAME=address, a line each
VARIABLES = {
    "kafka": "WENFENG_TEST_KAFKA",
    "elastic": "WENFENG_TEST_ELASTIC",
    "postgres": "WENFENG_TEST_POSTGRES",
    "dovecot": "WENFENG_TEST_DOVECOT",
}
names_argument = click.argument("names", nargs=-1, type=click.Choice(list(VARIABLES)))


@click.group()
def main() -> None:
    """The real engines for the tests, on the loopback."""


@main.command()
@names_argument
@click.option(
    "--elastic",
    default=ELASTIC,
    show_default=True,
    help="Version of Elasticsearch; 9.5.3 wants Java 21.",
)
def start(names: tuple[str, ...], elastic: str) -> None:
    """Fetch and start the engines (NAMES, or all); instant where they run."""
    starts: dict[str, tuple[Path, Callable[[Path], str]]] = {
        "kafka": (HOME / "kafka", start_kafka),
        "elastic": (HOME / f"elastic-{elastic}", lambda folder: start_elastic(folder, elastic)),
        "postgres": (HOME / "postgres", start_postgres),
        "dovecot": (HOME / "dovecot", start_dovecot),
    }
    with _alone(), ThreadPoolExecutor(len(starts)) as threads:
        futures = {name: threads.submit(_start, *starts[name]) for name in names or starts}
        try:
            found = {VARIABLES[name]: future.result() for name, future in futures.items()}
        except (Broken, NotFetched) as error:
            click.echo(f"{error}", err=True)
            sys.exit(1)
        _note(_noted() | found)


@main.command()
@names_argument
def stop(names: tuple[str, ...]) -> None:
    """End the engines that run (NAMES, or all)."""
    with _alone():
        for name in names or VARIABLES:
            _note({variable: address for variable, address in _noted().items() if variable != VARIABLES[name]})
            for folder in _folders(name):
                if Server(folder).stop():
                    click.echo(f"{folder.name}: stopped")


@main.command()
def status() -> None:
    """Show which engines run, and where."""
    for folder in (folder for name in VARIABLES for folder in _folders(name)):
        pid = Server(folder).pid()
        click.echo(f"{folder.name}: {f'runs as process {pid}' if pid else 'does not run'}")
    click.echo("\n".join(f"{name}={value}" for name, value in _noted().items()) or "no addresses: make engines")


def _start(folder: Path, start: Callable[[Path], str]) -> str:
    began = time.monotonic()
    if Server(folder).pid() is None:
        click.echo(f"{folder.name}: {'starts' if folder.exists() else 'is fetched and starts'} …", err=True)
    folder.mkdir(parents=True, exist_ok=True)
    address = start(folder)
    click.echo(f"{folder.name}: answers at {address} after {time.monotonic() - began:.1f} s", err=True)
    return address


def _folders(name: str) -> list[Path]:
    return sorted(HOME.glob(f"{name}*"))


def _noted() -> dict[str, str]:
    lines = ENVIRONMENT.read_text("utf-8").splitlines() if ENVIRONMENT.exists() else []
    return dict(line.split("=", 1) for line in lines)


def _note(addresses: dict[str, str]) -> None:
    ENVIRONMENT.write_text("".join(f"{name}={value}\n" for name, value in sorted(addresses.items())), "utf-8")


@contextmanager
def _alone() -> Iterator[None]:
    """One caller at a time: two would fetch into one folder."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
