"""A model folder in eight bits: the graph's weight matrices as int8 with a scale per row, checked on the dev sets.

Only weights are rounded here, so that no calibration data is needed. The scorer rounds what goes into a matrix as it
comes, in groups (nlp/scorers/openvino.py), so that the products are computed in eight bits: a fifth to a third faster.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import openvino  # type: ignore[import-untyped]
from openvino import opset13 as ops

from nlp.manifest import FILE, Manifest, hashes, read_manifest
from nlp.scorer import EMOTIONS, Score, Scorer
from nlp.training.commands import TooMuchLost
from nlp.training.data import dev_rows
from nlp.training.metrics import macro_f1

GRAPH = "openvino.xml"
SUFFIX = "-int8"
_SMALLEST = 4096  # elements of a matrix that is worth rounding
_STEPS = 127


def quantize(
    folder: Path, data: Path, out: Path, *, most_lost: float, scorer: Callable[[Path], Scorer]
) -> dict[str, tuple[float, float]]:
    """Writes the model of `folder` to `out` in int8; the dev sets' six-class macro-F1 before and after.

    Raises TooMuchLost, and leaves nothing, where one falls by more than `most_lost`. `scorer` opens a model folder.
    """
    manifest = read_manifest(folder)
    before = six_class_f1(scorer(folder), data)
    out.mkdir(parents=True)
    for name in manifest.files:
        shutil.copyfile(folder / name, out / name)
    openvino.save_model(rounded(folder / GRAPH), out / GRAPH, compress_to_fp16=False)
    _write(replace(manifest, version=manifest.version + SUFFIX, files=hashes(out, list(manifest.files))), out)
    after = six_class_f1(scorer(out), data)
    found = {name: (before[name], after[name]) for name in before}
    worse = [f"{name} {one:.4f} to {other:.4f}" for name, (one, other) in found.items() if one - other > most_lost]
    if worse:
        shutil.rmtree(out)
        raise TooMuchLost(f"six-class macro-F1 falls by more than {most_lost}: {', '.join(worse)}")
    return found


def rounded(path: Path) -> Any:
    """The graph with every large matrix as int8 rows times their scales."""
    model = openvino.Core().read_model(path)
    for node in [node for node in model.get_ordered_ops() if node.get_type_name() == "Constant"]:
        kind = node.get_element_type().get_type_name()
        if kind in ("f16", "f32") and len(node.get_output_shape(0)) == 2 and node.data.size >= _SMALLEST:
            _replace(node, kind)
    return model


def _replace(node: Any, kind: str) -> None:
    weights = np.array(node.data, dtype=np.float32)
    scales = np.maximum(np.abs(weights).max(axis=1, keepdims=True), 1e-8) / _STEPS
    steps = ops.constant(np.rint(weights / scales).astype(np.int8))
    unpacked = ops.multiply(ops.convert(steps, kind), ops.constant(scales.astype(np.dtype(_NUMPY[kind]))))
    for reader in node.output(0).get_target_inputs():
        reader.replace_source_output(unpacked.output(0))


_NUMPY = {"f16": "float16", "f32": "float32"}


def six_class_f1(scorer: Scorer, data: Path) -> dict[str, float]:
    """Six-class macro-F1 on the dev sets that have emotions; a text without words counts as neutral."""
    found = {}
    for name in ("usual", "virus"):
        rows = dev_rows(data, name)
        answers = scorer.score([row.text if row else "" for row in rows])
        truth = np.array([EMOTIONS.index((row and row.emotion) or "neutral") for row in rows])
        taken = np.array([EMOTIONS.index(_likeliest(one)) for one in answers])
        found[name] = macro_f1(truth, taken, len(EMOTIONS))
    return found


def _likeliest(answer: object) -> str:
    if not isinstance(answer, Score) or answer.emotion is None:
        return "neutral"
    emotion = answer.emotion
    return max(EMOTIONS, key=lambda name: float(getattr(emotion, name)))


def _write(manifest: Manifest, out: Path) -> None:
    (out / FILE).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n", "utf-8")
