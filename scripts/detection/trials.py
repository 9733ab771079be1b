"""What a contender's scores are worth on simulated series: outbreaks found, how late, and false alarms. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.detection.series.memory import Flags, Floats
from scripts.detection.alarms import alarms, candidates, lowest_within
from scripts.detection.simulate import FOUND_WITHIN, SIZES, STEP, TEST, Scenario, Simulated

MINUTES = STEP.total_seconds() / 60
WEEKS = TEST / 7

Told = NDArray[Any]  # (T, S) of one run: scores, or the flags of alarms


@dataclass(frozen=True, slots=True)
class Outcome:
    """False alarms a topic-week on average and in the worst scenario, the share found (POD) and median minutes by
    size, None where none was found. An outbreak is found by an alarm within two hours, and the minutes count to the end
    of the alarm's step."""

    threshold: float
    false_alarms: float
    worst: float
    worst_scenario: Scenario
    found: Mapping[int, float]
    delay: Mapping[int, float | None]


def judged_weeks(runs: Sequence[Simulated], told: Sequence[Told]) -> list[Told]:
    """Cuts what was told of each run to the two weeks that are tested."""
    return [one[run.first_tested :] for run, one in zip(runs, told, strict=True)]


def outcome(runs: Sequence[Simulated], raised: Sequence[Flags], threshold: float = 1.0) -> Outcome:
    """Judges the alarms (T, S) of each run, of the tested weeks."""
    rates: dict[Scenario, list[float]] = {}
    delays: dict[int, list[float | None]] = {size: [] for size in SIZES}
    for run, one in zip(runs, raised, strict=True):
        for column in np.flatnonzero(run.quiet):
            rates.setdefault(run.scenarios[column], []).append(one[:, column].sum() / WEEKS)
        for put in run.outbreaks:
            begin = put.at - run.first_tested
            hits = np.flatnonzero(one[begin : begin + FOUND_WITHIN // STEP, put.column])
            delays[put.size].append((hits[0] + 1) * MINUTES if len(hits) else None)
    means = {scenario: float(np.mean(rate)) for scenario, rate in rates.items()}
    worst = max(means, key=lambda scenario: means[scenario])
    known = {size: [one for one in each if one is not None] for size, each in delays.items()}
    return Outcome(
        threshold=threshold,
        false_alarms=float(np.mean(list(means.values()))),
        worst=means[worst],
        worst_scenario=worst,
        found={size: len(known[size]) / max(1, len(delays[size])) for size in SIZES},
        delay={size: float(median(known[size])) if known[size] else None for size in SIZES},
    )


def calibrated(runs: Sequence[Simulated], scores: Sequence[Floats], allowed: float, quiet: int) -> Outcome:
    """Chooses the one threshold with which quiet series have `allowed` false alarms a topic-week, and judges by it.

    Every scenario weighs the same, as every one has as many quiet series.
    """
    silent = [one[:, run.quiet] for run, one in zip(runs, scores, strict=True)]
    series = sum(one.shape[1] for one in silent)

    def false_alarms(threshold: float) -> float:
        return float(sum(int(alarms(one >= threshold, quiet).sum()) for one in silent) / series / WEEKS)

    threshold = lowest_within(candidates(np.concatenate([one.ravel() for one in silent])), false_alarms, allowed)
    return outcome(runs, [alarms(one >= threshold, quiet) for one in scores], threshold)


def restricted(run: Simulated, told: Told, scenarios: Sequence[Scenario]) -> tuple[Simulated, Told]:
    """Leaves only the series of some scenarios."""
    columns = [column for column, owner in enumerate(run.scenarios) if owner in scenarios]
    place = {column: number for number, column in enumerate(columns)}
    return replace(
        run,
        counts=run.counts[:, columns],
        scenarios=[run.scenarios[column] for column in columns],
        quiet=run.quiet[columns],
        outbreaks=[replace(put, column=place[put.column]) for put in run.outbreaks if put.column in place],
    ), told[:, columns]
