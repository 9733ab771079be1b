import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")
pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.inference.manifest import UnusableModel, WeightType, read_manifest
from nlp.scorer import Score
from nlp.scorers.openvino import OpenVinoScorer
from nlp.training.commands import run_quantize
from nlp.training.errors import QualityLost
from nlp.training.ship.graph import rebuild, write_manifest
from nlp.training.texts.data import DEV_SETS

pytestmark = pytest.mark.filterwarnings("ignore")
MODEL = Path(__file__).parents[4] / "nlp" / "model"
SAID = {
    "气死我了": "angry",
    "好开心[心]": "happy",
    "公司召开工作会议": "neutral",
    "难过得哭了": "sad",
    "太可怕了": "fear",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model, its graph in floating point."""
    folder = tmp_path_factory.mktemp("whole") / "model"
    copytree(MODEL, folder)
    write_manifest(replace(read_manifest(folder), version="0.0", weights=WeightType.FLOAT16), folder)
    rebuild(folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "sentiment").mkdir()
    rows = [json.dumps({"text": text, "emotion": emotion, "polarity": None}) for text, emotion in SAID.items()]
    for name in DEV_SETS.values():
        (tmp_path / "sentiment" / f"{name}.jsonl").write_text("\n".join(rows), "utf-8")
    return tmp_path


def test_a_rounded_model_is_half_as_large_and_says_the_same(whole: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "int8"
    run_quantize(whole, data, out, most_lost=1.0, scorer=OpenVinoScorer)
    assert (out / "openvino.bin").stat().st_size < 0.6 * (whole / "openvino.bin").stat().st_size
    before, after = OpenVinoScorer(whole), OpenVinoScorer(out)
    assert after.name == "wenfeng-mini@0.0-int8"
    for one, other in zip(before.score(list(SAID)), after.score(list(SAID)), strict=True):
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert other.negative == pytest.approx(one.negative, abs=0.05)


def test_a_model_that_loses_too_much_is_refused_and_leaves_nothing(whole: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(QualityLost, match="falls by more than -1"):
        run_quantize(whole, data, tmp_path / "int8", most_lost=-1.0, scorer=OpenVinoScorer)
    assert not (tmp_path / "int8").exists()


def test_a_model_is_not_rounded_twice(whole: Path, data: Path, tmp_path: Path) -> None:
    run_quantize(whole, data, tmp_path / "int8", most_lost=1.0, scorer=OpenVinoScorer)
    with pytest.raises(UnusableModel, match=r"in int8 already: wenfeng-mini@0\.0-int8"):
        run_quantize(tmp_path / "int8", data, tmp_path / "again", most_lost=1.0, scorer=OpenVinoScorer)
