"""A soak as a picture: memory, handles, records waiting, and the time until a post can be found."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from scripts.soak.verdicts import FOUND_WITHIN, Measured


def draw(path: Path, seen: Measured, title: str) -> None:
    """Writes the PNG."""
    figure = Figure(figsize=(11, 8), layout="constrained")
    figure.suptitle(title)
    axes: Any = figure.subplots(2, 2, sharex=True)
    panels = (("memory, MB", seen.memory), ("file handles", seen.handles), ("records waiting", seen.lag))
    for axis, (name, series) in zip(axes.flat, panels, strict=False):
        axis.set_title(name)
        for label, points in series.items():
            axis.plot([at / 60 for at, _ in points], [value for _, value in points], label=label, linewidth=1)
        axis.set_ylim(bottom=0)
        axis.legend(fontsize="x-small")
    last = axes.flat[3]
    last.set_title("from fetched to searchable, s")
    last.plot([at / 60 for at, _ in seen.delays], [delay for _, delay in seen.delays], ".", markersize=2)
    last.axhline(FOUND_WITHIN, linestyle="--", linewidth=1, color="grey")
    for moment, label in ((seen.planted, "spike"), (seen.told, "letter")):
        if moment is not None:
            last.axvline(moment / 60, linewidth=1, color="red", linestyle=":" if label == "spike" else "-", label=label)
    last.set_ylim(bottom=0)
    for axis in axes[1]:
        axis.set_xlabel("minutes")
    figure.savefig(path, dpi=120)
