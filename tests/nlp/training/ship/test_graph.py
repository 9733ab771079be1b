import json
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from subprocess import run

import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from transformers import BertConfig, BertForSequenceClassification  # noqa: E402

from nlp.inference.manifest import FILE, UnusableModel, WeightType, read_manifest  # noqa: E402
from nlp.inference.runtime import openvino  # noqa: E402
from nlp.scorer import EMOTIONS, Score  # noqa: E402
from nlp.scorers.openvino import OpenVinoScorer  # noqa: E402
from nlp.training.ship.graph import GRAPH, rebuild, write_graph  # noqa: E402

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


def test_the_graph_answers_as_the_model_does_for_texts_of_several_lengths(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=90, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
        max_position_embeddings=32, num_labels=len(EMOTIONS), attn_implementation="eager",
    )  # fmt: skip
    torch.manual_seed(7)
    model = BertForSequenceClassification(config).eval()
    model.save_pretrained(tmp_path)
    write_graph(tmp_path, WeightType.FLOAT16)
    ids = torch.tensor([[2, 10, 11, 12, 3, 0, 0], [2, 20, 3, 0, 0, 0, 0], [2, 30, 31, 32, 33, 34, 3]])
    mask = (ids != 0).long()
    exactly = {"INFERENCE_PRECISION_HINT": "f32"}
    graph = openvino.Core().compile_model(str(tmp_path / "openvino.xml"), "CPU", exactly)
    found = graph({"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    with torch.inference_mode():
        known = model(input_ids=ids, attention_mask=mask).logits.numpy()
    assert found == pytest.approx(known, abs=1e-3)


def test_of_the_last_layer_only_what_the_first_token_needs_is_computed() -> None:
    shapes = [
        node.get_output_partial_shape(0)
        for node in openvino.Core().read_model(MODEL / "openvino.xml").get_ordered_ops()
        if node.get_type_name() == "Gelu"
    ]
    assert [shape[1].get_max_length() for shape in shapes] == [-1, -1, -1, 1]


def test_a_larger_model_without_safetensors_is_made_anew_of_its_own_weights(folder: Path) -> None:
    inside = folder / "larger"
    before = read_manifest(inside)
    rebuild(folder)
    assert read_manifest(folder).larger is not None
    assert replace(read_manifest(inside), files=before.files) == before
    assert negative(inside) == pytest.approx(negative(MODEL / "larger"), abs=1e-6)
    with (inside / "openvino.bin").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(UnusableModel, match=r"larger/openvino\.bin is not the file of the manifest"):
        rebuild(inside)


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
