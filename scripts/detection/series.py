"""Real series of counts with labelled windows, as the Numenta Anomaly Benchmark has them: read from a folder.

`NAME.csv` or `NAME.csv.xz` with `timestamp,value`, and `windows.json`: NAME.csv -> [[first, last], ...] of timestamps.
Times without a zone are the clock on the wall where the series was counted, and taken for Beijing's.
"""

import csv
import json
import lzma
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from alerts.detection.series.memory import Floats
from scripts.detection.nab import Window
from stream.process.clock import SHANGHAI

LABELS = "windows.json"


class BadSeries(ValueError):
    """Raised when a folder of series cannot be read; says which file and line, and what is wrong."""


@dataclass(frozen=True, slots=True)
class RealSeries:
    """One series in even steps."""

    name: str
    moments: list[datetime]
    counts: Floats
    windows: list[Window]

    @property
    def step(self) -> timedelta:
        return self.moments[1] - self.moments[0]

    @property
    def weeks(self) -> float:
        return len(self.moments) * self.step / timedelta(weeks=1)


def read_series(folder: Path) -> list[RealSeries]:
    """Reads every labelled series of a folder, by name; raises BadSeries."""
    labels = folder / LABELS
    if not labels.is_file():
        raise BadSeries(f"{labels}: no such file; the folder of series needs it: name -> [[first, last], ...]")
    return [_read(folder, name, spans) for name, spans in sorted(json.loads(labels.read_text("utf-8")).items())]


def _read(folder: Path, name: str, spans: list[tuple[str, str]]) -> RealSeries:
    path = next((path for path in (folder / name, folder / f"{name}.xz") if path.is_file()), None)
    if path is None:
        raise BadSeries(f"{folder / LABELS}: {name} is labelled, but neither {name} nor {name}.xz is there")
    data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    moments, counts = [], []
    for line, row in enumerate(csv.DictReader(data.decode("utf-8").splitlines()), 2):
        try:
            moments.append(_moment(row["timestamp"]))
            counts.append(float(row["value"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadSeries(f"{path}: line {line}: needs a timestamp and a value ({error})") from error
    return _evened(path, name, moments, np.array(counts), [(_moment(first), _moment(last)) for first, last in spans])


def _evened(
    path: Path, name: str, moments: list[datetime], counts: Floats, spans: list[tuple[datetime, datetime]]
) -> RealSeries:
    """Lays the rows on even steps, NaN where one is missing; a later row of the same step replaces an earlier one."""
    if len(moments) < 2:
        raise BadSeries(f"{path}: a series needs two rows at least")
    gaps = np.diff([at.timestamp() for at in moments])
    step = float(np.median(gaps))
    places = np.rint((np.array([at.timestamp() for at in moments]) - moments[0].timestamp()) / step).astype(int)
    if step <= 0 or (np.diff(places) < 0).any():
        raise BadSeries(f"{path}: line {2 + int(np.argmin(np.diff(places))) + 1}: goes back in time; sort the rows")
    even = np.full(places[-1] + 1, np.nan)
    even[places] = counts
    times = [moments[0] + timedelta(seconds=step) * number for number in range(len(even))]
    windows = [
        (
            next(at for at, time in enumerate(times) if time >= first),
            max(at for at, time in enumerate(times) if time <= last),
        )
        for first, last in spans
    ]
    return RealSeries(name.removesuffix(".csv"), times, even, windows)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
