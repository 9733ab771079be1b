import json
import sys
from pathlib import Path
from shutil import copytree
from subprocess import run

import pytest

pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from nlp.inference.manifest import FILE, UnusableModel, WeightType, read_manifest
from nlp.scorer import Score
from nlp.scorers.openvino import OpenVinoScorer
from nlp.training.ship.graph import GRAPH, rebuild

pytestmark = pytest.mark.filterwarnings("ignore")
MODEL = Path(__file__).parents[4] / "nlp" / "model"
TEXTS = ["气死我了", "好开心[心]", "公司召开工作会议", "难过得哭了", "太可怕了", "居然还没有来电?" * 40]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copytree(MODEL, tmp_path / "model")
    return tmp_path / "model"


def negative(folder: Path) -> list[float]:
    answers = OpenVinoScorer(folder).score(TEXTS)
    return [answer.negative for answer in answers if isinstance(answer, Score)]


def test_the_graph_that_ships_comes_from_the_safetensors_beside_it(folder: Path) -> None:
    for name in GRAPH:
        (folder / name).unlink()
    rebuild(folder)
    assert negative(folder) == pytest.approx(negative(MODEL), abs=1e-3)


def test_the_command_says_whether_the_graph_is_another(folder: Path) -> None:
    command = [sys.executable, "-m", "nlp", "rebuild", str(folder)]
    for _ in range(2):
        told = run(command, check=True, capture_output=True, text=True).stdout
    assert told == f"{folder}: the graph is the same as before\n"


def test_a_graph_in_float16_is_twice_as_large_as_in_int8(folder: Path) -> None:
    sizes = {}
    for weights in WeightType:
        manifest = json.loads((folder / FILE).read_text("utf-8"))
        (folder / FILE).write_text(json.dumps(manifest | {"weights": weights}), "utf-8")
        rebuild(folder)
        sizes[weights] = (folder / "openvino.bin").stat().st_size
    assert 1.8 < sizes[WeightType.FLOAT16] / sizes[WeightType.INT8] < 2.2


def test_no_graph_is_made_of_other_weights_than_the_manifest_names(folder: Path) -> None:
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"\0")
    before = read_manifest(MODEL).files["openvino.bin"]
    with pytest.raises(UnusableModel, match=r"model\.safetensors is not the file of the manifest"):
        rebuild(folder)
    assert json.loads((folder / FILE).read_text("utf-8"))["files"]["openvino.bin"] == before
