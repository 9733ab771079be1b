"""Where the real engines are, for the tests that run on them too."""

import os
from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).parents[1] / "var" / "engines" / "env"  # written by `make engines`


def engine(variable: str) -> str:
    """The address of an engine by its variable; without it the test is skipped, or fails where CI is set."""
    address = os.environ.get(variable) or _noted().get(variable)
    if address:
        return address
    reason = f"{variable} is not set: make engines"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _noted() -> dict[str, str]:
    lines = ENVIRONMENT.read_text("utf-8").splitlines() if ENVIRONMENT.exists() else []
    return dict(line.split("=", 1) for line in lines)
