"""A run's folder: its settings and data hashes, its curve, its checkpoints."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import torch

from nlp.training.settings import Settings
from nlp.training.texts.data import data_hashes


class Run:
    """A folder that a killed run continues from."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def describe(self, settings: Settings, data: Path) -> None:
        """Leave what the run depends on: settings, data hashes, the version of torch."""
        about = {"settings": asdict(settings), "data": data_hashes(data), "torch": torch.__version__}
        (self.folder / "run.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")

    def count(self, rows: Mapping[str, int]) -> None:
        """Add to what the run depends on how many rows were read, cut and kept."""
        path = self.folder / "run.json"
        about = json.loads(path.read_text("utf-8")) | {"rows": dict(rows)}
        path.write_text(json.dumps(about, indent=2) + "\n", "utf-8")

    def note(self, **figures: float | int | str) -> None:
        """Add a line to the run's curve."""
        with (self.folder / "curve.jsonl").open("a", encoding="utf-8") as curve:
            curve.write(json.dumps(figures) + "\n")

    def save(self, name: str, state: dict[str, Any]) -> None:
        """Replace a checkpoint whole: a kill leaves the former one."""
        partial = self.folder / f"{name}.partial"
        torch.save(state, partial)
        os.replace(partial, self.folder / f"{name}.pt")

    def load(self, name: str) -> dict[str, Any] | None:
        """Load a checkpoint, tensors and plain values only; None before the first."""
        path = self.folder / f"{name}.pt"
        return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def precision(device: torch.device) -> torch.autocast:
    """Compute in bfloat16 where that is quicker: a step then takes half as long, elsewhere half as long again."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or _quicker_in_bfloat16())


@cache
def _quicker_in_bfloat16() -> bool:
    """Try it on this CPU: that it lists instructions for bfloat16 says nothing of their speed.

    On an Intel Xeon with AVX512_BF16 and without AMX a step took 1.5 times as long by them, on an AMD EPYC half.
    """
    return _seconds_of_a_layer(torch.bfloat16) < _seconds_of_a_layer(torch.float32)


def _seconds_of_a_layer(kind: torch.dtype) -> float:
    """Return the processor time of a feed-forward layer's multiplication, the least of a few."""
    inputs, weights = torch.ones(1024, 512, dtype=kind), torch.ones(512, 2048, dtype=kind)
    times = []
    for _ in range(5):
        begun = time.process_time()
        torch.mm(inputs, weights)
        times.append(time.process_time() - begun)
    return min(times)


def best_device() -> torch.device:
    """Choose CUDA where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
