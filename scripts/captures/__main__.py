"""Runs go side by side, each in a process of its own; what they leave is under var/captures/."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from scripts.captures.blogs import crawl_blog
from scripts.captures.feeds import crawl_feeds
from scripts.captures.forums import crawl_forum
from scripts.captures.serving import Result, Run

FAULTS = ("--fail", "503:0.1", "--fail", "429:0.05", "--retry-after", "1", "--reset", "0.05")
RUNS = {
    f"{run.site}-{run.way}": run
    for run in (
        Run("discuz-utf8", "quick", 0),
        Run("discuz-gbk", "quick", 0),
        Run("discuz-utf8", "faults", 0, FAULTS),
        Run("discuz-gbk", "faults", 0, FAULTS),
        Run("discuz-gbk", "polite", 1),
        Run("nodebb", "quick", 0),
        Run("nodebb", "faults", 0, FAULTS),
        Run("wordpress", "rest", 0),
        Run("wordpress", "rest-faults", 0, FAULTS),
        Run("wordpress", "feeds", 0, feeds=("/feed/", "/comments/feed/")),
        Run("nodebb", "feeds", 0, feeds=("/recent.rss", *(f"/category/{number}.rss" for number in range(1, 12)))),
    )
}


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
        click.echo(json.dumps([asdict(result) for result in _measure(folder, one)]))
        return
    names = list(only or RUNS)
    with ThreadPoolExecutor(len(names)) as pool:
        results = [result for found in pool.map(lambda name: _in_process(folder, name), names) for result in found]
    _show(results)
    sys.exit(0 if all(result.good for result in results) else 1)


def _measure(folder: Path, name: str) -> Iterator[Result]:
    run = RUNS[name]
    if run.feeds:
        return crawl_feeds(folder, name, run)
    return (crawl_blog if run.way.startswith("rest") else crawl_forum)(folder, name, run)


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
