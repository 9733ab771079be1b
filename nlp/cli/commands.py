"""`python -m nlp`: the scoring stage, a look at single texts, and how the model is made."""

import click

from nlp.cli.check import check_config
from nlp.cli.classify import classify_lines
from nlp.cli.feedback import feedback
from nlp.cli.match import match
from nlp.cli.measure import bench, evaluate
from nlp.cli.score import score
from nlp.cli.training import distill, export, fetch, join, pretrain, quantize, rebuild, train
from stream.cli.options import Group
from stream.version import VERSION

COMMANDS = (
    score, check_config, match, classify_lines, feedback,
    fetch, pretrain, distill, train, export, evaluate, quantize, join, rebuild, bench,
)  # fmt: skip


@click.group(cls=Group)
@click.version_option(VERSION, prog_name="Wenfeng")
def main() -> None:
    """Say what a post feels like, and what it is about."""


for command in COMMANDS:
    main.add_command(command)
