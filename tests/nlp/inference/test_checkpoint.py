"""Checkpoints that are not ours: a tiny BERT of random weights stands for all of them."""

import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from nlp.config import NlpConfig
from nlp.inference.checkpoint import Checkpoint
from nlp.inference.manifest import Canary, UnusableModel, sha256
from nlp.inference.reloading import ReloadingScorer
from nlp.scorer import EMOTIONS, Score, Scorer, Unscored
from nlp.scorers.torch import TorchScorer
from stream.errors import ConfigError
from stream.messages import Label
from stream.process.configuration import Configuration

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
    pytest.mark.skipif(
        not os.environ.get("CI") and (find_spec("torch") is None or find_spec("transformers") is None),
        reason="torch and transformers are not installed: make test brings them",
    ),
]

STARS = {"1 star": "negative", "2 stars": "negative", "3 stars": "neutral", "4 stars": "positive"}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"停电了没人管谢师傅好坏气死我今天食堂的菜很一"]


def make(folder: Path, names: list[str]) -> Path:
    """Leaves a checkpoint as transformers saves one."""
    from torch import manual_seed
    from transformers import BertConfig, BertForSequenceClassification

    manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=34, id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)},
        initializer_range=1.0,
    )  # fmt: skip
    model: Any = BertForSequenceClassification(config)
    model.save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $0 [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "stars", list(STARS))


def told(folder: Path, **changes: Any) -> Checkpoint:
    files = {"model.safetensors": sha256(folder / "model.safetensors")}
    given: dict[str, Any] = {"name": "stars", "version": "1", "labels": STARS, "files": files, "threshold": 0.0}
    return Checkpoint(**{"canaries": (Canary(text="停电了没人管", label=label_of(folder)),), **given, **changes})


def label_of(folder: Path) -> Label:
    """What the random weights happen to say."""
    import torch
    from transformers import BertForSequenceClassification

    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode("停电了没人管").ids
    model: Any = BertForSequenceClassification.from_pretrained(folder)
    chances = model.eval()(input_ids=torch.tensor([ids])).logits.softmax(1)[0].tolist()
    sums = dict.fromkeys(("negative", "neutral", "positive"), 0.0)
    for name, chance in zip(STARS.values(), chances, strict=False):
        sums[name] += chance
    return Label(max(sums, key=lambda name: sums[name]))


def opened(folder: Path, checkpoint: Checkpoint) -> Scorer:
    return TorchScorer(folder, checkpoint=checkpoint, device="cpu")


def test_a_checkpoint_of_polarities_scores_and_leaves_emotion_null(folder: Path) -> None:
    scorer = opened(folder, told(folder))
    short, empty, long = scorer.score(["停电了没人管", "", "今天食堂的菜很好。" * 40])
    assert isinstance(short, Score)
    assert isinstance(long, Score)
    assert empty == Unscored("empty")
    assert short.emotion is long.emotion is None
    assert sum((short.polarity.negative, short.polarity.neutral, short.polarity.positive)) == pytest.approx(1)
    assert (short.model, scorer.name) == ("stars@1", "stars@1")
    assert (long.passage or "-") in "今天食堂的菜很好。" * 40


def test_a_checkpoint_of_six_emotions_in_its_own_order_has_emotions(tmp_path: Path) -> None:
    theirs = {f"EMO_{name}": name for name in reversed(EMOTIONS)}
    folder = make(tmp_path / "emotions", list(theirs))
    canary = (Canary(text="停电了", label=Label.UNCERTAIN),)
    scorer = opened(folder, told(folder, labels=theirs, canaries=canary, threshold=1.0))
    (score,) = scorer.score(["谢谢师傅"])
    assert isinstance(score, Score)
    assert score.emotion is not None
    assert sum(getattr(score.emotion, name) for name in EMOTIONS) == pytest.approx(1)


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def changed(folder: Path) -> None:
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"x")


def amended(**changes: Any) -> Callable[[Path], None]:
    def amend(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")

    return amend


def second(folder: Path) -> None:
    (folder / "other.safetensors").write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (pickled, r"no safetensors \(found pytorch_model.bin\): expected model.safetensors"),
        (changed, "SHA-256 should be"),
        (second, "gives no SHA-256 of other.safetensors"),
        (amended(id2label={"0": "GOOD", "1": "BAD"}), "id2label has GOOD, BAD, nlp.yml maps 1 star, 2 stars"),
        (amended(auto_map={"AutoModel": "evil.Model"}), "code of its own"),
        (amended(architectures=["BertForMaskedLM"]), "expected one of …ForSequenceClassification"),
        (amended(problem_type="multi_label_classification"), "expected one label per text"),
        (amended(num_hidden_layers=2), "not trained for this: expected bert.encoder.layer.1"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "no tokenizer"),
        (lambda folder: (folder / "config.json").write_text("[]"), "no configuration"),
        (lambda folder: (folder / "config.json").unlink(), "no configuration"),
    ],
)
def test_a_checkpoint_that_is_not_what_it_should_be_is_refused_with_what_was_expected(
    folder: Path, spoil: Callable[[Path], object], expected: str
) -> None:
    checkpoint = told(folder)
    spoil(folder)
    with pytest.raises(UnusableModel, match=expected):
        opened(folder, checkpoint)


def test_a_failed_canary_is_refused(folder: Path) -> None:
    other = next(label for label in Label if label not in (label_of(folder), Label.UNCERTAIN))
    with pytest.raises(UnusableModel, match=f"should be {other}"):
        opened(folder, told(folder, canaries=(Canary(text="停电了没人管", label=other),)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("labels: {a: happy, b: sad}", "must come to happy, neutral, angry"),
        ("labels: {a: negative, b: neutral}", "or to negative and positive"),
        ("labels: {a: bad}", "labels.a"),
        ("canaries: []", "canaries"),
        ("files: {model.safetensors: abc}", "files"),
    ],
)
def test_a_map_that_means_nothing_is_a_mistake_in_the_configuration(tmp_path: Path, line: str, expected: str) -> None:
    given = {
        "labels": "labels: {a: negative, b: positive}",
        "canaries": "canaries: [{text: 好, label: positive}]",
        "files": "files: {}",
    } | {line.partition(":")[0]: line}
    rest = ", ".join(given.values())
    (tmp_path / "nlp.yml").write_text(f"scorer: torch\ncheckpoint: {{name: x, version: '1', {rest}}}", "utf-8")
    with pytest.raises(ConfigError, match=expected):
        Configuration(tmp_path, {}).add("nlp.yml", NlpConfig)()


def test_a_foreign_checkpoint_needs_torch(folder: Path) -> None:
    with pytest.raises(ValueError, match="scorer: torch"):
        NlpConfig(model=folder, checkpoint=told(folder))


def test_the_running_model_keeps_serving_where_the_next_one_is_refused(folder: Path) -> None:
    checkpoints = [told(folder), told(folder, files={"model.safetensors": "0" * 64}), told(folder, version="2")]
    scorer = ReloadingScorer(lambda: opened(folder, checkpoints.pop(0)))
    before = scorer.score(["停电了"])
    scorer.ask()
    with capture_logs() as lines:
        assert scorer.score(["停电了"]) == before
    assert [(line["event"], line["still"]) for line in lines] == [("model_refused", "stars@1")]
    scorer.ask()
    assert [answer.model for answer in scorer.score(["停电了"]) if isinstance(answer, Score)] == ["stars@2"]
    assert scorer.name == "stars@2"
