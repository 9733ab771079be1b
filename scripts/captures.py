"""Crawl recorded forums with the production spiders and score what came out: `python -m scripts.captures FOLDER`.

FOLDER holds recordings, their replay server (serve.py), scorer (score.py) and truth.json. Runs go side by side, each in
a process of its own; what they leave is under var/captures/.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import click
from rich.console import Console
from rich.table import Table

from crawlers.config import Source
from crawlers.crawl import Surroundings, crawl
from crawlers.loop import CrawlLoop
from stream.broker import RAW, Topic
from stream.brokers.sqlite import SqliteConsumer, SqliteProducer
from stream.brokers.sqlite_admin import SqliteAdmin
from stream.clock import ScriptedClock
from stream.codec import POSTS
from stream.messages import Post
from stream.state import migrate, open_state

OUT = Path("var/captures")
FAULTS = ("--fail", "503:0.1", "--fail", "429:0.05", "--retry-after", "1", "--reset", "0.05")


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded site, served and crawled in one way."""

    site: str
    way: str
    delay: float
    faults: tuple[str, ...] = ()


RUNS = {
    f"{run.site}-{run.way}": run
    for run in (
        Run("discuz-utf8", "quick", 0),
        Run("discuz-gbk", "quick", 0),
        Run("discuz-utf8", "faults", 0, FAULTS),
        Run("discuz-gbk", "faults", 0, FAULTS),
        Run("discuz-gbk", "polite", 1),
    )
}
REFUSING = ("guard", "closed")  # states of a site in which nothing may be read, and nothing taken for deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One crawl, as the scorer and the replay server saw it; the last four are what must be empty or zero."""

    run: str
    state: str
    recall: float | None
    precision: float | None
    times: float | None
    texts: float | None
    unneeded: int
    deleted: str
    requests: int
    seconds: float
    min_gap: float | None
    twice: int
    disallowed: int
    ended: str
    good: bool


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--only", multiple=True, type=click.Choice(list(RUNS)), help="Only this run; may be repeated.")
@click.option("--one", type=click.Choice(list(RUNS)), hidden=True, help="Do this run in this process, results as JSON.")
def main(folder: Path | None, only: tuple[str, ...], one: str | None) -> None:
    """Crawl the recorded forums in FOLDER and print how much of them was found, and how politely."""
    if folder is None:
        click.echo("no recordings: make captures CAPTURES=FOLDER (with serve.py, score.py, truth.json and the sites)")
        return
    if one is not None:
        click.echo(json.dumps([asdict(result) for result in measure(folder, one)]))
        return
    names = list(only or RUNS)
    with ThreadPoolExecutor(len(names)) as pool:
        results = [result for found in pool.map(lambda name: _in_process(folder, name), names) for result in found]
    _show(results)
    sys.exit(0 if all(result.good for result in results) else 1)


def measure(folder: Path, name: str) -> Iterator[Result]:
    """State a from nothing, state b on top of it, then the site closed: three crawls and more with one memory."""
    run = RUNS[name]
    captured = _captured(folder, run.site)
    home = OUT / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with _served(folder, run) as port, _around(home, captured["a"]) as (around, clock):
        source = Source(
            site=run.site,
            software="discuz",
            url=f"http://127.0.0.1:{port}/forum.php",
            basis="a recording on this machine",
            delay=timedelta(seconds=run.delay),
            private=True,
        )
        for state in "ab":
            clock.turn_to(captured[state])
            urlopen(f"http://127.0.0.1:{port}/__state?{state}").close()
            yield _crawl(folder, run, state, (name, port, home), source, around)
        for state in REFUSING if run.way == "quick" else ():
            clock.turn_to(clock.now() + timedelta(hours=2))
            urlopen(f"http://127.0.0.1:{port}/__state?{state}").close()
            yield _refused(name, state, port, source, around)


def _crawl(
    folder: Path, run: Run, state: str, where: tuple[str, int, Path], source: Source, around: Surroundings
) -> Result:
    name, port, home = where
    urlopen(f"http://127.0.0.1:{port}/__reset").close()
    began, since = time.monotonic(), around.clock.now()
    tally = crawl(name, source, around)
    seconds = time.monotonic() - began
    stats = json.load(urlopen(f"http://127.0.0.1:{port}/__stats"))
    rows = home / f"{state}.jsonl"
    rows.write_bytes(
        b"".join(POSTS.encode(post) + b"\n" for post in _published(home, around) if post.observed_at >= since)
    )
    report = _score(folder, run.site, state, rows)
    deleted = report.get("deleted", {"wanted": 0, "found": 0, "wrong": 0})
    refetched = {path: count for path, count in stats["fetched_twice"].items() if not run.faults}
    good = (
        (report["recall"], report["precision"], report["time"]["exact"], report["text"]["exact"]) == (1, 1, 1, 1)
        and not report.get("unneeded", 0)
        and (deleted["found"], deleted["wrong"]) == (deleted["wanted"], 0)
        and not refetched
        and not stats["robots_disallowed"]
        and (
            not run.delay or stats["min_gap_s"] >= 0.9 * run.delay
        )  # measured where requests arrive, on a busy machine
    )
    return Result(
        run=name,
        state=state,
        recall=report["recall"],
        precision=report["precision"],
        times=report["time"]["exact"],
        texts=report["text"]["exact"],
        unneeded=report.get("unneeded", 0),
        deleted=f"{deleted['found']}/{deleted['wanted']}, {deleted['wrong']} wrong",
        requests=stats["requests"],
        seconds=round(seconds, 1),
        min_gap=stats["min_gap_s"],
        twice=len(refetched),
        disallowed=len(stats["robots_disallowed"]),
        ended=f"{tally.state()} {tally.reason()}".strip(),
        good=good,
    )


def _refused(name: str, state: str, port: int, source: Source, around: Surroundings) -> Result:
    urlopen(f"http://127.0.0.1:{port}/__reset").close()
    began = time.monotonic()
    tally = crawl(name, source, around)
    stats = json.load(urlopen(f"http://127.0.0.1:{port}/__stats"))
    sent = tally.new + tally.changed + tally.deleted
    return Result(
        run=name,
        state=state,
        recall=None,
        precision=None,
        times=None,
        texts=None,
        unneeded=sent,
        deleted=f"{tally.deleted} wrong",
        requests=stats["requests"],
        seconds=round(time.monotonic() - began, 1),
        min_gap=stats["min_gap_s"],
        twice=len(stats["fetched_twice"]),
        disallowed=len(stats["robots_disallowed"]),
        ended=f"{tally.state()} {tally.reason()}".strip(),
        good=bool(tally.blocked) and not sent and stats["requests"] <= 2,
    )


@contextmanager
def _served(folder: Path, run: Run) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(folder / "serve.py"), run.site, "--port", str(port), *run.faults]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()  # says when it listens
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _around(home: Path, start: datetime) -> Iterator[tuple[Surroundings, ScriptedClock]]:
    clock, loop = ScriptedClock(start), CrawlLoop()
    with closing(SqliteAdmin(home / "log.db")) as admin:
        admin.apply([Topic(RAW)])
    engine = open_state(f"sqlite:///{home / 'state.db'}")
    migrate(engine)
    producer = SqliteProducer(home / "log.db", clock)
    try:
        yield (
            Surroundings(
                loop=loop,
                producer=producer,
                engine=engine,
                clock=clock,
                voice_key=b"captures",
                contact="nobody@example.invalid",
                samples=home / "samples",
            ),
            clock,
        )
    finally:
        producer.close()
        engine.dispose()
        loop.close()


def _published(home: Path, around: Surroundings) -> Iterator[Post]:
    group = f"captures.{around.clock.now():%Y%m%d%H%M}"
    with closing(SqliteConsumer(home / "log.db", around.clock, group=group, topics=[RAW])) as consumer:
        while records := consumer.poll(500, 0.1):
            for record in records:
                yield POSTS.decode(record.value)


def _captured(folder: Path, site: str) -> dict[str, datetime]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["sites"][site]["states"]
    return {state: datetime.fromisoformat(told["captured"][-1]) for state, told in truth.items()}


def _score(folder: Path, site: str, state: str, rows: Path) -> dict[str, Any]:
    command = [
        sys.executable,
        str(folder / "score.py"),
        site,
        state,
        str(rows),
        *(["--since", "a"] if state == "b" else []),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    report, end = json.JSONDecoder().raw_decode(told)
    rows.with_suffix(".faults.txt").write_text(told[end:].strip(), "utf-8")
    assert isinstance(report, dict)
    return report


def _in_process(folder: Path, name: str) -> list[Result]:
    command = [sys.executable, "-m", "scripts.captures", str(folder), "--one", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{name} broke:\n{done.stderr[-4000:]}")
    return [Result(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def _show(results: list[Result]) -> None:
    table = Table(title="recorded forums, crawled by the production spiders")
    for column in Result.__dataclass_fields__:
        table.add_column(column)
    for result in results:
        cells = ["" if value is None else str(value) for value in asdict(result).values()]
        table.add_row(*cells, style=None if result.good else "bold red")
    Console(width=None if sys.stdout.isatty() else 220).print(table)


if __name__ == "__main__":
    main()
