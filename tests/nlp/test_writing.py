"""How the modules of nlp are written: read from their sources, nothing is imported here."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "nlp").rglob("*.py"))
    if path.name != "__init__.py"
}


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
