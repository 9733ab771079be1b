"""`python -m nlp match`: what the rules of topics.yml find in a text."""

import re
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from stream.cli.options import configs_option, explaining_errors
from stream.matching import Occurrence, RuleMatch, TopicMatcher
from stream.process.configuration import Configuration
from stream.spelling.folding import Traced, traced
from stream.topics import TopicsConfig

CONTEXT = 8  # characters shown on each side of a word that was found
PLACES = 8  # shown per rule
_WRAPPED = re.compile(r"(?<=[\u2e80-\uffff])\s+(?=[\u2e80-\uffff])")  # white space that parts no words


@click.command()
@configs_option
@click.argument("text")
def match(configs: Path, text: str) -> None:
    """Show which rules of topics.yml a text meets.

    And which words, where. TEXT may be -, to read it from standard input.
    """
    with explaining_errors():
        topics = Configuration(configs).add("topics.yml", TopicsConfig)()
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text
    found = traced(text)
    matches = TopicMatcher(topics).match(found.folded)
    if matches:
        Console(width=None if sys.stdout.isatty() else 120).print(_table(matches, text, found, topics))
    else:
        click.echo("no rule of topics.yml matches")


def _table(matches: tuple[RuleMatch, ...], text: str, traced: Traced, topics: TopicsConfig) -> Table:
    table = Table("of", "key", "name", "rule", "words", Column("where", no_wrap=True))
    for one in matches:
        words = "\n".join(dict.fromkeys(found.word for found in one.found))
        places = [_place(text, traced, found) for found in one.found[:PLACES]]
        more = [f"and {len(one.found) - PLACES} more"] if len(one.found) > PLACES else []
        name = (topics.watched if one.part == "topics" else getattr(topics, one.part))[one.key].name
        table.add_row(one.part, one.key, escape(name), str(one.rule), escape(words), "\n".join(places + more))
    return table


def _place(text: str, traced: Traced, found: Occurrence) -> str:
    """Put the word in brackets, with what stands around it, all as it was written."""
    start, end = traced.written(found.start, found.end)
    before, inside, after = text[max(0, start - CONTEXT) : start], text[start:end], text[end : end + CONTEXT]
    words = (escape(" ".join(_WRAPPED.sub("", part).split())) for part in (before, inside, after))
    return "…{}[bold]【{}】[/bold]{}…".format(*words)
