"""`python -m nlp`: the scoring stage, a look at single texts, and how the model is made."""

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from nlp.classify import classify, line_batches
from nlp.config import Engine, NlpConfig
from nlp.feedback_commands import Openers, feedback
from nlp.manifest import FILE as MANIFEST
from nlp.manifest import UnusableModel, read_manifest
from nlp.reloading import ReloadingScorer
from nlp.score import scoring_worker
from nlp.scorer import Scorer
from nlp.scorers.openvino import OpenVinoScorer
from nlp.scorers.torch import TorchScorer
from nlp.surviving import SurvivingScorer
from nlp.topics import Found, Hit, TopicMatcher, fold
from nlp.training.commands import (
    NoSample,
    TooMuchLost,
    TrainingUnavailable,
    run_agreement,
    run_bench,
    run_distill,
    run_evaluate,
    run_export,
    run_pretrain,
    run_quantize,
    run_train,
)
from nlp.training.settings import Settings
from nlp.training.speed import Speed
from stream.__main__ import (
    apply_topics,
    open_consumer,
    open_index_reader,
    open_producer,
    open_state_engine,
    run_worker,
)
from stream.broker import RAW
from stream.clock import SystemClock
from stream.commands import configs_option, told
from stream.config import Configuration, StreamConfig
from stream.errors import EXIT_CONFIG
from stream.log import configure
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


def _read_nlp(configs: Path) -> NlpConfig:
    return Configuration(configs).add("nlp.yml", NlpConfig)()


@contextmanager
def _usable(config: NlpConfig) -> Iterator[None]:
    try:
        yield
    except (UnusableModel, ModuleNotFoundError) as error:
        click.echo(f"scorer {config.scorer}: {error}", err=True)
        sys.exit(EXIT_CONFIG)


_data = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
_out = click.argument("out", type=click.Path(path_type=Path))


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """What a post feels like, and what it is about."""
    context.obj = Openers(
        state=open_state_engine, reader=open_index_reader, scorer=lambda configs: open_scorer(_read_nlp(configs))
    )


main.add_command(feedback)


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
    with told():
        configuration = Configuration(configs)
        stream, nlp = configuration.add("stream.yml", StreamConfig), configuration.add("nlp.yml", NlpConfig)
        topics = configuration.add("topics.yml", TopicsConfig)
        config, matcher = stream(), TopicMatcher(topics())
        with _usable(nlp()):
            scorer = ReloadingScorer(lambda: SurvivingScorer(load_scorer(_read_nlp(configs)), config.var / "scoring"))
        signal.signal(signal.SIGHUP, lambda *_: scorer.ask())
        apply_topics(config)
        producer = open_producer(config, clock)
        with closing(producer), closing(open_consumer(config, clock, "wenfeng.score", [RAW])) as consumer:
            run_worker(
                scoring_worker(config, consumer, producer, scorer=scorer, matcher=matcher, clock=clock), once=once
            )


@main.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """List every mistake in nlp.yml, topics.yml and training.yml."""
    with told():
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
    with told():
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
    with told():
        scorer = open_scorer(_read_nlp(configs))
    number, bad = 1, 0
    for lines in line_batches(sys.stdin.buffer):
        answers = classify(lines, scorer, first=number)
        number, bad = number + len(lines), bad + sum("error" in answer for answer in answers)
        _write_lines(answers, sys.stdout)
    sys.exit(1 if bad else 0)


@main.command()
@configs_option
@_data
@_out
def pretrain(configs: Path, data: Path, out: Path) -> None:
    """Learn a vocabulary and an encoder from unlabelled posts."""
    with _training(configs) as settings:
        run_pretrain(settings, data, out)


@main.command()
@configs_option
@_data
@_out
def distill(configs: Path, data: Path, out: Path) -> None:
    """Let the n-gram teacher label the training rows softly.

    OUT is the folder that train takes as --teacher.
    """
    with _training(configs) as settings:
        run_distill(settings, data, out)


@main.command()
@configs_option
@_data
@click.argument("pretrained", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_out
@click.option("--teacher", type=click.Path(exists=True, path_type=Path), help="Soft labels that distill wrote.")
@click.option(
    "--feedback",
    "reviewed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Labels by people, as `feedback export` wrote them; without it none are learnt from.",
)
def train(
    configs: Path, data: Path, pretrained: Path, out: Path, *, teacher: Path | None, reviewed: Path | None
) -> None:
    """Fine-tune what pretrain left, on labelled posts."""
    with _training(configs) as settings:
        run_train(settings, data, pretrained, out, teacher=teacher, feedback=reviewed)


@main.command()
@configs_option
@_data
@click.argument("tuned", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_out
@click.option("--version", required=True, help="The version that every score names.")
def export(configs: Path, data: Path, tuned: Path, out: Path, version: str) -> None:
    """Make what train left into a calibrated model folder."""
    with _training(configs) as settings:
        wrong = run_export(settings, data, tuned, out, version=version, scorer=OpenVinoScorer)
    click.echo("\n".join(f"labelled otherwise than a person would: {text}" for text in wrong) or f"{out} is ready")


@main.command()
@configs_option
@_data
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Document to renew the figures in, between its marks: README.md, nlp/model/README.md.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON file to leave the figures in.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/evaluate"),
    help="Where the other judges' answers are kept for the next time.",
)
def evaluate(configs: Path, data: Path, markdown: bool, into: tuple[Path, ...], out: Path | None, cache: Path) -> None:
    """Measure the model of nlp.yml on the dev sets, beside others."""
    with _training(configs) as settings:
        config = _read_nlp(configs)
        scorer, own = open_scorer(config), (config.model / MANIFEST).exists()
        temperature = read_manifest(config.model).temperature if own else None
        found = run_evaluate(settings, data, scorer, temperature=temperature, cache=cache)
    if out is not None:
        out.write_text(json.dumps(found.figures, indent=2) + "\n", "utf-8")
    for document in into:
        document.write_text(found.pasted(document.read_text("utf-8")), "utf-8")
    if markdown:
        click.echo(found.markdown)
    else:
        Console(width=None if sys.stdout.isatty() else 250).print(found.shown)


@main.command()
@configs_option
@_data
@click.argument("out", type=click.Path(exists=False, path_type=Path))
@click.option("--most-lost", default=0.005, show_default=True, help="How far a dev set's macro-F1 may fall.")
def quantize(configs: Path, data: Path, out: Path, most_lost: float) -> None:
    """Write the model in int8, unless dev shows a loss."""
    with _training(configs):
        folder = _read_nlp(configs).model
        found = run_quantize(folder, data, out, most_lost=most_lost, scorer=OpenVinoScorer)
    for name, (before, after) in found.items():
        click.echo(f"{name}: six-class macro-F1 {before:.4f} before, {after:.4f} after")


@main.command()
@configs_option
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bench(configs: Path, files: tuple[Path, ...]) -> None:
    """Measure how fast the model scores, beside others.

    FILES are JSONL with a `text` field; the model is that of nlp.yml.
    """
    with _training(configs):
        config = _read_nlp(configs)
        scorer = open_scorer(config)
        found = run_bench(partial(_threaded, config), config.model, files)
        agreed = run_agreement(scorer, TorchScorer(config.model), files) if config.scorer is Engine.OPENVINO else None
    Console(width=None if sys.stdout.isatty() else 120).print(_speed_table(found))
    if agreed is not None:
        click.echo(f"beside torch: {agreed}")


def _threaded(config: NlpConfig, threads: int) -> Scorer:
    return load_scorer(replace(config, threads=threads))


@contextmanager
def _training(configs: Path) -> Iterator[Settings]:
    """The settings of training.yml, once they are sound."""
    with told():
        try:
            yield Configuration(configs).add("training.yml", Settings)()
        except (NoSample, TooMuchLost, TrainingUnavailable) as error:
            raise click.ClickException(str(error)) from error


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


def _speed_table(found: Mapping[str, Speed]) -> Table:
    numbers = ("posts/s", "times", "posts/core s", "load s", "MB", "p50 ms", "p99 ms")
    table = Table("", *(Column(name, justify="right") for name in numbers))
    least = next(iter(found.values())).per_second
    for name, one in found.items():
        rates = (one.per_second, one.per_second / least, one.per_core, one.load, one.memory, one.p50, one.p99)
        table.add_row(name, *(f"{number:,.{0 if number >= 100 else 1}f}" for number in rates))
    return table


def _place(folded: str, found: Found) -> str:
    """The word in brackets, with what stands around it."""
    before, after = folded[max(0, found.start - AROUND) : found.start], folded[found.end : found.end + AROUND]
    inside = escape(" ".join(folded[found.start : found.end].split()))
    return f"…{escape(before)}[bold]【{inside}】[/bold]{escape(after)}…".replace("\n", " ")


if __name__ == "__main__":
    main()
