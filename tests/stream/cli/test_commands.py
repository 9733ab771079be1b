"""What the one group holds: every command with a line of help, and no engine opened to show it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from stream.cli.commands import main

ROOT = Path(__file__).parents[3]


def paths(command: click.Command, *before: str) -> list[tuple[str, ...]]:
    inner = command.commands if isinstance(command, click.Group) else {}
    return [before, *(path for name, one in inner.items() for path in paths(one, *before, name))]


EVERY = paths(main)


def test_every_family_is_there() -> None:
    assert set(main.commands) == {
        "check-config", "erase", "events", "export", "index", "quarantine", "search", "state", "status", "topics",
        "upkeep",
    }  # fmt: skip
    index = main.commands["index"]
    assert isinstance(index, click.Group)
    assert set(index.commands) == {"rebuild", "migrate", "retell", "verify", "rights", "prepare"}


@pytest.mark.parametrize("path", EVERY, ids=lambda path: " ".join(path) or "main")
def test_each_tells_what_it_does_without_opening_anything(path: tuple[str, ...], tmp_path: Path) -> None:
    asked = CliRunner(env={"WENFENG_CONFIGS": str(tmp_path)}).invoke(main, [*path, "--help"])
    assert asked.exit_code == 0
    first = asked.stdout.split("\n\n")[1].strip()
    assert first[0].isupper()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [path for path in EVERY if path], ids=" ".join)
def test_each_that_does_something_takes_the_folder_of_the_configuration(path: tuple[str, ...]) -> None:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    takes = any("--configs" in parameter.opts for parameter in command.params)
    only_a_group = isinstance(command, click.Group) and not command.invoke_without_command
    assert takes != only_a_group


def test_a_command_nobody_wrote_is_refused() -> None:
    refused = CliRunner().invoke(main, ["reindex"])
    assert refused.exit_code == 2
    assert "No such command 'reindex'" in refused.stderr


def test_the_module_runs_as_a_program_under_its_own_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stream", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.startswith("Usage: python -m stream ")
