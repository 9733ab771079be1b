"""`python -m nlp`: the scoring stage, a look at single texts, and how the model is made."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from nlp.classify import classify, line_batches
from nlp.cli.feedback import feedback
from nlp.cli.training import COMMANDS
from nlp.config import Engine, NlpConfig, read_nlp
from nlp.engines import Openers
from nlp.inference.manifest import UnusableModel
from nlp.inference.reloading import ReloadingScorer
from nlp.inference.surviving import SurvivingScorer
from nlp.scorer import Scorer
from nlp.scorers.openvino import OpenVinoScorer
from nlp.scorers.torch import TorchScorer
from nlp.stage import scoring_worker
from nlp.topics import Found, Hit, TopicMatcher, fold
from nlp.training.settings import Settings
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import apply_topics, open_consumer, open_index_reader, open_producer, open_state_engine
from stream.errors import EXIT_CONFIG
from stream.log.broker import RAW
from stream.log.worker import run_worker
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.process.running import registered
from stream.topics import TopicsConfig

AROUND = 8  # characters shown on each side of a word that was found
PLACES = 8  # shown per rule


def load_scorer(config: NlpConfig) -> Scorer:
    """The model of configs/nlp.yml; raises UnusableModel, or ModuleNotFoundError where its runtime is missing."""
    if config.scorer is Engine.TORCH:
        return TorchScorer(config.model, checkpoint=config.checkpoint)
    return OpenVinoScorer(config.model, threads=config.threads)


def open_scorer(config: NlpConfig) -> Scorer:
    """The model of configs/nlp.yml, loaded; what cannot be loaded ends the program with its reason."""
    with _usable(config):
        return load_scorer(config)


@contextmanager
def _usable(config: NlpConfig) -> Iterator[None]:
    try:
        yield
    except (UnusableModel, ModuleNotFoundError) as error:
        click.echo(f"scorer {config.scorer}: {error}", err=True)
        sys.exit(EXIT_CONFIG)


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """What a post feels like, and what it is about."""
    context.obj = Openers(
        state=open_state_engine,
        reader=open_index_reader,
        scorer=open_scorer,
        threaded=lambda config, threads: load_scorer(replace(config, threads=threads)),
        folder=OpenVinoScorer,
        exact=TorchScorer,
    )


for command in (feedback, *COMMANDS):
    main.add_command(command)


@main.command()
@configs_option
@click.option("--once", is_flag=True, help="Score what is there, then end.")
def score(configs: Path, once: bool) -> None:
    """Run the scoring stage: posts.raw into posts.scored.

    On SIGHUP it reads nlp.yml again and takes the model named there; one that is refused is logged, and the stage goes
    on with the one it has.
    """
    configure("score")
    clock = SystemClock()
    with explaining_errors():
        configuration = Configuration(configs)
        stream, nlp = configuration.add("stream.yml", StreamConfig), configuration.add("nlp.yml", NlpConfig)
        topics = configuration.add("topics.yml", TopicsConfig)
        config, matcher = stream(), TopicMatcher(topics())
        with _usable(nlp()):
            scorer = ReloadingScorer(lambda: SurvivingScorer(load_scorer(read_nlp(configs)), config.var / "scoring"))
        signal.signal(signal.SIGHUP, lambda *_: scorer.ask())
        apply_topics(config)
        producer = open_producer(config, clock)
        with closing(producer), closing(open_consumer(config, clock, "wenfeng.score", [RAW])) as consumer:
            worker = scoring_worker(config, consumer, producer, scorer=scorer, matcher=matcher, clock=clock)
            with registered(config.var, "score"):
                run_worker(worker, once=once)


@main.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """List every mistake in nlp.yml, topics.yml and training.yml."""
    with explaining_errors():
        configuration = Configuration(configs)
        configuration.add("nlp.yml", NlpConfig)
        configuration.add("topics.yml", TopicsConfig)
        configuration.add("training.yml", Settings)
        configuration.check()
    click.echo(f"{configs}/nlp.yml, {configs}/topics.yml, {configs}/training.yml: no mistakes")


@main.command()
@configs_option
@click.argument("text")
def match(configs: Path, text: str) -> None:
    """Show which rules of topics.yml a text meets.

    And which words, where. TEXT may be -, to read it from standard input.
    """
    with explaining_errors():
        topics = Configuration(configs).add("topics.yml", TopicsConfig)()
    folded = fold(sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text)
    hits = TopicMatcher(topics).match(folded)
    if hits:
        Console(width=None if sys.stdout.isatty() else 120).print(_hits_table(hits, folded, topics))
    else:
        click.echo("no rule of topics.yml matches")


@main.command("classify")
@configs_option
def classify_command(configs: Path) -> None:
    """Score lines of {"text": …} from standard input.

    One answer per line, in order; a bad line is answered by an error, and the exit code is then 1.
    """
    configure("classify")
    with explaining_errors():
        scorer = open_scorer(read_nlp(configs))
    number, bad = 1, 0
    for lines in line_batches(sys.stdin.buffer):
        answers = classify(lines, scorer, first=number)
        number, bad = number + len(lines), bad + sum("error" in answer for answer in answers)
        _write_lines(answers, sys.stdout)
    sys.exit(1 if bad else 0)


def _write_lines(answers: list[dict[str, object]], to: TextIO) -> None:
    to.writelines(f"{json.dumps(answer, ensure_ascii=False)}\n" for answer in answers)
    to.flush()


def _hits_table(hits: tuple[Hit, ...], folded: str, topics: TopicsConfig) -> Table:
    table = Table("of", "key", "name", "rule", "words", Column("where", no_wrap=True))
    for hit in hits:
        words = dict.fromkeys(found.word for found in hit.found)
        places = [_place(folded, one) for one in hit.found[:PLACES]]
        more = [f"and {len(hit.found) - PLACES} more"] if len(hit.found) > PLACES else []
        name = escape(getattr(topics, hit.part)[hit.key].name)
        told = escape("\n".join(words)), "\n".join(places + more)
        table.add_row(hit.part, hit.key, name, str(hit.rule), *told)
    return table


def _place(folded: str, found: Found) -> str:
    """The word in brackets, with what stands around it."""
    before, after = folded[max(0, found.start - AROUND) : found.start], folded[found.end : found.end + AROUND]
    inside = escape(" ".join(folded[found.start : found.end].split()))
    return f"…{escape(before)}[bold]【{inside}】[/bold]{escape(after)}…".replace("\n", " ")


if __name__ == "__main__":
    main()
