"""The form of a model that the CPU runtime loads, made of its weights: an OpenVINO graph, whole or in int8."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification

from nlp.inference.manifest import FILE, Manifest, WeightType, hashes, read_manifest
from nlp.inference.manifest import GRAPH as XML
from nlp.inference.runtime import openvino, operations
from nlp.training.fit.encoder import WEIGHTS
from nlp.training.fit.unrounded import unrounded

GRAPH = ("openvino.bin", XML)
_SMALLEST = 4096  # elements of a matrix that is worth rounding
_STEPS = 127
_NUMPY = {"f16": np.float16, "f32": np.float32}


def rebuild(folder: Path) -> bool:
    """Write the graph of a model folder anew and its hashes into the manifest; tell whether it was the same before.

    It is made of the safetensors; of its own weights where the folder holds none. So is that of a larger model inside
    the folder. Raises nlp.inference.manifest.UnusableModel where what it is made of is not what the manifest says.
    """
    manifest = read_manifest(folder, without=GRAPH if (folder / WEIGHTS).exists() else ())
    write_graph(folder, manifest.weights)
    renewed = [*GRAPH]
    if manifest.larger is not None:
        rebuild(folder / manifest.larger.folder)
        renewed.append(f"{manifest.larger.folder}/{FILE}")
    made = manifest.files | hashes(folder, renewed)
    write_manifest(replace(manifest, files=made), folder)
    return made == manifest.files


def write_graph(folder: Path, weights: WeightType) -> None:
    """Write the OpenVINO graph of the weights in `folder`. The manifest is left as it is."""
    with TemporaryDirectory() as passing:
        whole = Path(passing) / XML
        openvino.save_model(_converted(folder), whole, compress_to_fp16=True)
        model = openvino.Core().read_model(whole)
        if weights is WeightType.INT8:
            _round(model)
        openvino.save_model(model, folder / XML, compress_to_fp16=False)


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Leave the manifest in its folder."""
    (folder / FILE).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n", "utf-8")


def _converted(folder: Path) -> Any:
    model = _classifier(folder).float().eval()  # type: ignore[no-untyped-call]
    ids = torch.ones((2, 16), dtype=torch.int64)
    example = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    graph = openvino.convert_model(_Plain(model), example_input=example)
    for one, name in zip(graph.inputs, example, strict=True):
        one.get_tensor().set_names({name})
        one.get_node().set_friendly_name(name)
    graph.reshape({name: openvino.PartialShape([-1, -1]) for name in example})
    return graph


def _classifier(folder: Path) -> BertForSequenceClassification:
    if (folder / WEIGHTS).exists():
        return BertForSequenceClassification.from_pretrained(folder, attn_implementation="eager")
    model = BertForSequenceClassification(BertConfig.from_pretrained(folder, attn_implementation="eager"))
    model.load_state_dict(unrounded(folder, model.config), strict=False)
    return model


class _Plain(torch.nn.Module):
    """The model as a function of two tensors: nothing of a graph depends on keyword arguments."""

    def __init__(self, model: BertForSequenceClassification) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        ways = (1.0 - attention_mask[:, None, None, :].float()) * -10_000.0
        hidden = self.model.bert.embeddings(input_ids=input_ids)
        *layers, last = self.model.bert.encoder.layer
        for layer in layers:
            answer = layer(hidden, ways)
            hidden = answer[0] if isinstance(answer, tuple) else answer
        pooler = self.model.bert.pooler
        assert pooler is not None
        logits: torch.Tensor = self.model.classifier(pooler(_first_of(last, hidden, ways)))
        return logits


def _first_of(layer: Any, hidden: torch.Tensor, ways: torch.Tensor) -> torch.Tensor:
    """Compute a BertLayer for the first token of each text alone: texts x 1 x width.

    The classifier reads no other, and of the last layer that leaves keys and values, a sixth of its multiplications.
    """
    attention, first = layer.attention.self, hidden[:, :1]
    shape = (hidden.shape[0], -1, attention.num_attention_heads, attention.attention_head_size)
    query, key, value = (
        part(tokens).view(shape).transpose(1, 2)
        for part, tokens in ((attention.query, first), (attention.key, hidden), (attention.value, hidden))
    )
    weights = torch.softmax(query @ key.transpose(-1, -2) / math.sqrt(attention.attention_head_size) + ways, dim=-1)
    context = (weights @ value).transpose(1, 2).reshape(hidden.shape[0], 1, attention.all_head_size)
    attended = layer.attention.output(context, first)
    computed: torch.Tensor = layer.output(layer.intermediate(attended), attended)
    return computed


def _round(model: Any) -> None:
    """Turn every large matrix into int8 rows times their scales."""
    for node in [node for node in model.get_ordered_ops() if node.get_type_name() == "Constant"]:
        kind = node.get_element_type().get_type_name()
        if kind in _NUMPY and len(node.get_output_shape(0)) == 2 and node.data.size >= _SMALLEST:
            _replace(node, kind)


def _replace(node: Any, kind: str) -> None:
    weights = np.array(node.data, dtype=np.float32)
    scales = np.maximum(np.abs(weights).max(axis=1, keepdims=True), 1e-8) / _STEPS
    steps = operations.constant(np.rint(weights / scales).astype(np.int8))
    unpacked = operations.multiply(operations.convert(steps, kind), operations.constant(scales.astype(_NUMPY[kind])))
    for reader in node.output(0).get_target_inputs():
        reader.replace_source_output(unpacked.output(0))
