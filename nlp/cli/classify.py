"""`python -m nlp classify`: JSON lines through the model."""

import json
import sys
from pathlib import Path
from typing import TextIO

import click

from nlp.classify import classify, line_batches
from nlp.config import read_nlp
from nlp.engines import open_scorer
from stream.cli.options import configs_option, explaining_errors
from stream.process.logs import configure


@click.command("classify")
@configs_option
def classify_lines(configs: Path) -> None:
    """Score lines of {"text": …} from standard input.

    One answer per line, in order, each with the same numbers; `unscored` says where they are of no text that was read.
    A bad line has an error beside them, and the exit code is then 1.
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
