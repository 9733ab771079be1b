"""The conditions that `search` and `export` share, as options and as a query."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import reduce
from typing import Any

import click

from stream.cli.finding.known import KnownKeys
from stream.errors import Rejected
from stream.index.finding.times import read_since, read_until
from stream.index.port import Query
from stream.messages import Act, Label, Precision

Command = Callable[..., Any]

_TIMES = "2026-09-22, 2026-09-22 14:00, 昨天, all in Beijing, or 24h, 7d for the last ones"
_OPTIONS = (
    click.option("--topic", multiple=True, help="Only this topic (key or name of topics.yml); may be repeated."),
    click.option("--label", multiple=True, type=click.Choice(list(map(str, Label))), help="Only this polarity."),
    click.option("--site", multiple=True, help="Only this site, or the site of a source of this name."),
    click.option("--source", multiple=True, help="Only this source (key or name of crawlers.yml)."),
    click.option("--board", multiple=True, help="Only this board, as its site calls it."),
    click.option("--act", multiple=True, type=click.Choice(list(map(str, Act))), help="Only posts that do this."),
    click.option("--field", multiple=True, help="Only what is about this (key or name of fields in topics.yml)."),
    click.option("--cue", multiple=True, help="Only unverified claims of this danger (key or name in topics.yml)."),
    click.option(
        "--precision", multiple=True, type=click.Choice(list(map(str, Precision))), help="Only posts dated so finely."
    ),
    click.option("--since", help=f"Only posts from then on: {_TIMES}."),
    click.option("--until", help="Only posts before then; a day is included whole."),
    click.option("--min-replies", type=click.IntRange(0), help="Only posts answered so often, by their own counter."),
    click.option("--min-views", type=click.IntRange(0), help="Only posts seen so often, by their own counter."),
    click.option("--authorless/--authored", default=None, help="Only posts whose site names nobody, or somebody."),
    click.option("--gone/--still-there", default=None, help="Only posts gone at their source, or still there."),
)


def narrowing(command: Command) -> Command:
    """Gives a command the options by which posts are narrowed; they are what `asked` takes."""
    return reduce(lambda inner, option: option(inner), reversed(_OPTIONS), command)


def asked(
    known: KnownKeys, words: str, now: datetime, narrow: dict[str, Any], *, observed_since: datetime | None = None
) -> Query:
    """Builds the query; raises `click.BadParameter` for a key, name or time that there is not."""
    return Query(
        words=words,
        topics=_keys(known, "topics", narrow),
        sites=_keys(known, "sites", narrow),
        sources=_keys(known, "sources", narrow),
        fields=_keys(known, "fields", narrow),
        cues=_keys(known, "cues", narrow),
        labels=tuple(map(Label, narrow["label"])),
        boards=narrow["board"],
        acts=tuple(map(Act, narrow["act"])),
        precisions=tuple(map(Precision, narrow["precision"])),
        charted_since=_moment("since", read_since, narrow["since"], now),
        charted_until=_moment("until", read_until, narrow["until"], now),
        least_replies=narrow["min_replies"],
        least_views=narrow["min_views"],
        authorless=narrow["authorless"],
        deleted=narrow["gone"],
        observed_since=observed_since,
    )


def _keys(known: KnownKeys, kind: str, narrow: dict[str, Any]) -> tuple[str, ...]:
    option = kind.removesuffix("s")
    with _as_bad(option):
        return known.keys(kind, narrow[option])


def _moment(
    option: str, read: Callable[[str, datetime], datetime], typed: str | None, now: datetime
) -> datetime | None:
    with _as_bad(option):
        return None if typed is None else read(typed, now)


@contextmanager
def _as_bad(option: str) -> Iterator[None]:
    try:
        yield
    except Rejected as refused:
        raise click.BadParameter(refused.detail, param_hint=f"'--{option}'") from refused
