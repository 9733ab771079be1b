"""From scores to alarms, the same way for everybody: the first crossing of a threshold after a quiet time. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from alerts.detection.series.detector import Detector, Sides
from alerts.detection.series.memory import Flags, Floats
from scripts.detection.contenders import Contender

WEEK = timedelta(weeks=1)
CANDIDATES = 240  # thresholds that are tried


@dataclass(frozen=True, slots=True)
class Watched:
    """What the detector said of every step, (T, S) each: `score` in deviations, `share` of its own threshold."""

    score: Floats
    share: Floats
    crossed: Flags
    alert: Flags


def scores(contender: Contender, moments: Sequence[datetime], counts: Floats) -> Floats:
    """Scores counts (T, S) a step at a time; what was not observed counts as zero."""
    return np.array([contender.score(at, row) for at, row in zip(moments, np.nan_to_num(counts), strict=True)])


def watch(moments: Sequence[datetime], counts: Floats, budgets: Floats, *, step: timedelta, sides: Sides) -> Watched:
    """Runs the detector over counts (T, S) with its own thresholds for `budgets` (S,)."""
    detector = Detector(budgets, step=step, sides=sides, least=5.0)
    shape = counts.shape
    score, share = np.zeros(shape), np.zeros(shape)
    crossed, alert = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for at, (moment, row) in enumerate(zip(moments, counts, strict=True)):
        judged = detector.judge(moment, row)
        score[at], share[at] = judged.score, judged.score / judged.threshold
        crossed[at], alert[at] = judged.score >= judged.threshold, judged.alert
    return Watched(score, share, crossed, alert)


def alarms(crossed: Flags, quiet: int) -> Flags:
    """Finds the crossings (T, S) that more than `quiet` steps without one went before."""
    numbers = np.arange(len(crossed))[:, None]
    last = np.maximum.accumulate(np.where(crossed, numbers, -quiet - 1), axis=0)
    before = np.vstack([np.full((1, crossed.shape[1]), -quiet - 1), last[:-1]])
    first: Flags = crossed & (numbers - before > quiet)
    return first


def candidates(pooled: Floats) -> Floats:
    """Lists thresholds worth trying, ascending: closer together where scores are rare, the last one above them all."""
    shares = np.geomspace(0.5 / pooled.size, 0.5, CANDIDATES)
    return np.unique([*np.quantile(pooled, 1 - shares), np.nextafter(pooled.max(), np.inf)])


def lowest_within(thresholds: Floats, false_alarms: Callable[[float], float], allowed: float) -> float:
    """Finds the lowest threshold, coming from the highest, before false alarms are more than allowed."""
    best = float(thresholds[-1])
    for threshold in thresholds[::-1]:
        if false_alarms(float(threshold)) > allowed:
            break
        best = float(threshold)
    return best
