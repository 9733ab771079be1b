"""`make kills`: the recorded forum and the demo's story under kill -9, each against the same run left in peace."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom
from shutil import rmtree

import click
from rich.console import Console
from rich.table import Table

from scripts.kills.crawl import crawl_story
from scripts.kills.story import story
from stream.log import configure

HOME = Path("var/kills")


@click.command()
@click.argument("captures", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--kills", default=3, show_default=True, help="How often each stage is killed.")
@click.option("--seed", type=int, help="Repeat the moments of an earlier run.")
def main(captures: Path | None, kills: int, seed: int | None) -> None:
    """Kill every stage, start it again, compare; the folder CAPTURES holds the recorded forum."""
    seed = SystemRandom().randrange(10**6) if seed is None else seed
    rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    table, good = Table("story", "stage", "kills", "outcome", title=f"kill -9 (seed {seed})"), True
    with (HOME / "kills.log").open("w", encoding="utf-8") as told:
        configure("kills", stream=told)
        for name, rows in _stories(captures, kills, Random(seed)):
            for stage, killed, fine, outcome in rows:
                good &= fine
                table.add_row(name, stage, str(killed or ""), outcome, style=None if fine else "bold red")
                click.echo(f"{name}: {stage}: {outcome}", err=True)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    sys.exit(0 if good else 1)


def _stories(
    captures: Path | None, kills: int, dice: Random
) -> Iterator[tuple[str, Iterator[tuple[str, int, bool, str]]]]:
    if captures is None:
        click.echo("no recordings, so only the demo's story: make kills CAPTURES=FOLDER crawls a recorded forum too")
    else:
        yield "recorded forum", crawl_story(captures, HOME / "crawl", kills, dice)
    yield "demo", story(HOME / "story", kills, dice)


if __name__ == "__main__":
    main()
