"""What a graph in eight bits gives back, for models of several shapes made by chance."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from transformers import BertConfig, BertForSequenceClassification  # noqa: E402

from nlp.inference.manifest import GRAPH, WeightType  # noqa: E402
from nlp.scorer import EMOTIONS  # noqa: E402
from nlp.training.errors import NoEncoder  # noqa: E402
from nlp.training.fit.encoder import WEIGHTS, new_classifier, read_start  # noqa: E402
from nlp.training.fit.unrounded import unrounded  # noqa: E402
from nlp.training.ship.graph import write_graph  # noqa: E402
from tests.nlp.training.toy import tiny_settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
SHIPPED = Path(__file__).parents[4] / "nlp" / "model"


def shape(layers: int = 2, hidden: int = 128, positions: int = 48) -> BertConfig:
    return BertConfig(
        vocab_size=90, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=hidden // 64,
        intermediate_size=4 * hidden, max_position_embeddings=positions, attn_implementation="eager",
        id2label=dict(enumerate(EMOTIONS)), label2id={name: index for index, name in enumerate(EMOTIONS)},
    )  # fmt: skip


def made(folder: Path, weights: WeightType, config: BertConfig) -> BertForSequenceClassification:
    """Leave the graph of a new model, all of its weights by chance, in a folder that keeps no safetensors."""
    torch.manual_seed(7)
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, 0.1)
    model.save_pretrained(folder)
    write_graph(folder, weights)
    (folder / WEIGHTS).unlink()
    return model


@pytest.mark.parametrize("config", [shape(), shape(layers=1, hidden=64), shape(layers=3, positions=90)])
def test_a_graph_in_half_precision_gives_every_weight_back(tmp_path: Path, config: BertConfig) -> None:
    model = made(tmp_path, WeightType.FLOAT16, config)
    found = unrounded(tmp_path, config)
    assert found.keys() == model.state_dict().keys()
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(found[name], weight, atol=5e-4, rtol=1e-3, msg=name)


def test_a_graph_in_eight_bits_gives_them_back_to_half_a_step_of_their_row(tmp_path: Path) -> None:
    model = made(tmp_path, WeightType.INT8, shape())
    found = unrounded(tmp_path, shape())
    for name, weight in model.state_dict().items():
        half = weight.abs().amax(dim=-1, keepdim=True) / 127 / 2 if weight.dim() > 1 else torch.full_like(weight, 5e-4)
        assert ((found[name] - weight).abs() <= half * 1.1 + 1e-4).all(), name


def test_training_goes_on_from_a_graph_alone_and_keeps_its_head(tmp_path: Path) -> None:
    model = made(tmp_path, WeightType.INT8, shape())
    ids = torch.tensor([[2, 10, 11, 12, 3]])
    begun = new_classifier(tiny_settings(), read_start(tmp_path)).eval()
    with torch.inference_mode():
        found, known = (one(input_ids=ids, attention_mask=torch.ones_like(ids)).logits for one in (begun, model.eval()))
    torch.testing.assert_close(found, known, atol=0.3, rtol=0.1)


def test_the_larger_model_that_ships_can_be_trained_on() -> None:
    begun = read_start(SHIPPED / "larger")
    assert begun.weights["classifier.weight"].shape == (len(EMOTIONS), begun.config.hidden_size)


@pytest.mark.parametrize("config", [shape(layers=3), shape(hidden=64), shape(positions=64)])
def test_a_graph_of_another_shape_than_its_config_is_refused(tmp_path: Path, config: BertConfig) -> None:
    made(tmp_path, WeightType.INT8, shape())
    with pytest.raises(NoEncoder, match=rf"{GRAPH} holds no .* of \(.*\): it is not the graph of its config.json"):
        unrounded(tmp_path, config)


def test_a_graph_whose_weights_stand_elsewhere_is_refused(tmp_path: Path) -> None:
    made(tmp_path, WeightType.FLOAT16, shape())
    other = shape()
    other.hidden_act = "relu"
    with pytest.raises(NoEncoder, match=r"is \d.*e.\d+ from it; at most 1e-04 is right"):
        unrounded(tmp_path, other)
