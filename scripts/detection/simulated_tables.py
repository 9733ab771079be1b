"""Tables of the simulated series: every contender and the detector, outbreaks found, delays and false alarms."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.detection.series.detector import QUIET, Sides
from alerts.detection.series.memory import Flags, Floats
from scripts.detection.alarms import Watched, alarms, scores, watch
from scripts.detection.contenders import roster
from scripts.detection.office import Heard, Told, hear, office
from scripts.detection.simulate import FOUND_WITHIN, MORE, PLAIN, SIZES, STEP, Kind, Scenario, Simulated, simulate
from scripts.detection.trials import Outcome, calibrated, judged_weeks, outcome, restricted
from tests.bench.sheets import Aim, Cell, Sheet

NEW, NEW_SHARE, NEW_BUDGET, NEW_TWO_HOURS = "new", "new, own scaled", "new, budget", "new, budget, 2 h"
BETWEEN = timedelta(hours=2) // STEP  # quiet steps before another alarm, for everybody: as in the trials
ONCE, QUARTER = 1.0, 0.25  # false alarms a topic-week
COMMON, ALL = "twenty scenarios", "all scenarios"
GROUPS = {COMMON: PLAIN, ALL: [*PLAIN, *MORE]}

Runs = Sequence[Simulated]


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is simulated: quiet series a scenario, series a scenario and size, throws of an office; what kinds are
    left out; the budgets tried."""

    quiet: int = 12
    with_outbreaks: int = 3
    throws: int = 10
    without: tuple[Kind, ...] = ()
    budgets: tuple[float, ...] = (2.0, 1.0, 0.5, 0.25, 0.1)

    def runs(self) -> list[Simulated]:
        """Makes the series."""
        scenarios = [one for one in [*PLAIN, *MORE] if one.kind not in self.without]
        return list(simulate(scenarios, quiet=self.quiet, with_outbreaks=self.with_outbreaks))


@dataclass(slots=True)
class Found:
    """What everybody found, by name: outcomes by group and false alarms allowed, and by kind at one a week."""

    outcomes: dict[str, dict[tuple[str, float], Outcome]] = field(default_factory=dict)
    kinds: dict[str, dict[Kind, Outcome]] = field(default_factory=dict)


def contest(runs: Runs) -> Found:
    """Lets everybody judge the same series."""
    found = Found()
    for name, make in roster().items():
        _note(found, name, runs, [scores(make(run.counts.shape[1], STEP), run.moments, run.counts) for run in runs])
    watched = [watched_run(run) for run in runs]
    _note(found, NEW_SHARE, runs, [one.share for one in watched])
    _note(found, NEW, runs, [one.score for one in watched])
    crossings = [alarms(one.crossed, BETWEEN) for one in watched]
    for name, told in ((NEW_TWO_HOURS, crossings), (NEW_BUDGET, [one.alert for one in watched])):
        raised = judged_weeks(runs, told)
        found.outcomes[name] = {
            (group, ONCE): outcome(*_of(runs, raised, scenarios)) for group, scenarios in GROUPS.items()
        }
        found.kinds[name] = _by_kind(runs, raised)
    return found


def watched_run(run: Simulated, budget: float = 1.0) -> Watched:
    """Runs the detector over a run, each series with the same budget."""
    return watch(run.moments, run.counts, np.full(run.counts.shape[1], budget), step=STEP, sides=Sides.RISE)


def _note(found: Found, name: str, runs: Runs, told: Sequence[Floats]) -> None:
    told = judged_weeks(runs, told)
    found.outcomes[name] = {
        (group, allowed): calibrated(*_of(runs, told, scenarios), allowed, BETWEEN)
        for group, scenarios in GROUPS.items()
        for allowed in (ONCE, QUARTER)
    }
    threshold = found.outcomes[name][ALL, ONCE].threshold
    found.kinds[name] = _by_kind(runs, [alarms(one >= threshold, BETWEEN) for one in told])


def _by_kind(runs: Runs, raised: Sequence[Flags]) -> dict[Kind, Outcome]:
    known = {owner.kind for run in runs for owner in run.scenarios}
    return {
        kind: outcome(*_of(runs, raised, [one for one in GROUPS[ALL] if one.kind is kind]))
        for kind in Kind
        if kind in known
    }


def _of(runs: Runs, told: Sequence[NDArray[Any]], scenarios: Sequence[Scenario]) -> tuple[Runs, list[NDArray[Any]]]:
    cut = [restricted(run, one, scenarios) for run, one in zip(runs, told, strict=True)]
    cut = [one for one in cut if one[0].scenarios]
    return [run for run, _ in cut], [one for _, one in cut]


def simulated_sheets(found: Found) -> Iterator[Sheet]:
    """Lays the outcomes out: a sheet a group, then two by kind."""
    for group in GROUPS:
        sheet = Sheet(
            f"detection, {group}", f"outbreaks in simulated topics, {group}: POD within 2 h, minutes, false alarms"
        )
        for name, outcomes in found.outcomes.items():
            sheet.rows[name] = _row(outcomes[group, ONCE], outcomes.get((group, QUARTER)))
        sheet.notes.append(
            "one threshold for all topics of a row, chosen on quiet series for 1 (and 1/4) false alarm a topic-week, an"
            " alarm = crossing after 2 quiet hours"
        )
        sheet.notes.append(
            f"{NEW}: one threshold on its deviations; {NEW_SHARE}: one on their share of the topic's own threshold;"
            f" {NEW_TWO_HOURS} and {NEW_BUDGET}: no such threshold but its own for a budget of 1, the latter after 12 h"
        )
        if group == ALL:
            sheet.aims += _aims(found.outcomes[NEW][group, ONCE], found.outcomes[NEW][group, QUARTER])
        yield sheet
    told: list[tuple[str, str, Callable[[Outcome], float]]] = [
        (
            "false alarms",
            "false alarms a topic-week by kind of topic, at the threshold of all",
            lambda one: one.false_alarms,
        ),
        (
            "found",
            "outbreaks of ten deviations found by kind of topic, at the same threshold",
            lambda one: one.found[10],
        ),
    ]
    for key, title, cell in told:
        rows = {name: {str(kind): cell(one) for kind, one in kinds.items()} for name, kinds in found.kinds.items()}
        yield Sheet(f"detection, {key} by kind", title, dict(rows))


def _row(once: Outcome, quarter: Outcome | None) -> dict[str, Cell]:
    row: dict[str, Cell] = {"false": once.false_alarms, "worst": once.worst}
    row |= {f"POD {size}": once.found[size] for size in SIZES}
    row |= minutes(once)
    if quarter is not None:
        row |= {f"¼ POD {size}": quarter.found[size] for size in (10, 20)}
        row["¼ worst"] = quarter.worst
    return {column: round(cell, 2) if isinstance(cell, float) else cell for column, cell in row.items()}


def minutes(judged: Outcome) -> dict[str, Cell]:
    """Lays out the median minutes until outbreaks of ten and twenty deviations were found."""
    known = {size: judged.delay[size] for size in (10, 20)}
    return {f"min {size}": "-" if delay is None else delay for size, delay in known.items()}


def _aims(once: Outcome, quarter: Outcome) -> list[Aim]:
    never = FOUND_WITHIN / timedelta(minutes=1)
    return [
        Aim("outbreaks of 10 deviations at one false alarm a topic-week", 0.65, once.found[10], "found"),
        Aim("outbreaks of 20 deviations", 0.90, once.found[20], "found"),
        Aim("median delay of 10 deviations", 25, once.delay[10] or never, "minutes", at_most=True),
        Aim("median delay of 20 deviations", 25, once.delay[20] or never, "minutes", at_most=True),
        Aim("false alarms of the worst scenario", 2, once.worst, "a week", at_most=True),
        Aim("outbreaks of 10 deviations at a quarter", 0.36, quarter.found[10], "found"),
        Aim("outbreaks of 20 deviations at a quarter", 0.80, quarter.found[20], "found"),
    ]


def office_sheet(throws: int, found: Found) -> Sheet:
    """Plays the office's weeks to everybody: contenders with their threshold of the simulation, the detector with 1."""
    weeks, between = office(throws), QUIET // STEP
    sheet = Sheet(
        "detection, office",
        "eight weeks of an office: alarms without a reason a topic (bill days, holiday, other), waves told, hours",
    )
    for name, make in roster().items():
        told = scores(make(weeks.counts.shape[1], STEP), weeks.moments, weeks.counts)
        threshold = found.outcomes[name][COMMON, ONCE].threshold
        sheet.rows[name] = _heard(hear(weeks, alarms(told >= threshold, between)))
    watched = watch(weeks.moments, weeks.counts, np.ones(weeks.counts.shape[1]), step=STEP, sides=Sides.RISE)
    heard = hear(weeks, watched.alert)
    sheet.rows[NEW_BUDGET] = _heard(heard)
    every = [delay for delays in heard.delays.values() for delay in delays]
    sheet.aims += [
        Aim("alarms on the ordinary, a topic in eight weeks", 0, sum(heard.ordinary.values()), "alarms", at_most=True),
        Aim("waves of an office told in time", 1, sum(one is not None for one in every) / len(every), "of them"),
    ]
    sheet.notes.append(
        "an alarm = crossing after 12 quiet hours; contenders at their threshold of the twenty scenarios"
    )
    return sheet


def _heard(heard: Heard) -> dict[str, Cell]:
    row: dict[str, Cell] = {str(day): alarms for day, alarms in heard.ordinary.items()}
    for told in Told:
        known = [delay for delay in heard.delays[told] if delay is not None]
        row[told] = f"{len(known)}/{len(heard.delays[told])}"
        row[f"{told} h"] = median(known) if known else "-"
    return row
