"""A stage as a process: run to its end, or killed at a random moment of its work."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

PATIENCE = 600.0  # seconds a stage may take


class Broken(Exception):
    """Raised when a stage that nobody killed did not end well; holds the end of what it said."""


def python(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", *words]


def finish(words: Sequence[str]) -> float:
    """Runs a stage to its end; returns the seconds it took."""
    start = time.monotonic()
    done = subprocess.run(python(words), check=False, timeout=PATIENCE, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return time.monotonic() - start


def kill_within(words: Sequence[str], longest: float, dice: Random) -> bool:
    """Starts a stage and kills it (SIGKILL) within `longest` seconds; False if it had ended by then."""
    process = subprocess.Popen(python(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(dice.uniform(0.2, 1.0) * longest)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


@dataclass(slots=True)
class Killer:
    """Runs stages to their ends, killing each on the way as often as is still owed to it."""

    dice: Random
    kills: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)

    def owe(self, stage: str, kills: int) -> None:
        self.owed[stage] = kills

    def run(self, stage: str, words: Sequence[str]) -> None:
        """The first run of a stage is undisturbed and teaches how long it takes; later ones may be killed first."""
        while self.owed.get(stage, 0) and stage in self.usual and kill_within(words, self.usual[stage], self.dice):
            self.owed[stage] -= 1
            self.kills[stage] = self.kills.get(stage, 0) + 1
            if self.dice.random() < 0.5:
                break
        took = finish(words)
        self.usual[stage] = max(took, self.usual.get(stage, 0.0))
