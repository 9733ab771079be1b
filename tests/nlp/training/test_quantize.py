import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from nlp.manifest import read_manifest
from nlp.scorer import Score
from nlp.scorers.openvino import OpenVinoScorer
from nlp.training.commands import TooMuchLost, run_quantize
from nlp.training.data import DEV_SETS

MODEL = Path(__file__).parents[3] / "nlp" / "model"
SAID = {
    "气死我了": "angry",
    "好开心[心]": "happy",
    "公司召开工作会议": "neutral",
    "难过得哭了": "sad",
    "太可怕了": "fear",
}

pytestmark = pytest.mark.skipif(
    find_spec("sklearn") is None, reason="scikit-learn is not installed: make test brings it"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "sentiment").mkdir()
    rows = [json.dumps({"text": text, "emotion": emotion, "polarity": None}) for text, emotion in SAID.items()]
    for name in DEV_SETS.values():
        (tmp_path / "sentiment" / f"{name}.jsonl").write_text("\n".join(rows), "utf-8")
    return tmp_path


def test_a_rounded_model_is_half_as_large_and_says_the_same(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "int8"
    run_quantize(MODEL, data, out, most_lost=1.0, scorer=OpenVinoScorer)
    assert (out / "openvino.bin").stat().st_size < 0.6 * (MODEL / "openvino.bin").stat().st_size
    whole, small = OpenVinoScorer(MODEL), OpenVinoScorer(out)
    assert small.name == f"{read_manifest(MODEL).full_name}-int8"
    for one, other in zip(whole.score(list(SAID)), small.score(list(SAID)), strict=True):
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert other.negative == pytest.approx(one.negative, abs=0.05)


def test_a_model_that_loses_too_much_is_refused_and_leaves_nothing(data: Path, tmp_path: Path) -> None:
    with pytest.raises(TooMuchLost, match="falls by more than -1"):
        run_quantize(MODEL, data, tmp_path / "int8", most_lost=-1.0, scorer=OpenVinoScorer)
    assert not (tmp_path / "int8").exists()
