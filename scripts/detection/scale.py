"""What a five-minute step of many topics costs: time, and memory before and after a day of them."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter

import numpy as np
import psutil

from alerts.detection.series.detector import STEP, Detector
from scripts.detection.simulate import USUAL_START

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """`slowest` includes the end of a day; memory is resident, of the process that did nothing else."""

    topics: int
    step_seconds: float
    slowest_seconds: float
    memory_before: float  # MB, after the first step
    memory_after: float


def cost(topics: int, steps: int) -> Cost:
    """Judges so many steps of so many topics, the last of them the first of a new day."""
    dice = np.random.default_rng(1)
    means = np.geomspace(0.01, 60, topics)
    detector = Detector(np.ones(topics))
    start = USUAL_START + timedelta(days=1) - STEP * (steps - 1)
    process, spent, before = psutil.Process(), [], 0
    for number in range(steps):
        counts = dice.poisson(means).astype(float)
        began = perf_counter()
        detector.judge(start + STEP * number, counts)
        spent.append(perf_counter() - began)
        before = before or process.memory_info().rss
    return Cost(topics, median(spent), max(spent), before / MB, process.memory_info().rss / MB)
