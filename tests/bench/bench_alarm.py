"""From a burst to the letter, with 300 posts a second on all stages: `python -m tests.bench.bench_alarm`.

It is a short soak, whose planted spike comes after two thirds of the time. Everything runs beside it, as processes.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from tests.bench.sheets import Aim, Sheet, show

RATE = 300
WANTED = 60.0  # seconds
LEFT = Path("var/soak/soak.json")


def sheet(minutes: float) -> Sheet:
    """What a soak of so many minutes measured; raises RuntimeError where it did not come to its end."""
    LEFT.unlink(missing_ok=True)
    command = [sys.executable, "-m", "scripts.soak", "--rate", str(RATE), "--minutes", str(minutes)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # what it judges besides is not asked
    if not LEFT.exists():
        raise RuntimeError(f"the soak did not come to its end: {said.stderr[-500:]}")
    return of_soak(json.loads(LEFT.read_text("utf-8"))["measured"], minutes)


def of_soak(measured: dict[str, Any], minutes: float) -> Sheet:
    """The delays of a soak. A letter that never came took for ever."""
    planted, told = measured["planted"], measured["told"]
    took = told - planted if planted is not None and told is not None else float("inf")
    delays = sorted(delay for _, delay in measured["delays"])
    found = Sheet("alarm", f"from the last post of a burst to the letter: {RATE} posts a second, {minutes:g} minutes")
    found.rows["burst to letter"] = {"seconds": took}
    found.rows["post to index, half of them"] = {"seconds": delays[len(delays) // 2] if delays else float("inf")}
    found.aims.append(Aim(f"burst to letter at {RATE} posts/s", WANTED, took, "s", at_most=True))
    return found


@click.command()
@click.option("--minutes", default=5.0, show_default=True, help="How long posts are fed.")
def main(minutes: float) -> None:
    """Measure how long a burst takes to a letter."""
    show(sheet(minutes), Console())


if __name__ == "__main__":
    main()
