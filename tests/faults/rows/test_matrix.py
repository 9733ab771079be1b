"""docs/faults.md says which test shows which row: every row is there, and every test it names is one."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "docs" / "faults.md"
NAMED = {
    *(f"F{n}" for n in (*range(1, 8), 12, 17, 20, 22, 23, 24, *range(30, 34), 36, 40, *range(43, 50), 51)),
    *(f"F{n}" for n in (*range(53, 57), *range(59, 63), 64, 67, 68, *range(71, 90))),
}
ROWS = [
    [cell.strip() for cell in line.strip("|\n ").split("|")]
    for line in TABLE.read_text("utf-8").splitlines()
    if re.match(r"\| \*{0,2}F\d", line)
]
TESTS = re.compile(r"`([\w/]+\.py)::(\w+)`")


def number(row: list[str]) -> str:
    return row[0].strip("* ★")


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The tests that pytest collects from a file, by name."""
    found = ast.parse(path.read_text("utf-8")).body
    return {one.name: one for one in found if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def test_every_row_is_there_once_and_the_named_ones_are_bold() -> None:
    assert [number(row) for row in ROWS] == [f"F{n}" for n in range(1, 90)]
    assert len(NAMED) == 57
    assert {number(row) for row in ROWS if row[0].startswith("**")} == NAMED


@pytest.mark.parametrize("row", ROWS, ids=number)
def test_a_row_names_tests_there_are_or_a_reason(row: list[str]) -> None:
    told = TESTS.findall(row[3])
    assert told or (row[3].startswith("reason: ") and number(row) not in NAMED)
    for file, name in told:
        assert Path(file).name.startswith("test_")
        assert name in functions(ROOT / file), f"{file} has no {name}"


def test_every_test_that_carries_a_row_is_named_there() -> None:
    shown = {(number(row), name) for row in ROWS for _, name in TESTS.findall(row[3])}
    for path in (ROOT / "tests" / "faults" / "rows").glob("test_*.py"):
        of_the_file = _marks(ast.parse(path.read_text("utf-8")).body)
        for name, test in functions(path).items():
            own = {_row(mark) for mark in test.decorator_list} - {None}
            for row in own or of_the_file:
                assert (row, name) in shown, f"{row} does not name {name}"


def _marks(body: list[ast.stmt]) -> set[str]:
    """The rows of `pytestmark`."""
    told = [one.value for one in body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "pytestmark"]
    marks = [each for one in told for each in (one.elts if isinstance(one, ast.List) else [one])]
    return {row for row in map(_row, marks) if row}


def _row(mark: ast.expr) -> str | None:
    match = re.fullmatch(r"pytest\.mark\.fault\('(F\d+)'\)", ast.unparse(mark))
    return match[1] if match else None
