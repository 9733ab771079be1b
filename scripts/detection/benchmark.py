"""How contenders and the detector do on real series: every alarm's worth on the benchmark's scale. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from alerts.detection.series.memory import Flags, Floats
from scripts.detection.alarms import WEEK, alarms, candidates, lowest_within
from scripts.detection.nab import PROFILES, Series, probation, score
from scripts.detection.series import RealSeries

FIRST_PART = timedelta(weeks=4)  # by which a contender's threshold is set to the budget
Told = Sequence[Floats]  # of each series (T,): scores, or the flags of alarms


@dataclass(frozen=True, slots=True)
class Worth:
    """Scores by profile, alarms a series and week outside the probation, and how many windows have one."""

    scores: Mapping[str, float]
    weekly: float
    found: int


def worth(group: Sequence[RealSeries], raised: Sequence[Flags]) -> Worth:
    """Judges the alarms (T,) of each series."""
    judged = [_series(one, flags) for one, flags in zip(group, raised, strict=True)]
    weeks = sum((one.rows - probation(one.rows)) * (real.step / WEEK) for one, real in zip(judged, group, strict=True))
    return Worth(
        scores={name: score(judged, profile) for name, profile in PROFILES.items()},
        weekly=sum(len(one.judged) for one in judged) / weeks,
        found=sum(one.found for one in judged),
    )


def best(group: Sequence[RealSeries], told: Told, quiet: timedelta) -> dict[str, float]:
    """Scores by the one threshold that is best for the whole group and profile, as the benchmark chooses it."""
    thresholds = candidates(np.concatenate(list(told)))
    tried = [worth(group, _raised(group, told, float(threshold), quiet)).scores for threshold in thresholds]
    return {name: max(scores[name] for scores in tried) for name in PROFILES}


def by_budget(group: Sequence[RealSeries], told: Told, budget: float, quiet: timedelta) -> Worth:
    """Judges by the lowest threshold that keeps to `budget` alarms a series and week in the first four weeks."""
    heads = [one[: FIRST_PART // real.step] for one, real in zip(told, group, strict=True)]
    weeks = sum(len(one) * (real.step / WEEK) for one, real in zip(heads, group, strict=True))

    def weekly(threshold: float) -> float:
        return sum(int(one.sum()) for one in _raised(group, heads, threshold, quiet)) / weeks

    threshold = lowest_within(candidates(np.concatenate(heads)), weekly, budget)
    return worth(group, _raised(group, told, threshold, quiet))


def _raised(group: Sequence[RealSeries], told: Told, threshold: float, quiet: timedelta) -> list[Flags]:
    return [alarms(one[:, None] >= threshold, quiet // real.step)[:, 0] for one, real in zip(told, group, strict=True)]


def _series(real: RealSeries, raised: Flags) -> Series:
    return Series(len(real.moments), real.windows, [int(at) for at in np.flatnonzero(raised)])
