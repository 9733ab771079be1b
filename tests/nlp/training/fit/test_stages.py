"""One stage of fine-tuning, on rows in which a word tells the emotion."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from transformers import BertForSequenceClassification  # noqa: E402

from nlp.scorer import EMOTIONS  # noqa: E402
from nlp.training.fit import stages as module  # noqa: E402
from nlp.training.fit.encoder import Start, bert_config, new_classifier  # noqa: E402
from nlp.training.fit.runs import Run  # noqa: E402
from nlp.training.fit.stages import (  # noqa: E402
    WARMUP,
    DevSets,
    StageTraining,
    between,
    groups_of,
    logits_of,
    mean_weights,
    rate_at,
    update_average,
)
from nlp.training.settings import Settings, Stage  # noqa: E402
from nlp.training.texts.batches import Examples, examples, tokens_of  # noqa: E402
from tests.nlp.training.toy import labelled, rows, tiny_settings, tokenizer, write_data  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
TOKENIZER = tokenizer()
TINY = tiny_settings()
SETTINGS: Settings = replace(
    TINY, shape=replace(TINY.shape, hidden=32), finetuning=replace(TINY.finetuning, average=0.9)
)
STAGE = Stage(runs=1, epochs=3, rate=0.01, teacher=0.0)


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> DevSets:
    torch.set_num_threads(1)
    return DevSets(write_data(tmp_path_factory.mktemp("stages") / "data"), TOKENIZER, SETTINGS.shape.positions)


def model(seed: int = 1) -> BertForSequenceClassification:
    """A classifier whose tokens are as far apart as pre-training leaves them: from chance it would learn slowly."""
    torch.manual_seed(seed)
    begun = Start(bert_config(SETTINGS.shape, TOKENIZER.get_vocab_size()), {}, Path("tokenizer.json"))
    found = new_classifier(SETTINGS, begun)
    with torch.no_grad():
        found.bert.embeddings.word_embeddings.weight.mul_(20)
    return found


def given(teacher: np.ndarray | None = None) -> Examples:
    """Rows like the dev sets' own: a model this small learns the words, not what is like them."""
    known = rows(labelled("听说{place}第{number}天大家都{word}得不行"))
    none = np.zeros((len(known), len(EMOTIONS)), np.float32)
    return examples(TOKENIZER, known, SETTINGS.shape.positions, none if teacher is None else teacher)


def curve(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "curve.jsonl").read_text("utf-8").splitlines()]


def test_the_loss_falls_and_dev_rises_on_a_task_that_can_be_learnt(dev: DevSets, tmp_path: Path) -> None:
    taught, before = model(), dev.measure(model())
    StageTraining("narrow", replace(STAGE, epochs=12, rate=0.005), SETTINGS, dev, Run(tmp_path)).train(taught, given())
    losses = [point["loss"] for point in curve(tmp_path) if point["weights"] == "last"]
    assert losses[-1] < 0.8 * losses[0]
    after = dev.measure(taught)
    assert set(after) == {"usual", "virus"}
    assert all(after[name] > before[name] + 0.1 for name in after)


def test_the_curve_tells_every_epoch_for_the_weights_and_their_mean(dev: DevSets, tmp_path: Path) -> None:
    StageTraining("broad", replace(STAGE, runs=2, epochs=2), SETTINGS, dev, Run(tmp_path)).train(model(), given())
    points = curve(tmp_path)
    assert [(point["run"], point["epoch"], point["weights"]) for point in points] == [
        (run, epoch, which) for run in range(2) for epoch in (1, 2) for which in ("last", "mean")
    ]
    assert all({"stage", "loss", "seconds", "usual", "virus"} <= set(point) for point in points)


def test_a_stage_killed_between_its_runs_gives_what_an_undisturbed_one_gives(
    dev: DevSets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = replace(STAGE, runs=2, epochs=1)
    straight = model()
    StageTraining("broad", stage, SETTINGS, dev, Run(tmp_path / "straight")).train(straight, given())

    real, calls = module.shuffled, []

    def killed(*words: object) -> object:
        calls.append(words)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*words)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(module, "shuffled", killed)
        with pytest.raises(KeyboardInterrupt):
            StageTraining("broad", stage, SETTINGS, dev, Run(tmp_path / "killed")).train(model(), given())
    assert (tmp_path / "killed" / "broad0.pt").exists()
    assert not (tmp_path / "killed" / "broad1.pt").exists()
    resumed = model()
    StageTraining("broad", stage, SETTINGS, dev, Run(tmp_path / "killed")).train(resumed, given())
    for name, weight in straight.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], weight)


def test_the_model_that_is_handed_in_is_the_start_of_every_run(dev: DevSets, tmp_path: Path) -> None:
    """Two runs of no learning rate end where they began, and so does their mean."""
    start = model()
    before = {name: weight.clone() for name, weight in start.state_dict().items()}
    StageTraining("broad", replace(STAGE, rate=0.0, runs=2), SETTINGS, dev, Run(tmp_path)).train(start, given())
    assert all(torch.equal(weight, before[name]) for name, weight in start.state_dict().items())


def test_of_what_a_model_began_with_so_much_is_kept_as_is_asked() -> None:
    one, other = ({"weight": torch.full((2, 2), value), "steps": torch.tensor(int(value))} for value in (2.0, 6.0))
    torch.testing.assert_close(between(one, other, 0.25)["weight"], torch.full((2, 2), 5.0))
    assert torch.equal(between(one, other, 0.0)["weight"], other["weight"])
    assert between(one, other, 0.25)["steps"].dtype == torch.int64


def test_a_teacher_alone_teaches(dev: DevSets, tmp_path: Path) -> None:
    """The labels leave everything open; only the teacher knows."""
    known = given(np.eye(6, dtype=np.float32)[[place for place in range(6) for _ in range(16)]])
    blind = replace(known, allowed=np.ones_like(known.allowed))
    taught = model()
    stage = replace(STAGE, epochs=12, rate=0.005, teacher=1.0)
    StageTraining("broad", stage, SETTINGS, dev, Run(tmp_path)).train(taught, blind)
    losses = [point["loss"] for point in curve(tmp_path) if point["weights"] == "last"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_rate_rises_over_the_warmup_and_falls_to_nothing() -> None:
    rates = [rate_at(step, 100, 1.0) for step in range(100)]
    top = int(np.argmax(rates))
    assert top <= WARMUP * 100
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == pytest.approx(1.0, abs=0.02)
    assert rates[-1] == pytest.approx(1 / 94)


def test_even_one_step_has_a_rate() -> None:
    assert 0 < rate_at(0, 1, 0.5) <= 0.6


def test_weights_are_averaged_each_in_its_own_type() -> None:
    found = mean_weights(
        [{"a": torch.tensor([1.0, 2.0]), "n": torch.tensor(3)}, {"a": torch.tensor([3.0, 4.0]), "n": torch.tensor(5)}]
    )
    assert found["a"].tolist() == [2.0, 3.0]
    assert found["n"].dtype == torch.int64
    assert found["n"].item() == 4


def test_one_model_is_its_own_mean() -> None:
    state = model().state_dict()
    assert all(torch.equal(weight, state[name]) for name, weight in mean_weights([state]).items())


def test_the_running_mean_keeps_its_share_and_follows() -> None:
    average, fast = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(average.weight, 0.0)
    torch.nn.init.constant_(fast.weight, 1.0)
    update_average(average, fast, 0.9)
    assert average.weight.item() == pytest.approx(0.1)
    update_average(average, fast, 0.9)
    assert average.weight.item() == pytest.approx(0.19)
    for _ in range(200):
        update_average(average, fast, 0.9)
    assert average.weight.item() == pytest.approx(1.0)
    assert fast.weight.item() == 1.0


def test_logits_come_in_the_order_of_the_texts_whatever_the_batch_size() -> None:
    texts = [row.text for row in rows(labelled())][:20]
    tokens = tokens_of(TOKENIZER, [text * (1 + place % 3) for place, text in enumerate(texts)], 32)
    whole = model()
    together, apart = logits_of(whole, tokens, at_once=7), logits_of(whole, tokens, at_once=1)
    assert together == pytest.approx(apart, abs=1e-5)
    assert logits_of(whole, []).shape == (0, 6)


def test_the_head_learns_quicker_than_the_layers_and_a_layer_slower_than_the_one_above_it() -> None:
    deep = replace(SETTINGS.shape, layers=3)
    begun = Start(bert_config(deep, TOKENIZER.get_vocab_size()), {}, Path("tokenizer.json"))
    found = new_classifier(SETTINGS, begun)
    groups = groups_of(found, replace(SETTINGS.finetuning, head=5.0, per_layer=0.5))
    names = {id(weight): name for name, weight in found.named_parameters()}
    share = {names[id(weight)]: group["share"] for group in groups for weight in group["params"]}
    assert set(share) == set(names.values())
    assert share["classifier.weight"] == share["bert.pooler.dense.weight"] == 5.0
    assert [share[f"bert.encoder.layer.{number}.output.dense.weight"] for number in range(3)] == [0.25, 0.5, 1.0]
    assert share["bert.embeddings.word_embeddings.weight"] == 0.125
