"""A run's folder: its settings and data hashes, its curve, its checkpoints."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
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
    """Compute in bfloat16 where the device has units for it: on a CPU with them a step takes half as long, without them
    half as long again."""
    able = torch.cpu.get_capabilities()
    known = device.type == "cuda" or bool(able.get("amx_bf16") or able.get("avx512_bf16"))
    return torch.autocast(device.type, torch.bfloat16, enabled=known)


def best_device() -> torch.device:
    """Choose CUDA where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
