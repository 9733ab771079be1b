"""Failpoints: every declared place is in the code and no other; armed by one variable; nothing otherwise."""

import ast
import os
import signal
import subprocess
import sys
import timeit
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream.errors import ConfigError
from stream.process.failpoints import PLACES, VARIABLE, arm, failpoint

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def named_in_the_code() -> list[str]:
    files = [path for package in ("alerts", "crawlers", "nlp", "stream") for path in (ROOT / package).rglob("*.py")]
    calls = [
        node
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint"
    ]
    return [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]


def test_every_declared_place_is_in_the_code_and_no_other() -> None:
    assert set(named_in_the_code()) == PLACES.keys()


def test_nothing_happens_where_nothing_is_armed() -> None:
    for place in PLACES:
        failpoint(place)


def test_a_place_raises_at_the_hit_it_was_told_and_once() -> None:
    arm("worker.polled=raise@2")
    failpoint("worker.polled")
    failpoint("worker.done")
    with pytest.raises(RuntimeError, match=r"worker\.polled"):
        failpoint("worker.polled")
    failpoint("worker.polled")


def test_a_killed_process_says_where_and_runs_nothing_more() -> None:
    program = "from stream.process.failpoints import failpoint\ntry:\n failpoint('act.kept')\nfinally:\n print('alive')"
    died = subprocess.run(
        [sys.executable, "-c", program],
        check=False, cwd=ROOT, capture_output=True, text=True, env={**os.environ, VARIABLE: "act.kept=kill@1"},
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL
    assert died.stdout == ""
    assert died.stderr == "failpoint act.kept: kill\n"


@pytest.mark.parametrize("spec", ["nowhere=kill@1", "act.kept=kill", "act.kept=kill@0", "act.kept=sleep@1", "act.kept"])
def test_what_cannot_be_meant_is_refused_with_the_places(spec: str) -> None:
    with pytest.raises(ConfigError, match=r"act\.kept"):
        arm(spec)


def test_it_costs_nothing_that_could_be_measured_in_a_batch() -> None:
    seconds = min(timeit.repeat(lambda: failpoint("worker.polled"), number=10_000, repeat=5)) / 10_000
    assert seconds < 5e-6  # some 0.1 µs, a handful of times a batch of 256 records
