"""Which module of nlp may import which: read from the sources, nothing is imported here."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRAINING = ROOT / "nlp" / "training"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "nlp").rglob("*.py"))
    if path.name != "__init__.py"
}
MOST_IN_A_FOLDER = 15


def imported(path: Path) -> Iterator[str]:
    """The modules of nlp that a module imports, late ones too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.module


ARROWS = {name: frozenset(imported(path)) for name, path in MODULES.items()}


def order() -> list[str]:
    """The folders of training from left to right, as its docstring draws them."""
    docstring = ast.get_docstring(ast.parse((TRAINING / "__init__.py").read_text("utf-8"))) or ""
    [drawn] = re.findall(r"\w+(?: ← \w+)+", docstring)
    return str(drawn).split(" ← ")


def test_the_order_that_is_drawn_names_every_folder_of_training() -> None:
    assert sorted(order()) == sorted(path.parent.name for path in TRAINING.glob("*/__init__.py"))


@pytest.mark.parametrize("folder", order())
def test_a_folder_of_training_imports_only_what_stands_to_its_left(folder: str) -> None:
    allowed = set(order()[: order().index(folder) + 1])
    wrong = [
        f"{name} imports {other}"
        for name, others in ARROWS.items()
        if name.startswith(f"nlp.training.{folder}.")
        for other in others
        if (part := re.match(r"nlp\.training\.(\w+)\.", other)) and part[1] not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("module", ["errors", "settings", "metrics"])
def test_what_all_folders_use_imports_none_of_them(module: str) -> None:
    assert not [other for other in ARROWS[f"nlp.training.{module}"] if other.startswith("nlp.training.")]


def test_commands_are_imported_by_the_command_line_alone() -> None:
    users = [name for name, others in ARROWS.items() if "nlp.training.commands" in others]
    assert all(name.startswith("nlp.cli.") for name in users)


def test_no_imports_go_round_in_a_circle() -> None:
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " → ".join((*above[above.index(name) :], name))
        if name not in done:
            for other in sorted(ARROWS[name]):
                walk(other, (*above, name))
            done.add(name)

    for name in MODULES:
        walk(name, ())


@pytest.mark.parametrize("part", ["nlp.inference.", "nlp.scorer", "nlp.text", "nlp.topics", "nlp.stage"])
def test_what_scores_imports_nothing_of_training_and_no_command(part: str) -> None:
    wrong = [
        (name, other)
        for name, others in ARROWS.items()
        if name.startswith(part)
        for other in others
        if other.startswith(("nlp.training", "nlp.cli", "nlp.engines"))
    ]
    assert not wrong


def test_only_engines_name_the_scorers() -> None:
    users = {name for name, others in ARROWS.items() for other in others if other.startswith("nlp.scorers.")}
    assert users == {"nlp.engines"}


def test_nobody_imports_the_main_module() -> None:
    assert not [name for name, others in ARROWS.items() if "nlp.__main__" in others]


def test_no_folder_has_more_modules_than_a_glance_takes_in() -> None:
    counts: defaultdict[Path, int] = defaultdict(int)
    for path in MODULES.values():
        counts[path.parent] += 1
    assert not {str(folder): count for folder, count in counts.items() if count > MOST_IN_A_FOLDER}


def test_a_class_name_has_one_meaning() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name.lstrip("_")].append(name)
    assert not {name: where for name, where in homes.items() if len(where) > 1}


def test_a_type_alias_takes_no_class_s_name() -> None:
    classes = {
        node.name
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    aliases = {
        (name, target.id)
        for name, path in MODULES.items()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in classes
    }
    assert not aliases


def test_every_function_with_a_docstring_begins_it_with_a_capital_and_no_article() -> None:
    """A verb cannot be told by a machine, but its usual stand-ins can."""
    nouns = ("The ", "A ", "An ", "One ", "What ", "Whether ", "How ", "Where ", "Every ", "Several ")
    wrong = [
        (name, node.name)
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (docstring := ast.get_docstring(node))
        and (docstring.startswith(nouns) or not docstring[0].isupper())
    ]
    assert not wrong
