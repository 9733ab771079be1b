"""Where the real engines are, for the tests that run on them too."""

import os
from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).parents[1] / "var" / "engines" / "env"  # written by `make engines`


def noted(variable: str) -> str | None:
    """The address of an engine by its variable, from the environment or from what `make engines` wrote."""
    lines = ENVIRONMENT.read_text("utf-8").splitlines() if ENVIRONMENT.exists() else []
    return os.environ.get(variable) or dict(line.split("=", 1) for line in lines).get(variable)


def engine(variable: str) -> str:
    """The same; without it the test is skipped, or fails where CI is set."""
    if address := noted(variable):
        return address
    reason = f"{variable} is not set: make engines"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
