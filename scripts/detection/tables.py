"""Everything that is measured of the detector, as tables: `make bench ONLY=detection DATA=folder-of-series`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from alerts.detection.series.detector import Sides
from alerts.detection.series.memory import Flags
from scripts.detection.benchmark import worth
from scripts.detection.scale import Cost, cost
from scripts.detection.series import LABELS, RealSeries, read_series
from scripts.detection.series_tables import series_sheets, watched_series
from scripts.detection.simulate import STEP, TEST, TRAIN, Simulated
from scripts.detection.simulated_tables import Amount, contest, minutes, office_sheet, simulated_sheets, watched_run
from scripts.detection.trials import judged_weeks, outcome
from tests.bench.sheets import Aim, Cell, Sheet, apart

MOST_SECONDS, TOPICS, STEPS = 10.0, 10_000, 288


def sheets(folder: Path | None, amount: Amount, topics: Sequence[int]) -> Iterator[Sheet]:
    """Measures on the real series of `folder`, on simulated ones, an office's weeks, and many topics at once."""
    group = read_series(folder) if folder else []
    if group:
        yield from series_sheets(group)
    else:
        why = {"why": f"DATA names no folder with a {LABELS}"}
        yield Sheet("detection, series", "real series with labelled windows", {"left out": why})
    runs = amount.runs()
    found = contest(runs)
    yield from simulated_sheets(found)
    yield office_sheet(amount.throws, found)
    yield budget_sheet(group, runs, amount.budgets)
    yield scale_sheet(topics)


def series_folder(files: Sequence[Path]) -> Path | None:
    """Finds the folder of series among the paths that were named."""
    return next((path for path in files if (path / LABELS).is_file()), None)


def budget_sheet(group: Sequence[RealSeries], runs: Sequence[Simulated], budgets: Sequence[float]) -> Sheet:
    """Shows what a quieter budget costs: in windows and outbreaks missed, and in minutes."""
    sheet = Sheet("detection, budgets", "what a budget means, 12 quiet hours before another alarm")
    seen = [watched_series(one, budgets, Sides.BOTH).alert for one in group]
    for number, budget in enumerate(budgets):
        simulated = outcome(runs, judged_weeks(runs, [watched_run(run, budget).alert for run in runs]))
        sheet.rows[f"{budget:g} a week"] = {
            **_real(group, [one[:, number] for one in seen]),
            "simulated: a week": simulated.false_alarms,
            "worst": simulated.worst,
            **{f"POD {size}": simulated.found[size] for size in (10, 20)},
            **minutes(simulated),
        }
    sheet.notes.append(
        f"simulated: all scenarios, {TRAIN} days learnt from, {TEST} tested, an outbreak on each of them"
    )
    return sheet


def _real(group: Sequence[RealSeries], raised: Sequence[Flags]) -> dict[str, Cell]:
    if not group:
        return {}
    reached = worth(group, raised)
    return {"series: a week": reached.weekly, "windows": float(reached.found), "standard": reached.scores["standard"]}


def scale_sheet(topics: Sequence[int]) -> Sheet:
    """Measures a step of many topics, each number in a process of its own."""
    sheet = Sheet("detection, scale", f"one step of {STEP.seconds // 60} minutes for many topics, one core")
    costs: list[Cost] = [apart(cost, number, STEPS if number <= TOPICS else STEPS // 8) for number in topics]
    for one in costs:
        sheet.rows[f"{one.topics:,} topics"] = {
            "seconds": one.step_seconds,
            "slowest": one.slowest_seconds,
            "MB after one": one.memory_before,
            "MB at the end": one.memory_after,
            "times the first": one.step_seconds / costs[0].step_seconds,
        }
        if one.topics == TOPICS:
            sheet.aims += [
                Aim(f"a step of {TOPICS:,} topics", MOST_SECONDS, one.slowest_seconds, "seconds", at_most=True),
                Aim(f"memory grown over {STEPS} steps", 10, one.memory_after - one.memory_before, "MB", at_most=True),
            ]
    sheet.notes.append("the work grows with the topics alone; a hundred thousand no longer fit the processor's cache")
    return sheet
