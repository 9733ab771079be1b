"""`make fuzz`: puts the targets to as many inputs as asked for, and says what came of it."""

import json
import subprocess
import sys
from importlib.util import find_spec
from math import ceil, sqrt
from pathlib import Path
from shutil import rmtree
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tests.fuzz.targets import TARGETS

HOME = Path("var/fuzz").resolve()
ENGINES = ("hypothesis", "atheris")
DRAWN = 20  # hypothesis gets one of so many executions where atheris is there, which makes fifty in the same time


def shares(total: int, names: list[str]) -> dict[str, int]:
    """Executions per target: the dearer one is, the fewer, by the root of what it costs."""
    weights = {name: 1 / sqrt(TARGETS[name].cost) for name in names}
    return {name: ceil(total * weight / sum(weights.values())) for name, weight in weights.items()}


def fuzz(name: str, executions: int, engine: str) -> dict[str, Any]:
    """One target by one engine in a process of its own; the report of a process that died says so."""
    folder = HOME / engine / name.replace(" ", "-")
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(executions), engine, str(folder)]
    with (folder / "output").open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=output, check=False)
    report = folder / "report.json"
    if not report.exists():
        died = f"the process ended with {done.returncode}; its input is {folder / 'last'}"
        return {"executions": 0, "seconds": 0.0, "processor": 0.0, "findings": {"died": died}}
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def budgets(total: int, chosen: str) -> dict[str, int]:
    """Executions per engine; where one is not installed the other gets its share."""
    there = [engine for engine in ENGINES if chosen in (engine, "both") and find_spec(engine)]
    if len(there) < len(ENGINES):
        return dict.fromkeys(there, total)
    return {"hypothesis": total // DRAWN, "atheris": total - total // DRAWN}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(TARGETS)))
@click.option("--total", default=20_000, show_default=True, help="Executions of all targets together.")
@click.option("--engine", default="both", show_default=True, type=click.Choice([*ENGINES, "both"]))
def main(names: tuple[str, ...], total: int, engine: str) -> None:
    """Fuzz the targets (NAMES, or all); ends with 1 if anything was found, and keeps the inputs under var/fuzz."""
    table = Table("target", "engine", "executions", "executions/s", "of a core", "findings")
    found, count = 0, 0
    for one, budget in budgets(total, engine).items():
        for name, executions in shares(budget, list(names or TARGETS)).items():
            told = fuzz(name, executions, one)
            click.echo(f"{name}: {told['executions']:,} by {one}", err=True)
            found, count = found + len(told["findings"]), count + told["executions"]
            rates = [f"{told['executions'] / max(told[clock], 1e-9):,.0f}" for clock in ("seconds", "processor")]
            table.add_row(name, one, f"{told['executions']:,}", *rates, str(len(told["findings"])))
            for kind, words in told["findings"].items():
                click.echo(f"{name}: {kind}: {words}", err=True)
    table.add_section()
    table.add_row("all", "", f"{count:,}", "", "", str(found))
    Console(width=100).print(table)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
