"""A model folder in eight bits: the graph's weight matrices as int8 with a scale per row, checked on the dev sets.

Only weights are rounded here, so that no calibration data is needed. The scorer rounds what goes into a matrix as it
comes, in groups (nlp/scorers/openvino.py), so that the products are computed in eight bits: a fifth to a third faster.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from nlp.inference.manifest import UnusableModel, WeightType, hashes, read_manifest
from nlp.scorer import EMOTIONS, Score, Scorer
from nlp.training.errors import QualityLost
from nlp.training.metrics import macro_f1
from nlp.training.ship.graph import write_graph, write_manifest
from nlp.training.texts.data import WITH_EMOTIONS, dev_rows

SUFFIX = "-int8"


def quantize(
    folder: Path, data: Path, out: Path, *, most_lost: float, scorer: Callable[[Path], Scorer]
) -> dict[str, tuple[float, float]]:
    """Write the model of `folder` to `out` in int8; return the dev sets' six-class macro-F1 before and after.

    A larger model inside the folder is left out: it is rounded by itself, then joined. Raises QualityLost, and leaves
    nothing, where one falls by more than `most_lost`. `scorer` opens a model folder.
    """
    manifest = read_manifest(folder)
    if manifest.weights is WeightType.INT8:
        raise UnusableModel(f"{folder} is in int8 already: {manifest.full_name}")
    before = six_class_f1(scorer(folder), data)
    out.mkdir(parents=True)
    own = [name for name in manifest.files if (folder / name).parent == folder]
    for name in own:
        shutil.copyfile(folder / name, out / name)
    write_graph(out, WeightType.INT8)
    smaller = replace(manifest, version=manifest.version + SUFFIX, weights=WeightType.INT8, larger=None)
    write_manifest(replace(smaller, files=hashes(out, own)), out)
    after = six_class_f1(scorer(out), data)
    found = {name: (before[name], after[name]) for name in before}
    worse = [f"{name} {one:.4f} to {other:.4f}" for name, (one, other) in found.items() if one - other > most_lost]
    if worse:
        shutil.rmtree(out)
        raise QualityLost(f"six-class macro-F1 falls by more than {most_lost}: {', '.join(worse)}")
    return found


def six_class_f1(scorer: Scorer, data: Path) -> dict[str, float]:
    """Measure six-class macro-F1 on the dev sets that have emotions; a text without words counts as neutral."""
    found = {}
    for name in WITH_EMOTIONS:
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
