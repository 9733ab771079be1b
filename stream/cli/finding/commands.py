"""`python -m stream search` and `export`: what the index holds, for a person and for a program."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from stream.cli.finding.filters import asked, narrowing
from stream.cli.finding.hits import Answer, lines
from stream.cli.finding.known import KnownKeys, read_known
from stream.cli.options import configs_option, explaining_errors
from stream.config import read_stream
from stream.engines import open_index_reader, refuse_absent
from stream.index.export import export_lines
from stream.index.finding.copies import Copies, fold
from stream.index.finding.sheets import MOST, SheetForm, write_sheet
from stream.index.finding.shortfall import explain, shortfall
from stream.index.finding.walking import full_page, walk
from stream.index.port import Counted, Finder, Order, Query, withheld
from stream.index.query import understood
from stream.process.clock import SystemClock

_WORDS = {"ignore_unknown_options": True}  # -word is a word here
_order_option = click.option(
    "--order", type=click.Choice(list(map(str, Order))), help="newest (default), or the most negative, most replies."
)


@click.command(context_settings=_WORDS)
@configs_option
@click.argument("words", default="")
@narrowing
@_order_option
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many posts.")
@click.option("--after", help="The next page: the mark that the page before ended with.")
@click.option("--fold", "folding", is_flag=True, help="Show copies on the page as one.")
def search(
    configs: Path, words: str, order: str | None, limit: int, after: str | None, folding: bool, **narrow: Any
) -> None:
    """Find posts: WORDS must all occur, each as a phrase; "quoted words" stay together, -word must not occur.

    Of A OR B (also 或, |) either must occur; brackets hold words joined by OR.
    """
    now, by = SystemClock().now(), Order(order or Order.NEWEST)
    with _opened(configs) as (finder, known):
        query = asked(known, words, now, narrow)
        page = full_page(finder, query, limit, after, by)
        total = finder.count_up_to(query)
        if after is None and page.after is None and page.ranked is None:
            total = Counted(len(page.posts), exact=True)  # they are all here, also where counting stopped before
        why = explain(shortfall(finder, query)) if not total.number and total.exact else []
    shown = [withheld(post, now) for post in page.posts]
    groups = fold(shown) if folding else tuple(map(Copies, shown))
    answer = Answer(total=total, page=page, groups=groups, order=by, parts=understood(words), why=why)
    click.echo("\n".join(lines(answer, known.called())))


@click.command(context_settings=_WORDS)
@configs_option
@click.argument("words", default="")
@narrowing
@click.option(
    "--observed-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Only posts observed since then (UTC if no zone).",
)
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl", show_default=True,
    help="JSONL for a program: whole posts in the order of ids. CSV and XLSX for people: without voices.",
)  # fmt: skip
@_order_option
@click.option("--most", type=click.IntRange(1), help=f"How many posts a CSV or XLSX may hold; {MOST:,} by default.")
@click.option("--output", type=click.File("wb"), default="-", help="File to write; standard output by default.")
def export(
    configs: Path,
    words: str,
    observed_since: datetime | None,
    form: str,
    order: str | None,
    most: int | None,
    output: BinaryIO,
    **narrow: Any,
) -> None:
    """Write posts as JSONL, one a line, or as a sheet; WORDS and options as in `search`, all posts without any."""
    if observed_since is not None and observed_since.tzinfo is None:
        observed_since = observed_since.replace(tzinfo=UTC)
    if form == "jsonl" and (order or most):
        raise click.UsageError("--order and --most are for csv and xlsx: JSONL is whole and in the order of ids")
    now = SystemClock().now()
    with _opened(configs) as (finder, known):
        query = asked(known, words, now, narrow, observed_since=observed_since)
        if form == "jsonl":
            written = _write_lines(finder, query, now, output)
        else:
            by = Order(order or Order.NEWEST)
            sheet = write_sheet(
                SheetForm(form), walk(finder, query, by), known.called(), output, now=now, most=most or MOST
            )
            written = sheet.rows
            if sheet.cut:
                click.echo(f"cut after {written} posts, there are more: narrow the search, or say --most", err=True)
            elif (ranked := finder.search(query, 1, order=by).ranked) is not None:
                click.echo(f"of the newest {ranked} posts alone: an order but newest ranks no more", err=True)
    if not written:
        click.echo("no such posts in the index", err=True)


def _write_lines(finder: Finder, query: Query, now: datetime, output: BinaryIO) -> int:
    written = 0
    for line in export_lines(finder, now, query):
        output.write(line)
        written += 1
    return written


@contextmanager
def _opened(configs: Path) -> Iterator[tuple[Finder, KnownKeys]]:
    with explaining_errors():
        config = read_stream(configs)
        refuse_absent(config, "index")
        with closing(open_index_reader(config)) as finder:
            yield finder, read_known(configs)
