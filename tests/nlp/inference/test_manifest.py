"""What a model folder says of itself, and how a folder that is something else is refused."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nlp.inference.manifest import (
    FILE,
    Canary,
    Manifest,
    UnusableModel,
    WeightType,
    brief,
    check_canaries,
    check_file,
    hashes,
    read_manifest,
    sha256,
)
from nlp.scorer import EMOTIONS, Score, Unscored
from nlp.training.ship.graph import write_manifest
from stream.messages import Label, Polarity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder of two files, which nobody could load."""
    (tmp_path / "weights.bin").write_bytes(b"weights")
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    write_manifest(manifest(files=hashes(tmp_path, ["weights.bin", "tokenizer.json"])), tmp_path)
    return tmp_path


def manifest(**changes: Any) -> Manifest:
    given: dict[str, Any] = {
        "name": "made-up",
        "version": "1.2",
        "labels": EMOTIONS,
        "positions": 16,
        "temperature": 1.5,
        "threshold": 0.5,
        "files": {},
        "canaries": (Canary(text="气死我了", label=Label.NEGATIVE),),
    }
    return Manifest(**given | changes)


def amend(folder: Path, **changes: object) -> None:
    path = folder / FILE
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def without(folder: Path, key: str) -> None:
    path = folder / FILE
    raw = json.loads(path.read_text("utf-8"))
    del raw[key]
    path.write_text(json.dumps(raw), "utf-8")


class Fixed:
    """A scorer that gives every text one answer."""

    name = "fixed@1"

    def __init__(self, answer: Score | Unscored) -> None:
        self.answer = answer

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        return [self.answer] * len(texts)


def scored(label: Label) -> Score:
    return Score(None, Polarity(negative=1.0, neutral=0.0, positive=0.0), 1.0, label, "fixed@1")


def test_what_was_written_is_read_again(folder: Path) -> None:
    found = read_manifest(folder)
    assert found == manifest(files=hashes(folder, ["weights.bin", "tokenizer.json"]))
    assert found.full_name == "made-up@1.2"


def test_a_manifest_from_before_weight_types_is_in_floating_point(folder: Path) -> None:
    without(folder, "weights")
    assert read_manifest(folder).weights is WeightType.FLOAT16


@pytest.mark.parametrize("change", [b"weightz", b"", b"weights\0"], ids=["changed", "emptied", "longer"])
def test_a_changed_file_is_refused_with_both_hashes(folder: Path, change: bytes) -> None:
    expected = sha256(folder / "weights.bin")
    (folder / "weights.bin").write_bytes(change)
    with pytest.raises(
        UnusableModel, match=rf"weights\.bin .*should be {expected}, is {sha256(folder / 'weights.bin')}"
    ):
        read_manifest(folder)


def test_a_file_that_is_left_out_may_be_anything(folder: Path) -> None:
    (folder / "weights.bin").unlink()
    assert read_manifest(folder, without=["weights.bin"]).version == "1.2"
    with pytest.raises(UnusableModel, match="missing"):
        read_manifest(folder)


def test_a_folder_in_the_place_of_a_file_is_no_file(folder: Path) -> None:
    (folder / "weights.bin").unlink()
    (folder / "weights.bin").mkdir()
    with pytest.raises(UnusableModel, match="missing"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / FILE).unlink(), "no model manifest"),
        (lambda folder: (folder / FILE).write_text("{", "utf-8"), "no model manifest"),
        (lambda folder: (folder / FILE).write_bytes(b"\xff"), "no model manifest"),
        (lambda folder: (folder / FILE).write_text("[]", "utf-8"), "no model manifest"),
        (lambda folder: amend(folder, colour="red"), "colour"),
        (lambda folder: amend(folder, temperature="hot"), "temperature"),
        (lambda folder: amend(folder, weights="int4"), "weights"),
        (lambda folder: amend(folder, canaries=[{"text": "好"}]), "canaries"),
        (lambda folder: amend(folder, labels=list(reversed(EMOTIONS))), "labels must be happy, neutral"),
        (lambda folder: without(folder, "threshold"), "threshold"),
        (lambda folder: without(folder, "files"), "files"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(folder: Path, spoil: Callable[[Path], object], told: str) -> None:
    spoil(folder)
    with pytest.raises(UnusableModel, match=told):
        read_manifest(folder)


def test_all_mistakes_of_a_manifest_are_told_at_once(folder: Path) -> None:
    amend(folder, temperature="hot", positions="many")
    with pytest.raises(UnusableModel) as refused:
        read_manifest(folder)
    assert "temperature" in str(refused.value)
    assert "positions" in str(refused.value)


def test_a_canary_answered_as_it_must_lets_the_model_pass() -> None:
    check_canaries(manifest(), Fixed(scored(Label.NEGATIVE)))
    check_canaries(manifest(canaries=()), Fixed(Unscored("failed")))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (scored(Label.POSITIVE), "is positive"),
        (Unscored("failed"), "is failed"),
    ],
)
def test_a_canary_answered_otherwise_is_told_with_both_labels(answer: Score | Unscored, told: str) -> None:
    with pytest.raises(UnusableModel, match=rf"made-up@1\.2 .*'气死我了' should be negative, {told}"):
        check_canaries(manifest(), Fixed(answer))


def test_hashes_are_sha256_in_the_order_of_the_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(name.encode() * 100_000)
    found = hashes(tmp_path, ["b", "a"])
    assert list(found) == ["a", "b"]
    assert found["b"] == hashlib.sha256(b"b" * 100_000).hexdigest()
    check_file(tmp_path / "a", found["a"])


def test_any_other_error_is_told_in_its_own_words() -> None:
    assert brief(ValueError("not this")) == "not this"
