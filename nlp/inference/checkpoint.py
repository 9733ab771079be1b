"""A model that is not ours: any transformers checkpoint for sequence classification, with what its files do not say.

Nothing of it is loaded before all of this holds: weights are safetensors with a known SHA-256, no code of its own is
asked for, and the map of its labels fits.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic.dataclasses import dataclass

from nlp.inference.manifest import Canary, Manifest, UnusableModel, brief, check_file, sha256
from nlp.scorer import EMOTIONS
from stream.process.configuration import STRICT

POLAR = ("negative", "neutral", "positive")
_TASK = "ForSequenceClassification"
_RESERVED = 2  # positions that some architectures (RoBERTa) number past the text's

Ours = Literal["negative", "neutral", "positive", "happy", "angry", "sad", "fear", "surprise"]


def _one_kind(labels: dict[str, Ours]) -> dict[str, Ours]:
    ours = set(labels.values())
    if ours == set(EMOTIONS) or ({"negative", "positive"} <= ours <= set(POLAR)):
        return labels
    raise ValueError(
        f"must come to {', '.join(EMOTIONS)} (each at least once), or to negative and positive "
        f"with or without neutral; comes to {', '.join(sorted(ours)) or 'nothing'}"
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Checkpoint:
    """What nlp.yml says of a foreign checkpoint.

    `labels` maps the names of its config.json's id2label to ours: all six emotions, or polarities (then `emotion` stays
    null); several may mean the same. `files` are SHA-256 by name, of every weight file at least. `positions` are tokens
    read at once. `temperature` and `threshold` as in nlp.manifest.Manifest.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,80}$")]
    version: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,40}$")]
    labels: Annotated[dict[str, Ours], AfterValidator(_one_kind)]
    files: dict[str, Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]]
    canaries: Annotated[tuple[Canary, ...], Field(min_length=1)]
    positions: Annotated[int, Field(ge=16, le=512)] = 128
    temperature: Annotated[float, Field(gt=0, le=100)] = 1.0
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5


def manifest_of(folder: Path, given: Checkpoint) -> Manifest:
    """The manifest of a checkpoint that is what nlp.yml says; UnusableModel tells what was expected."""
    about = _about(folder)
    _refuse_code(folder, about)
    _check_weights(folder, given.files)
    return Manifest(
        name=given.name,
        version=given.version,
        labels=_labels(folder, about, given.labels),
        positions=min(given.positions, int(about.get("max_position_embeddings", given.positions)) - _RESERVED),
        temperature=given.temperature,
        threshold=given.threshold,
        files=given.files,
        canaries=given.canaries,
    )


def _about(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        about = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableModel(f"{path} is no configuration of a transformers checkpoint: {brief(error)}") from error
    if not isinstance(about, dict):
        raise UnusableModel(f"{path} is no configuration of a transformers checkpoint: not an object")
    return about


def _refuse_code(folder: Path, about: Mapping[str, Any]) -> None:
    if "auto_map" in about:
        raise UnusableModel(f"{folder} brings code of its own (auto_map), which is never run: expected none")
    made_for = about.get("architectures") or ["nothing"]
    if not any(str(name).endswith(_TASK) for name in made_for):
        raise UnusableModel(f"{folder} is made for {', '.join(map(str, made_for))}: expected one of …{_TASK}")
    if about.get("problem_type") == "multi_label_classification":
        raise UnusableModel(f"{folder} gives several labels at once: expected one label per text")


def _check_weights(folder: Path, files: Mapping[str, str]) -> None:
    """Every weight file has its SHA-256, and there is at least one."""
    weights = sorted(path.name for path in folder.glob("*.safetensors"))
    if not weights:
        others = sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".h5"})
        raise UnusableModel(
            f"{folder} has no safetensors (found {', '.join(others) or 'no weights'}): expected model.safetensors; "
            "pickled weights can run code and are never loaded"
        )
    for name in weights:
        if name not in files:
            told = sha256(folder / name)
            raise UnusableModel(f"nlp.yml gives no SHA-256 of {name}: compare with its origin and add {name}: {told}")
    for name, expected in files.items():
        check_file(folder / name, expected)


def _labels(folder: Path, about: Mapping[str, Any], mapped: Mapping[str, str]) -> tuple[str, ...]:
    """Ours, in the order of the head."""
    named = about.get("id2label") or {}
    known = [str(named[key]) for key in sorted(named, key=int)]
    if set(known) != set(mapped):
        raise UnusableModel(
            f"the label map does not fit {folder / 'config.json'}: its id2label has {', '.join(known) or 'nothing'}, "
            f"nlp.yml maps {', '.join(mapped)}"
        )
    return tuple(mapped[name] for name in known)
