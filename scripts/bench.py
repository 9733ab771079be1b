"""`make bench`: every figure about speed in one run, beside its peers, and the same as JSON in var/bench.

Ratios within a run are the claim: the same machine is a quarter slower in another hour. Short and loose with --quick.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console

from scripts.detection import tables as detection
from scripts.detection.simulate import Kind
from scripts.detection.simulated_tables import Amount
from stream.process.clock import SystemClock
from tests.bench import (
    bench_alarm,
    bench_bulk,
    bench_console,
    bench_crawling,
    bench_index,
    bench_log,
    bench_path,
    bench_scaling,
    bench_scorer,
)
from tests.bench.sheets import Sheet, conditions, paste, save, show, show_aims
from tests.engines import noted

OUT = Path("var/bench/bench.json")
PARTS = ("log", "bulk", "index", "path", "alarm", "scorer", "scaling", "detection", "console", "crawling")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each is measured."""

    records: int = 200_000
    documents: int = 20_000
    posts: int = 1_000_000
    times: int = 20
    scored: int = 6_000
    minutes: float = 5.0  # of posts, about the burst whose letter is waited for
    simulated: Amount = field(default_factory=Amount)
    topics: tuple[int, ...] = (1_000, 10_000, 100_000)
    paged: int = 1_000_000  # posts under the console's pages
    crawled: int = 300  # threads of three pages
    known: int = 300  # threads that the crawlers' state knows; ten and a hundred times as many besides
    sources: int = 1_000


QUICK = Sizes(
    records=20_000,
    documents=4_000,
    posts=20_000,
    times=5,
    scored=1_200,
    minutes=0.5,
    simulated=Amount(quiet=2, with_outbreaks=1, throws=3, without=(Kind.HOLIDAY,), budgets=(1.0, 0.25)),
    topics=(1_000, 10_000),
    paged=100_000,
    crawled=40,
    known=30,
    sources=100,
)


def parts(sizes: Sizes, files: tuple[Path, ...]) -> dict[str, Callable[[], Iterator[Sheet]]]:
    """The tables by the name of their part."""
    elastic, series = noted("WENFENG_TEST_ELASTIC"), detection.series_folder(files)
    files = tuple(file for file in files if not file.is_dir())
    return {
        "log": lambda: bench_log.sheets(sizes.records),
        "bulk": lambda: bench_bulk.sheets(sizes.documents),
        "index": lambda: bench_index.sheets(sizes.posts, times=sizes.times, url=elastic),
        "path": lambda: iter([bench_path.sheet(files)]),
        "alarm": lambda: iter([bench_alarm.sheet(sizes.minutes)]),
        "scorer": lambda: bench_scorer.sheets(files),
        "scaling": lambda: iter([bench_scaling.sheet(sizes.scored, files)]),
        "detection": lambda: detection.sheets(series, sizes.simulated, sizes.topics),
        "crawling": lambda: bench_crawling.sheets(sizes.crawled, sizes.known, sizes.sources),
        "console": lambda: iter([bench_console.sheet(sizes.paged, times=sizes.times)]),
    }


@click.command()
@click.option("--quick", is_flag=True, help="A minute instead of twenty; the figures are rougher.")
@click.option("--only", multiple=True, help=f"Only this part ({', '.join(PARTS)}); may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True, help="Where the JSON goes.")
@click.option("--into", type=click.Path(path_type=Path, exists=True), help="Document to renew: docs/speed.md.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(quick: bool, only: tuple[str, ...], out: Path, into: Path | None, files: tuple[Path, ...]) -> None:
    """Measure everything; FILES are JSONL with a `text` field, without any posts are made up.

    A folder among them holds real series of counts with labelled windows (windows.json), for the part `detection`.
    """
    console = Console(width=None if sys.stdout.isatty() else 120)
    known = parts(QUICK if quick else Sizes(), files)
    if unknown := set(only) - known.keys():
        raise click.BadParameter(f"{', '.join(sorted(unknown))}; known are {', '.join(known)}")
    found: list[Sheet] = []
    told = conditions(SystemClock().now())
    for name in only or known:
        for sheet in known[name]():
            show(sheet, console)
            found.append(sheet)
    show_aims(found, console)
    save(out, found, told | {"quick": quick, "sample": [file.name for file in files]})
    console.print(f"the same as JSON: {out}")
    if into is not None:
        paste(into, found, told)


if __name__ == "__main__":
    main()
