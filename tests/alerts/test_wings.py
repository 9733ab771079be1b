"""The wings of alerts: each imports only those before it in this order, so that no two are tied into a knot."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "alerts"
#: `notify` knows people and nothing of cases; `casefile` tells it what to say and is told what became of it.
ORDER = (
    "words", "detection", "workflow", "people", "notify", "config", "casefile", "desk", "watch", "cli", "__main__"
)  # fmt: skip
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def wing(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def named(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("alerts."):
            yield (node.module or "").split(".")[1]


def test_every_wing_has_its_place() -> None:
    assert {wing(path) for path in FILES} == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_wing_imports_only_those_before_it(path: Path) -> None:
    before = set(ORDER[: ORDER.index(wing(path)) + 1])
    assert set(named(path)) <= before


def test_notify_knows_neither_cases_nor_what_was_detected() -> None:
    assert {name for path in FILES if wing(path) == "notify" for name in named(path)} == {"notify", "people"}
