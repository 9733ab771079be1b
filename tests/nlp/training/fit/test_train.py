"""The whole of training on a corpus small enough for a test: it runs, goes on after a kill, and can be shipped."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")
pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.inference.manifest import read_manifest  # noqa: E402
from nlp.inference.wide import WIDE, read_wide, write_wide  # noqa: E402
from nlp.scorer import EMOTIONS, Score  # noqa: E402
from nlp.scorers.openvino import OpenVinoScorer  # noqa: E402
from nlp.scorers.torch import TorchScorer  # noqa: E402
from nlp.training.errors import NoEncoder  # noqa: E402
from nlp.training.fit.encoder import read_start  # noqa: E402
from nlp.training.fit.masking import MaskedBatches  # noqa: E402
from nlp.training.fit.pretrain import pretrain  # noqa: E402
from nlp.training.fit.teacher import write_soft_labels  # noqa: E402
from nlp.training.fit.train import narrowed, train, with_likeliest_emotion, with_sentences_again  # noqa: E402
from nlp.training.measure.classifiers import Candidate  # noqa: E402
from nlp.training.measure.evaluate import evaluate  # noqa: E402
from nlp.training.measure.report import as_markdown, renewed  # noqa: E402
from nlp.training.settings import NarrowStage, Settings  # noqa: E402
from nlp.training.ship.export import export  # noqa: E402
from nlp.training.texts.data import SENTENCES, as_row, training_rows  # noqa: E402
from tests.nlp.training.toy import LEARNT, PLACES, WORDS, labelled, polar, rows, tiny_settings, write_data  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data") / "toy")


@pytest.fixture(scope="module")
def settings() -> Settings:
    torch.set_num_threads(1)
    return tiny_settings()


@pytest.fixture(scope="module")
def pretrained(settings: Settings, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pretrained")
    pretrain(settings, data, out)
    return out


@pytest.fixture(scope="module")
def tuned(settings: Settings, data: Path, pretrained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    teacher, out = tmp_path_factory.mktemp("teacher"), tmp_path_factory.mktemp("tuned")
    write_soft_labels(settings, data, teacher)
    train(settings, data, pretrained, out, teacher)
    return out


def test_a_run_leaves_its_settings_and_the_hashes_of_its_data(pretrained: Path) -> None:
    about = json.loads((pretrained / "run.json").read_text("utf-8"))
    assert about["settings"]["pretraining"]["steps"] == 8
    assert len(about["data"]["corpus/weibo.txt.xz"]) == 64


def test_a_run_leaves_how_many_rows_were_cut(tuned: Path) -> None:
    rows = json.loads((tuned / "run.json").read_text("utf-8"))["rows"]
    assert rows["read"] == len(labelled()) + len(PLACES) + LEARNT
    assert rows["read"] == rows["kept"] + rows["near a dev text"]


def test_a_teacher_of_other_rows_is_refused(settings: Settings, data: Path, pretrained: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.ones((3, 6), np.float32))
    with pytest.raises(ValueError, match="run distill again"):
        train(settings, data, pretrained, tmp_path / "tuned", tmp_path)


def test_pretraining_goes_on_where_it_was_killed(
    settings: Settings, data: Path, pretrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = MaskedBatches.batch

    def killed(self: MaskedBatches, step: int) -> object:
        if step == 6:
            raise KeyboardInterrupt
        return whole(self, step)

    with monkeypatch.context() as patch:
        patch.setattr(MaskedBatches, "batch", killed)
        with pytest.raises(KeyboardInterrupt):
            pretrain(settings, data, tmp_path)
    assert torch.load(tmp_path / "last.pt", weights_only=True)["step"] == 4
    pretrain(settings, data, tmp_path)
    for name in ("last.pt", "adapted.pt"):
        resumed, straight = (torch.load(folder / name, weights_only=True) for folder in (tmp_path, pretrained))
        for part, weights in straight["model"].items():
            torch.testing.assert_close(resumed["model"][part], weights, atol=1e-4, rtol=1e-3)


def test_pretraining_ends_with_the_labelled_texts(settings: Settings, pretrained: Path) -> None:
    steps = torch.load(pretrained / "adapted.pt", weights_only=True)["step"]
    assert steps == settings.adaptation.steps
    last = torch.load(pretrained / "last.pt", weights_only=True)["model"]
    left = read_start(pretrained).weights
    assert set(left) == {name for name in last if name.startswith("bert.")}
    assert not all(torch.equal(left[name], last[name]) for name in left)


def test_a_folder_without_an_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoEncoder, match="run pretrain or fetch first"):
        read_start(tmp_path)


def test_written_sentences_are_shown_as_often_as_asked_with_their_soft_labels(data: Path) -> None:
    known = training_rows(data)
    soft = np.arange(len(known) * 6, dtype=np.float32).reshape(len(known), 6)
    shown, labels = with_sentences_again(known, soft, 3)
    assert Counter(row.text for row in shown) == Counter(
        {row.text: 3 if row.source == SENTENCES else 1 for row in known}
    )
    assert len(shown) == len(labels)
    assert all(soft[known.index(row)].tolist() == found.tolist() for row, found in zip(shown, labels, strict=True))
    assert with_sentences_again(known, soft, 1)[0] == known


def test_the_narrow_stage_takes_every_sentence_and_of_the_emotion_rows_the_share_it_says() -> None:
    written = [record | {"source": SENTENCES} for record in polar()]
    known = rows([*labelled(), *polar(), *written])

    def sources(share: float, **also: int) -> Counter[str]:
        stage = NarrowStage(runs=1, epochs=1, rate=0.1, teacher=0.0, share=share, also=also)
        return Counter(known[index].source for index in narrowed(known, stage, seed=3))

    assert sources(1.0) == {"smp_usual": len(labelled()), SENTENCES: len(written)}
    part = sources(0.25, waimai_10k=5)
    assert (part[SENTENCES], part["waimai_10k"]) == (len(written), 5)
    assert 0.1 < part["smp_usual"] / len(labelled()) < 0.4


def test_a_written_sentence_is_given_the_likeliest_emotion_of_its_polarity() -> None:
    told = {"text": "又停电,真是贴心的惊喜", "polarity": "negative", "emotion": None}
    sentence, other = as_row(told, SENTENCES), as_row(told, "weibo2018")
    assert sentence is not None
    assert other is not None
    soft = np.tile(np.array([0.9, 0, 0.02, 0.05, 0.03, 0], np.float32), (2, 1))
    assert [row.emotion for row in with_likeliest_emotion([sentence, other], soft)] == ["sad", None]
    untaught = with_likeliest_emotion([sentence], np.zeros((1, 6), np.float32))
    assert untaught[0].emotion in ("angry", "sad", "fear"), "without a teacher one of them"


def test_a_stage_that_ended_is_not_run_again(settings: Settings, data: Path, pretrained: Path, tuned: Path) -> None:
    curve = (tuned / "curve.jsonl").read_text("utf-8")
    train(settings, data, pretrained, tuned)
    assert (tuned / "curve.jsonl").read_text("utf-8") == curve


def test_trained_models_teach_what_has_no_emotion_of_its_own(
    settings: Settings, data: Path, pretrained: Path, tuned: Path, tmp_path: Path
) -> None:
    export(settings, data, tuned, tmp_path / "model", version="0.0-test", scorer=OpenVinoScorer)
    write_soft_labels(settings, data, tmp_path / "regression")
    write_soft_labels(settings, data, tmp_path / "models", [OpenVinoScorer(tmp_path / "model")] * 2)
    alone, taught = (np.load(tmp_path / name / "rows.npy") for name in ("regression", "models"))
    known, positive = len(labelled()), len(labelled()) + len(PLACES)
    assert not np.allclose(taught[:known], alone[:known])
    assert not np.allclose(np.load(tmp_path / "models" / "posts.npy"), np.load(tmp_path / "regression" / "posts.npy"))
    happy = EMOTIONS.index("happy")
    np.testing.assert_allclose(
        taught[known:positive, happy], 1.0, atol=1e-3, err_msg="a positive row is happy, whoever judges"
    )
    train(settings, data, pretrained, tmp_path / "student", tmp_path / "models")


def test_a_wide_part_that_does_not_help_does_not_ship(
    settings: Settings, data: Path, tuned: Path, tmp_path: Path
) -> None:
    copytree(tuned, tmp_path / "tuned")
    wide = read_wide(tuned / WIDE)
    write_wide(replace(wide, weights=-wide.weights, bias=-wide.bias), tmp_path / "tuned" / WIDE)
    export(settings, data, tmp_path / "tuned", tmp_path / "model", version="0.0-test", scorer=OpenVinoScorer)
    assert WIDE not in read_manifest(tmp_path / "model").files
    assert not (tmp_path / "model" / WIDE).exists()
    assert all(isinstance(one, Score) for one in OpenVinoScorer(tmp_path / "model").score(list(WORDS.values())))


def test_training_goes_on_from_a_model_that_ships(settings: Settings, data: Path, tuned: Path, tmp_path: Path) -> None:
    export(settings, data, tuned, tmp_path / "model", version="0.0-test", scorer=OpenVinoScorer)
    begun = read_start(tmp_path / "model")
    known = torch.load(tuned / "narrow0.pt", weights_only=True)
    for name, weight in begun.weights.items():
        assert weight.dtype == torch.float32
        assert weight.shape == known[name].shape
    train(settings, data, tmp_path / "model", tmp_path / "more", again=True)
    assert (tmp_path / "more" / "model" / "model.safetensors").exists()
    curve = (tmp_path / "more" / "curve.jsonl").read_text("utf-8").splitlines()
    assert {note.get("stage") for note in map(json.loads, curve)} - {None} == {"again"}, "no other stage is run"


def test_pretraining_goes_on_from_an_encoder_with_its_vocabulary(
    settings: Settings, data: Path, pretrained: Path, tmp_path: Path
) -> None:
    pretrain(settings, data, tmp_path, pretrained)
    assert (tmp_path / "tokenizer.json").read_bytes() == (pretrained / "tokenizer.json").read_bytes()
    assert not (tmp_path / "embeddings.npy").exists(), "nothing of it begins by chance"
    before, after = read_start(pretrained), read_start(tmp_path)
    assert before.config.to_diff_dict() == after.config.to_diff_dict()
    assert any(not torch.equal(before.weights[name], after.weights[name]) for name in before.weights)


def test_what_was_trained_ships_and_is_measured(settings: Settings, data: Path, tuned: Path, tmp_path: Path) -> None:
    export(settings, data, tuned, tmp_path, version="0.0-test", scorer=OpenVinoScorer)
    manifest = read_manifest(tmp_path)
    fast, exact = OpenVinoScorer(tmp_path), TorchScorer(tmp_path, device="cpu")
    for one, other in zip(fast.score(list(WORDS.values())), exact.score(list(WORDS.values())), strict=True):
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert one.negative == pytest.approx(other.negative, abs=0.02)
    report = evaluate(settings, data, [Candidate(fast, manifest.temperature)], cache=tmp_path / "cache")
    assert set(report.figures) == {
        "usual",
        "virus",
        "chnsenticorp",
        "mostly neutral",
        "power company",
        "twelve sectors",
    }
    assert set(report.kinds) == {"question", "thanks", "mockery"}
    usual = report.figures["usual"]
    assert set(usual) >= {manifest.full_name, "n-gram regression", "majority"}
    assert usual["n-gram regression"]["six-class F1"].value > usual["majority"]["six-class F1"].value
    assert report.about["rows"]["kept"] == len(labelled())
    again = evaluate(settings, data, [Candidate(fast, manifest.temperature)], cache=tmp_path / "cache")
    assert again.figures == report.figures
    assert f"| usual | {manifest.full_name} |" in as_markdown(report)
    document = "before\n<!-- figures -->\nold\n<!-- end -->\nafter\n"
    again_document = renewed(document, report)
    assert f"| usual | {manifest.full_name} |" in again_document
    assert "old" not in again_document
    assert renewed(again_document, report) == again_document
