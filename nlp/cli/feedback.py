"""`python -m nlp feedback …`: labels by people, in, out, and against the running model."""

import json
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, TextIO

import click
from rich.table import Table

from nlp.config import read_nlp
from nlp.engines import open_scorer
from nlp.feedback import BadTable, Example, LabelAgreement, compare_with_labels, examples, read_table, training_record
from stream.cli.options import Group, configs_option, explaining_errors
from stream.cli.tables import show
from stream.config import StreamConfig
from stream.engines import open_index_reader, open_state_engine
from stream.index.finding.words import LABEL_NAMES
from stream.messages import Label
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.state.database import disposing
from stream.state.labels import latest_labels, save_labels


@click.group(cls=Group)
def feedback() -> None:
    """Keep labels by people; measure the model by them.

    A training learns from them only where it is given a file by name.
    """


@feedback.command("import")
@configs_option
@click.argument("table", type=click.File("rb"))
@click.option("--by", required=True, help="Who labelled, where the table does not say.")
def import_(configs: Path, table: BinaryIO, by: str) -> None:
    """Store the labels of a CSV file: label and text or id, and emotion and by where known."""
    with explaining_errors(), disposing(open_state_engine(_stream(configs))) as engine:
        try:
            reviews = read_table(table.read(), SystemClock().now(), by)
        except BadTable as error:
            raise click.ClickException("\n".join(error.mistakes)) from error
        save_labels(engine, reviews)
    click.echo(f"{len(reviews)} labels stored; no model has learnt from them")


@feedback.command()
@configs_option
@click.argument("out", type=click.File("w", encoding="utf-8"))
def export(configs: Path, out: TextIO) -> None:
    """Write the labelled texts as JSON lines, for `train --feedback`."""
    found, reviewed = _examples(configs)
    out.writelines(f"{json.dumps(training_record(one), ensure_ascii=False)}\n" for one in found)
    click.echo(f"{len(found)} of {reviewed} labelled posts; the others are gone or read otherwise by now", err=True)


@feedback.command("measure")
@configs_option
def measure(configs: Path) -> None:
    """Show how the model of nlp.yml answers on what people labelled."""
    found, reviewed = _examples(configs)
    if not found:
        raise click.ClickException(f"none of {reviewed} labelled posts can be read")
    with explaining_errors():
        measured = compare_with_labels(found, open_scorer(read_nlp(configs)))
    answered = f"一致 {measured.agreed}，待人工判断 {measured.uncertain}，未评分 {measured.unscored}"
    click.echo(f"{measured.model}：{measured.examples} 条，{answered}")
    show(agreement_table(measured))


def agreement_table(measured: LabelAgreement) -> Table:
    """Lay out what people said down the side, what the model said across."""
    answers = [*measured.table, Label.UNCERTAIN]
    table = Table("人工", *(LABEL_NAMES[label] for label in answers), "召回", "精确")
    for label, row in measured.table.items():
        shares = (f"{right}/{all_}" for right, all_ in (measured.recall(label), measured.precision(label)))
        table.add_row(LABEL_NAMES[label], *(str(row[answer]) for answer in answers), *shares)
    return table


def _examples(configs: Path) -> tuple[list[Example], int]:
    with explaining_errors():
        config = _stream(configs)
        with disposing(open_state_engine(config)) as engine, closing(open_index_reader(config)) as reader:
            reviews = latest_labels(engine)
            return examples(reviews, reader), len(reviews)


def _stream(configs: Path) -> StreamConfig:
    return Configuration(configs).add("stream.yml", StreamConfig)()
