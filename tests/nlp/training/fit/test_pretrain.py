"""Pre-training on a line of tokens that can be learnt; the whole command runs in test_train."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")
pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.training.fit import pretrain as module  # noqa: E402
from nlp.training.fit.pretrain import adapting, pretrain, rate_at  # noqa: E402
from nlp.training.texts.vocabulary import load  # noqa: E402
from tests.nlp.training.toy import tiny_settings, write_data  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
SETTINGS = tiny_settings()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return write_data(tmp_path_factory.mktemp("pretrain") / "data")


def test_the_rate_rises_stays_and_falls() -> None:
    plan = replace(SETTINGS.pretraining, steps=100, warmup=10, decay=20, rate=1.0)
    assert rate_at(0, plan) == pytest.approx(0.1)
    assert rate_at(50, plan) == 1.0
    assert rate_at(90, plan) == pytest.approx(0.5)
    assert rate_at(100, plan) == 0.0


def test_without_a_decay_the_rate_stays_to_the_end() -> None:
    plan = replace(SETTINGS.pretraining, steps=100, warmup=10, decay=0, rate=1.0)
    assert rate_at(99, plan) == 1.0


def test_the_adaptation_rises_and_then_only_falls() -> None:
    plan = adapting(
        replace(SETTINGS, adaptation=replace(SETTINGS.adaptation, steps=50, warmup=5, rate=0.01))
    ).pretraining
    rates = [rate_at(step, plan) for step in range(50)]
    assert max(rates) == pytest.approx(0.01)
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert plan.rows == SETTINGS.pretraining.rows, "all else is as in pre-training"


def test_the_loss_of_the_masked_tokens_falls(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REPORT", 20)
    plan = replace(SETTINGS.pretraining, steps=120, warmup=10, decay=40, rate=0.003, rows=8, checkpoint=1000)
    pretrain(replace(SETTINGS, pretraining=plan, adaptation=replace(SETTINGS.adaptation, steps=0)), data, tmp_path)
    points = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text("utf-8").splitlines()]
    assert [point["step"] for point in points] == list(range(20, 121, 20))
    assert points[-1]["loss"] < 0.8 * points[0]["loss"]
    assert all(point["checkpoint"] == "last" and point["tokens_per_second"] > 0 for point in points)


def test_no_steps_of_adaptation_leave_no_checkpoint_of_it(data: Path, tmp_path: Path) -> None:
    pretrain(replace(SETTINGS, adaptation=replace(SETTINGS.adaptation, steps=0)), data, tmp_path)
    assert (tmp_path / "last.pt").exists()
    assert not (tmp_path / "adapted.pt").exists()


def test_the_corpus_is_posts_in_their_order_each_between_its_marks(data: Path, tmp_path: Path) -> None:
    pretrain(SETTINGS, data, tmp_path)
    tokenizer = load(tmp_path / "tokenizer.json")
    tokens = np.load(tmp_path / "corpus.npy")
    assert tokens.dtype == np.uint16
    first = tokens[: int(np.flatnonzero(tokens == 3)[0]) + 1].tolist()
    assert tokenizer.encode("食堂开心了0次,食堂又开心,说到这里大家都笑了").ids == first
    assert (tokens == 2).sum() == (tokens == 3).sum() > 300


def test_what_was_prepared_is_not_prepared_again(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretrain(SETTINGS, data, tmp_path)
    kept = {name: (tmp_path / name).stat().st_mtime_ns for name in ("tokenizer.json", "corpus.npy", "embeddings.npy")}

    def never(*_words: object) -> object:
        raise AssertionError("prepared again")

    monkeypatch.setattr(module, "learn", never)
    monkeypatch.setattr(module, "from_cooccurrence", never)
    pretrain(SETTINGS, data, tmp_path)
    assert kept == {name: (tmp_path / name).stat().st_mtime_ns for name in kept}


def test_a_loss_that_is_no_number_ends_the_run(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REPORT", 2)
    pretrain(SETTINGS, data, tmp_path / "first")
    state = torch.load(tmp_path / "first" / "last.pt", weights_only=True)
    state["model"]["bert.embeddings.word_embeddings.weight"].fill_(float("nan"))
    torch.save(state | {"step": 4}, tmp_path / "first" / "last.pt")
    with pytest.raises(FloatingPointError, match="at step 5"):
        pretrain(SETTINGS, data, tmp_path / "first")
