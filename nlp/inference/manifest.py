"""What a shipped model says of itself, checked before anything of it is loaded and once more when it answers."""

import hashlib
import json
from collections.abc import Collection, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from nlp.scorer import EMOTIONS, Score, Scorer
from stream.errors import WenfengError
from stream.messages import Label
from stream.process.configuration import STRICT

FILE = "manifest.json"
GRAPH = "openvino.xml"  # what the CPU runtime loads; its weights lie beside it


class UnusableModel(WenfengError):
    """Raised when a model folder is not what its manifest says, or the model does not answer as it must."""


class WeightType(StrEnum):
    """What the weights of the CPU runtime's graph are kept in."""

    FLOAT16 = "float16"
    INT8 = "int8"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Canary:
    """A sentence whose label is known."""

    text: str
    label: Label


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Larger:
    """The larger model inside a model's `folder`, and how both make one answer.

    Where the fast one holds an emotion for at least as likely as `sure`, its word stands. Else the logarithms of their
    emotions' probabilities are added, the larger one's weighed by `share` and the fast one's by
    the rest, and divided by `temperature`; below `threshold` the most probable polarity is no answer.
    """

    folder: str
    sure: float
    share: float
    temperature: float
    threshold: float


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Manifest:
    """A model's identity, its files' SHA-256, and what turns its logits into answers.

    `positions` are tokens per pass. Logits are divided by `temperature`; below `threshold` the most probable polarity
    is no answer. `larger` is the model that reads what matters beside this one.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    positions: int
    temperature: float
    threshold: float
    files: dict[str, str]
    canaries: tuple[Canary, ...]
    weights: WeightType = WeightType.FLOAT16
    larger: Larger | None = None

    @property
    def full_name(self) -> str:
        return f"{self.name}@{self.version}"


def read_manifest(folder: Path, *, without: Collection[str] = ()) -> Manifest:
    """Read the manifest of a model folder whose files are all what it says; UnusableModel tells what is not.

    The files `without` are not looked at.
    """
    manifest = _read(folder)
    if manifest.labels != EMOTIONS:
        raise UnusableModel(f"{folder / FILE}: labels must be {', '.join(EMOTIONS)}, not {', '.join(manifest.labels)}")
    for name, expected in manifest.files.items():
        if name not in without:
            check_file(folder / name, expected)
    return manifest


def larger_of(folder: Path) -> Larger | None:
    """Read what a model folder's manifest says of a larger model inside it; None where it holds none."""
    return _read(folder).larger


def check_canaries(manifest: Manifest, scorer: Scorer) -> None:
    """Raise UnusableModel where the loaded model labels a known sentence otherwise."""
    answers = scorer.score([canary.text for canary in manifest.canaries])
    wrong = [
        f"{canary.text!r} should be {canary.label}, is {answer.label if isinstance(answer, Score) else answer.reason}"
        for canary, answer in zip(manifest.canaries, answers, strict=True)
        if not isinstance(answer, Score) or answer.label != canary.label
    ]
    if wrong:
        raise UnusableModel(f"{manifest.full_name} does not answer as it must: {'; '.join(wrong)}")


def _read(folder: Path) -> Manifest:
    try:
        return TypeAdapter(Manifest).validate_python(json.loads((folder / FILE).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise UnusableModel(f"{folder / FILE} is no model manifest: {brief(error)}") from error


def sha256(path: Path) -> str:
    """Hash a file; 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Hash files in a folder; SHA-256 by name."""
    return {name: sha256(folder / name) for name in sorted(names)}


def check_file(path: Path, expected: str) -> None:
    """Raise UnusableModel unless the file is there and has this SHA-256."""
    if not path.is_file():
        raise UnusableModel(f"{path} is missing, though the manifest names it")
    if (found := sha256(path)) != expected:
        raise UnusableModel(f"{path} is not the file of the manifest: SHA-256 should be {expected}, is {found}")


def brief(error: Exception) -> str:
    """Say what was wrong, in a line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return str(error)
