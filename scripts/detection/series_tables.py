"""Tables of the real series: everybody on the benchmark's scale, and alarms a week before and after."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import numpy as np

from alerts.detection.series.detector import QUIET, Sides
from alerts.detection.series.memory import Floats
from scripts.detection.alarms import Watched, alarms, scores, watch
from scripts.detection.benchmark import Worth, best, by_budget, worth
from scripts.detection.contenders import SHIPPED, roster
from scripts.detection.nab import PROFILES
from scripts.detection.series import RealSeries
from scripts.detection.shipped import Shipped
from tests.bench.sheets import Aim, Cell, Sheet

NEW, NEW_RISES = "new, budget", "new, budget, rises"
SHORT = timedelta(hours=2)  # before another alarm, as 0.1 was measured
WANTED = {"standard": 78.0, "low FP": 70.0, "low FN": 84.0}
MOST_WEEKLY = 1.5


def series_sheets(group: Sequence[RealSeries]) -> Iterator[Sheet]:
    """Lets everybody judge the series."""
    watched = [watched_series(one, (1.0,), Sides.BOTH) for one in group]
    yield scale_of_the_benchmark(group, watched)
    yield before_and_after(group, watched)


def watched_series(one: RealSeries, budgets: Sequence[float], sides: Sides) -> Watched:
    """Runs the detector over one series, a column a budget."""
    counts = np.repeat(one.counts[:, None], len(budgets), axis=1)
    return watch(one.moments, counts, np.array(budgets), step=one.step, sides=sides)


def scale_of_the_benchmark(group: Sequence[RealSeries], watched: Sequence[Watched]) -> Sheet:
    """Scores everybody: with the threshold that suits best, and with the budget alone."""
    windows = sum(len(one.windows) for one in group)
    sheet = Sheet("detection, series", f"{len(group)} real series, {windows} labelled windows: score of the benchmark")
    for name, make in roster().items():
        told = [scores(make(1, one.step), one.moments, one.counts[:, None])[:, 0] for one in group]
        sheet.rows[name] = _row(group, told, by_budget(group, told, 1.0, QUIET))
    rises = [watched_series(one, (1.0,), Sides.RISE) for one in group]
    for name, seen in ((NEW_RISES, rises), (NEW, watched)):
        reached = worth(group, [one.alert[:, 0] for one in seen])
        sheet.rows[name] = _row(group, [one.score[:, 0] for one in seen], reached)
    sheet.aims += [
        *(Aim(f"benchmark's scale, {name}", WANTED[name], reached.scores[name], "points") for name in PROFILES),
        Aim("labelled windows found", windows, reached.found, "windows"),
        Aim("alarms a series and week", MOST_WEEKLY, reached.weekly, "alarms", at_most=True),
    ]
    sheet.notes += [
        "best: the one threshold for all series that scores highest, chosen with the labels as the benchmark does, an"
        " alarm = crossing after 12 quiet hours (2 h in the column that says so)",
        "standard to a week: without labels, 12 quiet hours; contenders by the one threshold that keeps to 1 alarm a"
        " series and week in the first four weeks, the new one by its own budget of 1",
        "contenders tell rises alone, as they were published",
    ]
    return sheet


def before_and_after(group: Sequence[RealSeries], watched: Sequence[Watched]) -> Sheet:
    """Counts alarms a week on each series, of 0.1 with its own thresholds and of the detector with a budget of 1."""
    sheet = Sheet("detection, before and after", f"alarms a week on each series: {SHIPPED} as it was, and the new one")
    for one, seen in zip(group, watched, strict=True):
        told = scores(Shipped(1, one.step, held=True), one.moments, one.counts[:, None])
        before = alarms(told >= 1, SHORT // one.step)
        reached, earlier = worth([one], [seen.alert[:, 0]]), worth([one], [before[:, 0]])
        sheet.rows[one.name] = {
            "0.1": float(before.sum()) / one.weeks,
            "new": float(seen.alert.sum()) / one.weeks,
            "windows": float(len(one.windows)),
            "found by 0.1": float(earlier.found),
            "found by new": float(reached.found),
            "standard, 0.1": earlier.scores["standard"],
            "standard, new": reached.scores["standard"],
        }
    sheet.notes.append("0.1 wrote again after 2 quiet hours, the new one after 12; the first days count in both")
    return sheet


def _row(group: Sequence[RealSeries], told: Sequence[Floats], reached: Worth) -> Mapping[str, Cell]:
    tuned: dict[str, Cell] = {f"best {profile}": points for profile, points in best(group, told, QUIET).items()}
    tuned["best, 2 h"] = best(group, told, SHORT)["standard"]
    return {**tuned, **reached.scores, "found": float(reached.found), "a week": reached.weekly}
