"""An encoder and its head read back out of the graph that ships: what was rounded to eight bits can be trained on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertForSequenceClassification

from nlp.inference.manifest import GRAPH
from nlp.inference.runtime import openvino
from nlp.training.errors import NoEncoder
from nlp.training.texts.vocabulary import CLS, SEP, SPECIAL

TOLERANCE = 1e-4  # between the logits of both, computed in single precision
_EMBEDDINGS = ("word_embeddings", "token_type_embeddings", "position_embeddings")
_LAYER = (
    "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
    "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
)  # fmt: skip
_KINDS = ("weight", "bias")


def unrounded(folder: Path, config: BertConfig) -> dict[str, torch.Tensor]:
    """Return the weights of a classifier's graph, named as transformers does; `config` says its shape.

    The graph has no names for them: they are told by their shapes and their order in it, then held against it. Raises
    NoEncoder where it is not that of such a classifier.
    """
    graph = openvino.Core().read_model(folder / GRAPH)
    model = BertForSequenceClassification(config).eval()  # type: ignore[no-untyped-call]
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found: dict[str, torch.Tensor] = {}
    left = iter(_matrices(graph))
    for name in _in_order(config.num_hidden_layers):
        wanted = shapes[name]
        matrix = next((one for one in left if one.shape == wanted or one.squeeze().shape == wanted), None)
        if matrix is None:
            raise NoEncoder(f"{folder / GRAPH} holds no {name} of {wanted}: it is not the graph of its config.json")
        found[name] = torch.from_numpy(matrix.reshape(wanted))
    model.load_state_dict(found, strict=False)
    if not (away := _difference(model, graph)) <= TOLERANCE:
        raise NoEncoder(
            f"the classifier read from {folder / GRAPH} is {away:.2e} from it; at most {TOLERANCE:.0e} is right"
        )
    return found


def _in_order(layers: int) -> Iterator[str]:
    """Name the weights in the order in which a pass through the classifier meets them."""
    yield from (f"bert.embeddings.{part}.weight" for part in _EMBEDDINGS)
    yield from (f"bert.embeddings.LayerNorm.{kind}" for kind in _KINDS)
    for number in range(layers):
        yield from (f"bert.encoder.layer.{number}.{part}.{kind}" for part in _LAYER for kind in _KINDS)
    yield from (f"{part}.{kind}" for part in ("bert.pooler.dense", "classifier") for kind in _KINDS)


def _matrices(graph: Any) -> Iterator[NDArray[np.float32]]:
    """Yield a graph's constants in its order, those in eight bits times the scales of their rows."""
    for node in graph.get_ordered_ops():
        kind = node.get_type_name()
        if kind == "Constant" and node.get_element_type().is_real():
            yield np.array(node.data, np.float32)
        elif kind == "Multiply" and (steps := _steps(node)) is not None:
            yield np.array(steps.data, np.float32) * np.array(_source(node, 1).data, np.float32)


def _steps(product: Any) -> Any:
    """Return the constant in eight bits behind a product with its scales; None where it is another product."""
    converted = _source(product, 0)
    steps = _source(converted, 0) if converted.get_type_name() == "Convert" else converted
    return steps if steps.get_element_type().get_type_name() == "i8" else None


def _source(node: Any, number: int) -> Any:
    return node.input(number).get_source_output().get_node()


def _difference(model: BertForSequenceClassification, graph: Any) -> float:
    """Compare the logits of both over random texts."""
    inputs = np.random.default_rng(0).integers(len(SPECIAL), model.config.vocab_size, (8, 32))
    inputs[:, 0], inputs[:, -1] = CLS, SEP
    ones = np.ones_like(inputs)
    exactly = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
    compiled = openvino.Core().compile_model(graph, "CPU", exactly)
    theirs = compiled({"input_ids": inputs, "attention_mask": ones})[0]
    with torch.inference_mode():
        ours = model(input_ids=torch.from_numpy(inputs), attention_mask=torch.from_numpy(ones)).logits
    return float(np.abs(theirs - ours.numpy()).max())
