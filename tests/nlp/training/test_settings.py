"""training.yml, strictly read, and what training refuses."""

from pathlib import Path

import pytest

from nlp.training.commands import run_agreement, run_bench, run_pretrain
from nlp.training.errors import NoTexts, PackagesMissing, QualityLost, TrainingError
from nlp.training.settings import load_settings
from stream.errors import ConfigError, WenfengError
from tests.nlp.training.measure.test_agreement import Marked
from tests.nlp.training.toy import tiny_settings

SHIPPED = Path(__file__).parents[3] / "configs" / "training.yml"


def changed(folder: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text("utf-8")
    assert text.count(old) >= 1
    path = folder / "training.yml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_the_shipped_settings_are_those_of_the_shipped_shape() -> None:
    settings = load_settings(SHIPPED)
    shape = settings.shape
    assert (shape.layers, shape.hidden, shape.heads, shape.positions) == (4, 256, 4, 128)
    assert settings.vocabulary.size == 12_000
    assert settings.finetuning.narrow.runs == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("seed: 20261121", "seed: soon", "seed"),
        ("seed: 20261121", "sead: 1", "sead: unknown key"),
        ("layers: 4", "layers: many", "shape.layers"),
        ("layers: 4", "layer: 4", "shape.layer: unknown key"),
        ("compiled: true", "compiled: maybe", "pretraining.compiled"),
        ("runs: 2 ", "runs: x ", "finetuning.narrow.runs"),
        ("runs: 2 ", "runs: 0 ", "finetuning.narrow.runs"),
        ("abstain: 0.1 ", "# ", "abstain"),
    ],
)
def test_a_mistake_is_told_by_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings(changed(tmp_path, old, new))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, "seed: 20261121", "seed: soon")
    path.write_text(path.read_text("utf-8").replace("layers: 4", "layers: many"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(path)
    assert len(refused.value.mistakes) == 2


@pytest.mark.parametrize("kind", [PackagesMissing, NoTexts, QualityLost])
def test_what_training_refuses_is_caught_by_one_name(kind: type[TrainingError]) -> None:
    assert issubclass(kind, TrainingError)
    assert issubclass(kind, WenfengError)


def test_a_package_that_is_missing_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.training.commands.NEEDED", ("psutil", "no-such-package"))
    with pytest.raises(PackagesMissing, match="no-such-package is not installed"):
        run_bench(lambda _threads: lambda texts: texts, tmp_path, [], {})


def test_pretraining_without_its_packages_is_refused_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "nlp.training.fit.pretrain", None)
    with pytest.raises(PackagesMissing, match="is not installed"):
        run_pretrain(tiny_settings(), tmp_path, tmp_path / "out", None)
    assert not (tmp_path / "out").exists()


def test_agreement_over_files_without_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text('{"label": 1}\n', "utf-8")
    with pytest.raises(NoTexts, match="a post a line"):
        run_agreement(Marked(0), Marked(0), [tmp_path / "empty.jsonl"])


def test_agreement_is_over_the_texts_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text('{"text": "坏好"}\n{"text": "好好"}\n', "utf-8")
    found = run_agreement(Marked(0), Marked(1), [tmp_path / "posts.jsonl"])
    assert (found.texts, found.same) == (2, 1)
