"""The wings of the stream import one way: process, then values, then log and state, then index, engines, commands."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: A module may import from its own wing and from those before it. `log` and `state` know nothing of each other.
ORDER = (
    ("stream/errors.py", "stream/process/"),
    ("stream/messages.py", "stream/codec.py", "stream/config.py", "stream/topics.py"),
    ("stream/log/",),
    ("stream/state/",),
    ("stream/index/",),
    ("stream/status.py", "stream/retention.py"),
    ("stream/engines.py",),
    ("stream/cli/",),
    ("stream/__main__.py", "stream/__init__.py"),
)
FILES = sorted((ROOT / "stream").rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def wing(of: str) -> int:
    (found,) = [number for number, starts in enumerate(ORDER) if of.startswith(starts)]
    return found


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stream":
            yield f"{node.module}".replace(".", "/") + ".py"


def test_every_module_lies_in_one_wing() -> None:
    assert [wing(place(path)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_module_imports_from_its_own_wing_and_those_before_it(path: Path) -> None:
    own = wing(place(path))
    assert not [name for name in imported(path) if wing(name) > own]


@pytest.mark.parametrize("path", [path for path in FILES if place(path).startswith("stream/state/")], ids=place)
def test_the_state_knows_nothing_of_the_log(path: Path) -> None:
    assert not [name for name in imported(path) if name.startswith("stream/log/")]


def test_no_folder_holds_more_than_fifteen_modules() -> None:
    folders = {path.parent for path in FILES if "migrations" not in path.parts}
    assert not [place(one) for one in folders if len([p for p in one.glob("*.py") if p.stem != "__init__"]) > 15]


def test_a_class_name_has_one_meaning() -> None:
    names = [
        node.name.lstrip("_")
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
