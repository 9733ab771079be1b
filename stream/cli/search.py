"""`python -m stream search` and `export`: what the index holds, for a person and for a program."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from stream.cli.options import configs_option, explaining_errors
from stream.cli.tables import hits_table, show
from stream.config import read_stream
from stream.engines import open_index_reader, refuse_absent
from stream.index.export import export_lines
from stream.index.port import Query, Reader, withheld
from stream.messages import Act, Label
from stream.process.clock import SystemClock


@click.command(context_settings={"ignore_unknown_options": True})  # -word is a word here
@configs_option
@click.argument("words", default="")
@click.option("--topic", multiple=True, help="Only this topic (key of topics.yml); may be repeated.")
@click.option("--label", multiple=True, type=click.Choice([label.value for label in Label]), help="Only this polarity.")
@click.option("--site", multiple=True, help="Only this site.")
@click.option("--act", multiple=True, type=click.Choice([act.value for act in Act]), help="Only posts that do this.")
@click.option("--field", multiple=True, help="Only what is about this (key of fields in topics.yml).")
@click.option("--cue", multiple=True, help="Only unverified claims of this danger (key of cues in topics.yml).")
@click.option("--limit", default=20, show_default=True, help="How many posts, newest first.")
def search(configs: Path, words: str, limit: int, **narrow: tuple[str, ...]) -> None:
    """Find posts: WORDS must all occur, each as a phrase; "quoted words" stay together, -word must not occur."""
    now = SystemClock().now()
    query = Query(
        words=words,
        topics=narrow["topic"],
        labels=tuple(map(Label, narrow["label"])),
        sites=narrow["site"],
        acts=tuple(map(Act, narrow["act"])),
        fields=narrow["field"],
        cues=narrow["cue"],
    )
    with explaining_errors(), closing(_reader(configs)) as reader:
        total, page = reader.count(query), reader.search(query, limit)
    show(hits_table([withheld(post, now) for post in page.posts], total))


@click.command()
@configs_option
@click.option(
    "--observed-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Only posts observed since then (UTC if no zone).",
)
@click.option("--site", help="Only this site.")
@click.option("--output", type=click.File("wb"), default="-", help="File to write; standard output by default.")
def export(configs: Path, observed_since: datetime | None, site: str | None, output: BinaryIO) -> None:
    """Write the index as JSONL, one post a line."""
    if observed_since is not None and observed_since.tzinfo is None:
        observed_since = observed_since.replace(tzinfo=UTC)
    written = 0
    with explaining_errors(), closing(_reader(configs)) as reader:
        for line in export_lines(reader, SystemClock().now(), observed_since=observed_since, site=site):
            output.write(line)
            written += 1
    if not written:
        click.echo("no such posts in the index", err=True)


def _reader(configs: Path) -> Reader:
    config = read_stream(configs)
    refuse_absent(config, "index")
    return open_index_reader(config)
