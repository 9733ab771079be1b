"""`replay`: what the detector would have said of a file of counts, as lines or as a picture, or of the index."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from math import isnan
from pathlib import Path
from typing import Any, Protocol, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import track

from alerts.cli.policy import policy_options, tell_policy
from alerts.detection.series.detector import Sides
from alerts.replay.counts import Counts, read_counts, some
from alerts.replay.rows import CountRow, UnusableCounts
from alerts.replay.series import Replay, Replayed, whole
from alerts.replay.trace import Trace

SHORT, SCARCE = timedelta(weeks=4), 0.25  # a past that says nothing of what happens less than once in four weeks
DAY = timedelta(days=1)
Step = tuple[datetime, CountRow | None]
MOST_BUDGET = 50  # as topics.yml permits
OF_FILES, OF_INDEX = ("side", "zone", "picture"), ("topics", "days", "proposed", "configs")


class Draw(Protocol):
    """Draws a trace into a file."""

    def __call__(self, trace: Trace, path: Path, *, name: str, what: str, budget: float, zone: tzinfo) -> None: ...


class Zone(click.ParamType[ZoneInfo]):
    """Takes the name of a time zone, as the IANA has it."""

    name = "zone"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """Finds the zone, or says which name would be one."""
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone: write a name like Asia/Shanghai", param, ctx)


@click.command()
@click.option("--counts", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV in even steps: timestamp,count[,negative[,authors]]; UTF-8, plain, .gz or .xz.")  # fmt: skip
@click.option("--budget", type=click.FloatRange(min=0, max=MOST_BUDGET, min_open=True),
              help="Alarms a week to keep to.  [default: as configured; of a file 1, both sides together]")  # fmt: skip
@click.option("--side", type=click.Choice([one.value for one in Sides]),
              help="Tell rises, falls or both.  [default: both; rise where the file has negatives]")  # fmt: skip
@click.option("--zone", type=Zone(), default="Asia/Shanghai", show_default=True,
              help="Where times without an offset are those of.")  # fmt: skip
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path),
              help="Draw a PNG instead: series, expected band, alarms, hours nobody observed.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write JSON: instead of tables, as well as a picture.")
@policy_options
def replay(
    path: Path | None, budget: float | None, side: str | None, zone: ZoneInfo, picture: Path | None, as_json: bool,
    **tried: Any,
) -> None:  # fmt: skip
    """Say of the index's last weeks what would have been told, and what with another configuration.

    With --counts, of a file: a JSON line a row, `alert` true where a letter would be written; `score` is 0 to 1 and 0.5
    at the threshold that the budget allows. With negatives, rises are judged on those (five of three authors at least)
    and falls on all posts. Exits 1, saying which lines, if the file cannot be used.
    """
    _refuse_idle(OF_FILES if path is None else OF_INDEX, "need" if path is None else "do not go with")
    if budget is not None and isnan(budget):
        raise click.BadParameter("nan is no number of alarms", param_hint="--budget")
    if path is None:
        tell_policy(budget=budget, as_json=as_json, **tried)
        return
    budget = budget or 1.0
    draw = _drawing(picture) if picture else None
    try:
        counts = read_counts(path, zone)
    except UnusableCounts as error:
        for mistake in error.mistakes:
            click.echo(mistake, err=True)
        sys.exit(1)
    for words in [*counts.left_out.words(), *_warnings(counts, budget)]:
        click.echo(words, err=True)
    chosen = Sides(side) if side else Sides.RISE if counts.has_negatives else Sides.BOTH
    run = Replay(counts.step, budget, chosen, negatives=counts.has_negatives, authors=counts.has_authors)
    trace = Trace(counts.step, counts.steps) if draw else None
    lines = sys.stdout if as_json or not picture else None
    for at, row in _shown(whole(counts.rows(), counts.step), counts, path.name, lines):
        replayed = run.judge(at, row)
        if lines and replayed:
            lines.write(line_of(replayed))
        if trace:
            trace.add(at, replayed, run.window())
    if draw and trace and picture:
        what = "负面" if counts.has_negatives and chosen is not Sides.FALL else "帖子"
        draw(trace, picture, name=path.name, what=what, budget=budget, zone=zone)
        click.echo(f"{picture}: {some(len(trace.flags), 'alert')}", err=True)


def _shown(steps: Iterator[Step], counts: Counts, name: str, lines: TextIO | None) -> Iterable[Step]:
    """Shows on standard error how far it is, for a person at a terminal: not where lines run through that already."""
    console = Console(stderr=True)
    idle = not console.is_terminal or (lines is not None and lines.isatty())
    return track(steps, name, counts.steps, console=console, transient=True, disable=idle)


def _refuse_idle(options: Sequence[str], how: str) -> None:
    """Refuses options that would do nothing."""
    context = click.get_current_context()
    given = [f"--{name.replace('topics', 'topic')}" for name in options if _is_given(context, name)]
    if given:
        raise click.UsageError(f"{', '.join(given)} {how} --counts")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def line_of(replayed: Replayed) -> str:
    """Writes what was said of a row."""
    said = {
        "timestamp": replayed.row.stamp,
        "expected": round(replayed.expected, 3),
        "score": round(replayed.score, 4),
        "state": replayed.state.value,
        "alert": replayed.alert,
    }
    return json.dumps(said, ensure_ascii=False) + "\n"


def _warnings(counts: Counts, budget: float) -> list[str]:
    found, past = [], counts.last + counts.step - counts.first
    if budget < SCARCE and past < SHORT:
        found.append(
            f"warning: --budget {budget:g} is less than one alarm in four weeks and the file has {past / DAY:.1f} days:"
            " the threshold rests on what is usual elsewhere; give a longer past or a budget of 0.25 and more"
        )
    if DAY % counts.step:
        found.append(
            f"warning: a step of {counts.step} does not divide a day evenly: what an hour is like is learnt from the"
            " steps that begin in it"
        )
    return found


def _drawing(path: Path) -> Draw:
    """Loads what draws, before minutes are spent on judging."""
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}: make it first", param_hint="--picture")
    try:
        from alerts.replay.picture import draw
    except ImportError as error:
        raise click.ClickException(f"--picture needs {error.name}: `make demo` installs it") from None
    return draw
