"""The scorer's contract, over every adapter, on the model that ships."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from nlp.inference.cascade import CascadeScorer
from nlp.inference.manifest import FILE, UnusableModel, larger_of, read_manifest, sha256
from nlp.scorer import Score, Scorer, Unscored
from nlp.scorers.openvino import OpenVinoScorer
from nlp.scorers.torch import TorchScorer
from nlp.training.measure.agreement import agreement
from nlp.training.measure.speed import sample
from stream.messages import Label

MODEL = Path(__file__).parents[2] / "nlp" / "model"
ENOUGH = 1_500  # texts that adapters are compared over: a single one on the edge of a label must not decide

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def torch_or_skip() -> None:
    if not os.environ.get("CI") and (find_spec("torch") is None or find_spec("transformers") is None):
        pytest.skip("torch and transformers are not installed: make test brings them")


def open_torch(folder: Path) -> Scorer:
    torch_or_skip()
    return TorchScorer(folder, device="cpu")


def open_both(folder: Path) -> Scorer:
    """Open both models, which read everything together where nobody says what matters."""
    how = larger_of(folder)
    assert how is not None
    return CascadeScorer(OpenVinoScorer(folder), OpenVinoScorer(folder / how.folder), how)


OPENERS: dict[str, Callable[[Path], Scorer]] = {"openvino": OpenVinoScorer, "torch": open_torch, "both": open_both}


@pytest.fixture(scope="module", params=OPENERS)
def opener(request: pytest.FixtureRequest) -> Callable[[Path], Scorer]:
    return OPENERS[request.param]


@pytest.fixture(scope="module")
def scorer(opener: Callable[[Path], Scorer]) -> Scorer:
    return opener(MODEL)


def sentences() -> list[str]:
    """Several hundred sentences of a kind that a company's forum has, in every combination of their parts."""
    subjects = ("食堂的菜", "班车", "新来的领导", "小区停电", "电费账单", "招聘流程", "客服", "检修师傅")
    verdicts = (
        "真不错,点赞", "太差了,气死我了", "让人很难过", "吓得我不敢出门", "怎么突然变了?!", "定于下周一公布", "还行吧",
        "没有以前好了", "不是一般的好", "谁管一管啊", "感谢大家的努力[心]", "呵呵,果然如此",
    )  # fmt: skip
    endings = ("", "。", "!!!", "[泪]", " //@某人:转给大家看看")
    return ["".join(parts) for parts in product(subjects, verdicts, endings)]


def scores(answers: list[Score | Unscored]) -> list[Score]:
    assert all(isinstance(answer, Score) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Score)]


def test_one_answer_per_text_in_the_order_given(scorer: Scorer) -> None:
    texts = ["好开心", "", "气死我了" * 200, "转发微博//@某人:好", "难过"]
    kinds = [type(answer) for answer in scorer.score(texts)]
    assert kinds == [Score, Unscored, Score, Score, Score]  # a repost says what it passes on


def test_no_texts_no_answers(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_probabilities_are_probabilities_and_polarity_leaves_surprise_out(scorer: Scorer) -> None:
    for answer in scores(scorer.score(sentences()[:40])):
        emotion, polarity = answer.emotion, answer.polarity
        assert emotion is not None
        known = (emotion.happy, emotion.neutral, emotion.angry, emotion.sad, emotion.fear)
        assert sum(known) + emotion.surprise == pytest.approx(1)
        assert polarity.negative + polarity.neutral + polarity.positive == pytest.approx(1)
        assert polarity.positive == pytest.approx(emotion.happy / sum(known), abs=1e-6)
        assert answer.negative == pytest.approx(polarity.negative)
        assert answer.model == scorer.name


def test_the_label_is_the_likeliest_polarity_or_uncertain(scorer: Scorer) -> None:
    how = larger_of(MODEL) if "+" in scorer.name else None
    threshold = (how or read_manifest(MODEL)).threshold
    for answer in scores(scorer.score(sentences())):
        likely = {
            answer.polarity.negative: Label.NEGATIVE,
            answer.polarity.neutral: Label.NEUTRAL,
            answer.polarity.positive: Label.POSITIVE,
        }
        best = max(likely)
        assert answer.label == (likely[best] if best >= threshold else Label.UNCERTAIN)


def test_a_bare_repost_is_scored_by_the_first_words_it_passes_on(scorer: Scorer) -> None:
    own, bare, deep, plain = scores(scorer.score(["// 停电", "//@a:停电", "转发微博//@b://@a:停电//@c:来电了", "停电"]))
    assert bare == deep == replace(own, passed_on=True)
    assert (own.passed_on, plain.passed_on) == (False, False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\ud800", "empty"),
        ("\x00", "empty"),
        ("...", "empty"),
        ("转发微博", "repost"),
        ("转发微博//@a:[quote]停电[/quote]", "repost"),
        ("//@a:...", "repost"),
    ],
)
def test_what_has_no_words_is_unscored_and_says_why(scorer: Scorer, text: str, reason: str) -> None:
    assert scorer.score([text]) == [Unscored(reason)]


@pytest.mark.parametrize(
    "text",
    [
        "停电" * 50_000,
        "😭" * 1000,
        "\U0001f47d",
        "𠀀𠀁𠀂",
        "[CLS][SEP][MASK][PAD][UNK]",
        "a" * 100_000,
        "\ud83d停电",
        "停\u202e电",
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_hostile_text_is_answered_and_costs_its_neighbours_nothing(scorer: Scorer, text: str) -> None:
    neighbours = ["今天食堂的菜真好吃", "又停电了,没人管"]
    alone = scores(scorer.score(neighbours))
    first, _, last = scorer.score([neighbours[0], text, neighbours[1]])
    assert [first, last] == alone


def test_text_that_spells_a_special_token_stays_text(opener: Callable[[Path], Scorer]) -> None:
    plain, spelt = scores(opener(MODEL).score(["很好", "很好[SEP]"]))
    assert plain.emotion != spelt.emotion


def test_batch_size_changes_no_label(opener: Callable[[Path], Scorer]) -> None:
    texts = sentences()[:120]
    together, single = scores(opener(MODEL).score(texts)), opener(MODEL)
    apart = scores([single.score([text])[0] for text in texts])
    for one, other in zip(together, apart, strict=True):
        assert one.negative == pytest.approx(other.negative, abs=0.02)
    agreed = sum(one.label == other.label for one, other in zip(together, apart, strict=True))
    assert agreed >= 0.99 * len(texts)


def test_an_angry_passage_in_a_long_report_is_not_buried(scorer: Scorer) -> None:
    report = "公司将于下周一召开第三季度工作会议。" * 30
    calm, mixed = scores(scorer.score([report, report + "太过分了,气死我了,无耻!" * 12]))
    assert mixed.negative > calm.negative + 0.2
    assert "气死我了" in (mixed.passage or "")
    assert scores(scorer.score(["气死我了"]))[0].passage is None


def test_both_adapters_agree() -> None:
    openings = ("", "听说", "说实话,", "#公司那些事#")
    texts = ["".join(parts) for parts in product(openings, sentences())]
    assert len(texts) >= ENOUGH
    found = agreement(OpenVinoScorer(MODEL), open_torch(MODEL), texts)
    assert found.texts == len(texts)
    assert found.same >= 0.995 * found.texts, str(found)
    assert found.farthest < 0.05


@pytest.mark.skipif("WENFENG_SHARED" not in os.environ, reason="WENFENG_SHARED names no folder of shared data")
def test_both_adapters_agree_on_the_dev_sets() -> None:
    folder = Path(os.environ["WENFENG_SHARED"]) / "data" / "sentiment"
    texts = sample(sorted(folder.glob("dev_*.jsonl")), ENOUGH)
    found = agreement(OpenVinoScorer(MODEL), open_torch(MODEL), texts)
    assert found.texts > 0.75 * ENOUGH  # a tenth of real posts have no words of their own
    assert found.same >= 0.995 * found.texts, str(found)
    assert found.farthest < 0.05, str(found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODEL, tmp_path / "model"))


def amend(folder: Path, **changes: object) -> None:
    path = folder / FILE
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_changed_file_is_refused_before_it_is_loaded(opener: Callable[[Path], Scorer], copy: Path) -> None:
    torch_or_skip()
    with (copy / "openvino.bin").open("ab") as weights:
        weights.write(b"\0")
    with pytest.raises(UnusableModel, match=rf"openvino\.bin .*{sha256(copy / 'openvino.bin')}"):
        opener(copy)


def test_a_missing_file_is_refused(opener: Callable[[Path], Scorer], copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    with pytest.raises(UnusableModel, match=r"tokenizer\.json is missing"):
        opener(copy)


def test_a_wrong_canary_is_refused_with_what_was_expected(opener: Callable[[Path], Scorer], copy: Path) -> None:
    amend(copy, canaries=[{"text": "气死我了,太过分了", "label": "positive"}])
    with pytest.raises(UnusableModel, match="should be positive, is negative"):
        opener(copy)


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"labels": ["good", "bad"]}, "labels must be happy, neutral"), ({"extra": 1}, "extra"), ({"files": 3}, "files")],
)
def test_a_manifest_that_does_not_fit_is_refused(copy: Path, changes: dict[str, object], told: str) -> None:
    amend(copy, **changes)
    with pytest.raises(UnusableModel, match=told):
        read_manifest(copy)


def test_the_shipped_model_is_small_and_has_canaries_of_every_polarity() -> None:
    assert sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) < 64_000_000
    labels = {canary.label for canary in read_manifest(MODEL).canaries}
    assert labels == {Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE}


def test_a_signal_after_several_scorers_came_and_went_is_only_a_signal() -> None:
    """In a process of its own, since what is guarded against is a crash."""
    script = (
        "import gc, os, signal; from pathlib import Path; from nlp.scorers.openvino import OpenVinoScorer\n"
        "first, second = OpenVinoScorer(Path('nlp/model')), OpenVinoScorer(Path('nlp/model'))\n"
        "del first; gc.collect(); del second; gc.collect()\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('told')); os.kill(os.getpid(), signal.SIGTERM)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "told\n")
