"""The laws of ARCHITECTURE.md that a machine can check."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawlers", "stream", "nlp", "alerts")
ADAPTERS = (
    "stream.log.brokers",
    "stream.index.elastic",
    "stream.index.sqlite",
    "nlp.scorers",
    "alerts.notify.channels",
)
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HEAVY_LOADERS = (
    "nlp/scorers/", "nlp/training/", "nlp/engines.py", "stream/engines.py", "alerts/cli/replay.py",
    "alerts/cli/cases/reports.py", "alerts/console/views/dealing/casepapers.py", "alerts/notify/render/chart.py",
)  # fmt: skip
MOST_MODULES = 15  # flat in one folder


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)


@pytest.fixture(params=FILES, ids=place)
def source(request: pytest.FixtureRequest) -> tuple[Path, ast.Module]:
    return request.param, ast.parse(request.param.read_text("utf-8"))


def test_only_engines_and_main_name_adapters(source: tuple[Path, ast.Module]) -> None:
    path, tree = source
    if path.name == "__main__.py" or place(path) in {"stream/engines.py", "nlp/engines.py", "alerts/notify/kinds.py"}:
        return
    own = next((a for a in ADAPTERS if place(path).startswith(a.replace(".", "/") + "/")), None)
    named = [
        (line, name)
        for line, name in imported(tree)
        if any(name.startswith(adapter + ".") for adapter in ADAPTERS if adapter != own)
    ]
    assert not named


def test_packages_are_never_imported_as_a_whole(source: tuple[Path, ast.Module]) -> None:
    _, tree = source
    whole = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] in PACKAGES
    ]
    assert not whole


def test_nothing_is_imported_late_but_heavy_libraries(source: tuple[Path, ast.Module]) -> None:
    path, tree = source
    if place(path).startswith(HEAVY_LOADERS):
        return
    late = [
        inner.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not late


def test_openvino_is_imported_where_its_reporting_is_switched_off(source: tuple[Path, ast.Module]) -> None:
    path, tree = source
    named = [(line, name) for line, name in imported(tree) if name.split(".")[0] == "openvino"]
    assert place(path) == "nlp/inference/runtime.py" or not named


def test_time_is_asked_of_the_clock_alone(source: tuple[Path, ast.Module]) -> None:
    path, tree = source
    if place(path) == "stream/process/clock.py" or path.name == "__main__.py":
        return
    asked = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("datetime", "now"), ("datetime", "utcnow"), ("time", "time")}
    ]
    assert not asked


def test_inits_hold_a_docstring_and_nothing_else(source: tuple[Path, ast.Module]) -> None:
    path, tree = source
    if path.name == "__init__.py":
        assert ast.get_docstring(tree)
        assert len(tree.body) == 1


def test_every_folder_of_a_package_is_a_package() -> None:
    folders = {path.parent for path in FILES} - {
        ROOT / "stream/state/migrations",
        ROOT / "stream/state/migrations/versions",
    }
    assert not [place(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_no_file_is_longer_than_four_hundred_lines(source: tuple[Path, ast.Module]) -> None:
    path, _ = source
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_no_function_is_longer_than_sixty_lines(source: tuple[Path, ast.Module]) -> None:
    _, tree = source
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert not long


def test_nobody_prints_but_main(source: tuple[Path, ast.Module]) -> None:
    path, tree = source
    if path.name == "__main__.py":
        return
    printed = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printed


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "common", "base", "manager", "misc", "core"}
    assert not [place(path) for path in FILES if path.stem in empty or path.parent.name in empty]


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, modules: set[str]) -> set[str]:
    """The modules of ours that a file imports."""
    named = {name for _, name in imported(ast.parse(path.read_text("utf-8")))}
    return {name for name in named if name in modules} - {module(path)}


def everything() -> list[Path]:
    return sorted([*FILES, *(ROOT / "scripts").rglob("*.py")])


def test_nobody_imports_a_main_but_its_test() -> None:
    tests = {f"tests/{package}/test_main.py" for package in PACKAGES}
    wrong = [
        (place(path), name)
        for path in [*everything(), *(ROOT / "tests").rglob("*.py")]
        for _, name in imported(ast.parse(path.read_text("utf-8")))
        if name.endswith(".__main__") and not (place(path) in tests or place(path).startswith("tests/scripts/"))
    ]
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {module(path) for path in everything()}
    graph = {module(path): imports_of(path, modules) for path in everything()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_star_and_the_wings_are_as_pyproject_has_them() -> None:
    program = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(program, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_name_means_one_thing_in_a_package(package: str) -> None:
    homes = defaultdict(set)
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name.lstrip("_")].add(place(path))
    assert not {name: places for name, places in homes.items() if len(places) > 1}


def test_no_folder_holds_more_modules_than_one_takes_in_at_a_glance() -> None:
    folders = {path.parent for path in FILES if path.parent.name != "versions"}  # migrations are read by number
    crowded = {place(folder): len(list(folder.glob("*.py"))) for folder in folders}
    assert not {folder: count for folder, count in crowded.items() if count > MOST_MODULES}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_at_least_as_many_lines_of_tests_as_of_code(package: str) -> None:
    def lines(folder: Path) -> int:
        return sum(len(path.read_text("utf-8").splitlines()) for path in folder.rglob("*.py"))

    assert lines(ROOT / "tests" / package) >= lines(ROOT / package)


def test_docstrings_of_functions_say_what_is_done(source: tuple[Path, ast.Module]) -> None:
    """A verb cannot be told by a machine, but its usual stand-ins can. A property names a thing and may be a noun."""
    stand_ins = ("The", "A", "An", "One", "What", "Whether", "How", "Where", "Every", "Several", "Who", "Which", "When")
    _, tree = source
    wrong = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any("property" in ast.unparse(one) for one in node.decorator_list)
        and (words := (ast.get_docstring(node) or "").split())
        and words[0] in stand_ins
    ]
    assert not wrong
