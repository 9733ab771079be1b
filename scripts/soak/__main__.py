"""`make soak`: every stage as a process, a generator at a steady rate, one planted spike; a verdict at the end."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree

import click
import psutil
from rich.console import Console
from rich.table import Table

from scripts.demo.mailbox import open_mailbox
from scripts.soak.feed import feed_past
from scripts.soak.picture import draw
from scripts.soak.settings import TOPIC, write_configs
from scripts.soak.verdicts import Measured, Verdict, as_rows, verdicts
from scripts.soak.watching import Watching
from stream.config import read_stream
from stream.engines import apply_topics, open_index_reader, open_log_admin, open_state_engine
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.topics import TopicsConfig
from tests.installation import EMBEDDED, REAL, NoEngines, fresh_engines

HOME = Path("var/soak")
ENGINES = Path("var/engines")
STAGES = {
    "score": ("nlp", "score"),
    "index": ("stream", "index"),
    "upkeep": ("stream", "upkeep"),
    "alerts": ("alerts", "watch"),
}
STOPPING = 60.0  # seconds a stage may take to finish its batch
PATIENCE = 120.0  # seconds to wait for the last probes and the letter


@click.command()
@click.option("--rate", default=300, show_default=True, help="Posts a second.")
@click.option("--minutes", default=60.0, show_default=True, help="How long.")
@click.option("--engines", type=click.Choice([EMBEDDED, REAL]), default=EMBEDDED, show_default=True)
def main(rate: int, minutes: float, engines: str) -> None:
    """Run the pipeline under load and judge it; everything is left in var/soak."""
    rmtree(HOME, ignore_errors=True)
    (HOME / "var").mkdir(parents=True)
    configure("soak", level=logging.WARNING)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # so that no stage outlives it
    try:
        with ExitStack() as stack:
            lines = stack.enter_context(fresh_engines(engines, "soak"))
            seen = soak(rate, minutes * 60, lines)
    except NoEngines as error:
        raise click.ClickException(str(error)) from error
    found = verdicts(seen, [*STAGES, "feed"])
    title = f"{rate} posts/s for {minutes:g} minutes, {engines} engines"
    told = {"title": title, "verdicts": as_rows(found), "measured": asdict(seen)}
    (HOME / "soak.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    draw(HOME / "soak.png", seen, title)
    _show(found, title)
    sys.exit(0 if all(one.good for one in found) else 1)


def soak(rate: int, seconds: float, engines: Mapping[str, str]) -> Measured:
    """What was measured in so many seconds."""
    configs, told, clock = HOME / "configs", HOME / "feed.jsonl", SystemClock()
    with ExitStack() as stack:
        mailbox = stack.enter_context(open_mailbox(HOME / "letters"))
        write_configs(configs, var=HOME / "var", engines=dict(engines), smtp_port=mailbox.port)
        config = read_stream(configs)
        apply_topics(config)
        open_state_engine(config).dispose()
        admin = stack.enter_context(closing(open_log_admin(config)))
        reader = stack.enter_context(closing(open_index_reader(config)))
        _take_past(configs)
        running = {name: stack.enter_context(_stage(name, words, configs)) for name, words in STAGES.items()}
        feeder = stack.enter_context(_feeder(configs, told, rate, round(seconds)))
        seen = Measured(rate)
        processes = {name: psutil.Process(one.pid) for name, one in (running | {"feed": feeder}).items()}
        about = Configuration(configs).add("topics.yml", TopicsConfig)().topics[TOPIC].name
        watching = Watching(seen, processes | _servers(), admin, reader, mailbox, clock=clock, letters_about=about)
        while feeder.poll() is None:
            watching.watch(5.0, told)
        watching.watch(PATIENCE, told, until_found=True)
        seen.died = [name for name, one in running.items() if one.poll() is not None]
        seen.died += ["feed"] if feeder.returncode else []
    return seen


def _take_past(configs: Path) -> None:
    """Brings the days before into the index: the watcher, which starts then, learns from them what is usual."""
    feed_past(configs)
    for name in ("score", "index"):
        command = [sys.executable, "-m", *STAGES[name], "--once", "--configs", str(configs)]
        with (HOME / f"{name}.log").open("wb") as log:
            subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True)


@contextmanager
def _stage(name: str, words: tuple[str, str], configs: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A stage, ended as a service runner would end it."""
    with (HOME / f"{name}.log").open("ab") as log:
        command = [sys.executable, "-m", *words, "--configs", str(configs)]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _feeder(configs: Path, told: Path, rate: int, seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    """The generator; the spike comes after two thirds of the time."""
    options = ["--rate", str(rate), "--seconds", str(seconds), "--plant-at", str(seconds * 2 // 3)]
    command = [sys.executable, "-m", "scripts.soak.feed", str(configs), *options]
    with told.open("wb") as out, (HOME / "feed.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=out, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _servers() -> dict[str, psutil.Process]:
    """The engines of make engines here, where there are some: looked at, not judged."""
    found = {}
    for file in ENGINES.glob("*/pid"):
        pid = int(file.read_text())
        if psutil.pid_exists(pid):
            found[file.parent.name] = psutil.Process(pid)
    return found


def _show(found: list[Verdict], title: str) -> None:
    table = Table("", "measured", "limit", "", title=title, title_justify="left")
    for one in found:
        table.add_row(
            one.what, one.measured, one.limit, "good" if one.good else "BAD", style=None if one.good else "red"
        )
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    console.print(f"the samples and the picture: {HOME}/soak.json, {HOME}/soak.png; what each stage said: {HOME}/*.log")


if __name__ == "__main__":
    main()
