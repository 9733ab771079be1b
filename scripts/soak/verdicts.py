"""What a soak's measurements amount to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import linear_regression, median, quantiles

FOUND_WITHIN = 10.0  # seconds from fetched to searchable, for 99 of 100 probes
TOLD_WITHIN = 60.0  # seconds from the spike to a letter that the mail server took
SLACK_SHARE, SLACK_MB = 0.05, 10.0  # growth of memory over the second half that is not called growth
SLACK_HANDLES = 5
BACKLOG = 10.0  # seconds of posts that may lie before a stage
FED_SHARE = 0.95

Series = Sequence[tuple[float, float]]
"""Points of (seconds since the start, value)."""


@dataclass(slots=True)
class Measured:
    """What was seen. Memory in MB, times in seconds since the start, delays in seconds."""

    rate: int
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    handles: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    lag: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    delays: list[tuple[float, float]] = field(default_factory=list)
    fed: list[tuple[float, float]] = field(default_factory=list)
    probes: int = 0
    planted: float | None = None
    told: float | None = None
    died: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that must hold, and what was measured."""

    what: str
    good: bool
    measured: str
    limit: str


def verdicts(seen: Measured, judged: Sequence[str]) -> list[Verdict]:
    """All of them; memory and handles of the processes `judged`."""
    return [
        *(_memory(name, seen.memory.get(name, ())) for name in judged),
        *(_handles(name, seen.handles.get(name, ())) for name in judged),
        *(_lag(name, points, seen.rate) for name, points in seen.lag.items()),
        _found(seen),
        _told(seen),
        _fed(seen),
        Verdict("every stage lived", not seen.died, ", ".join(seen.died) or "all", "all"),
    ]


def second_half(points: Series) -> Series:
    """What came after the start, when everything was filling up."""
    return [point for point in points if points and point[0] >= (points[0][0] + points[-1][0]) / 2]


def growth(points: Series) -> float:
    """How much a line through the points rises from the first to the last."""
    if len(points) < 3:
        return 0.0
    line = linear_regression([at for at, _ in points], [value for _, value in points])
    return float(line.slope) * (points[-1][0] - points[0][0])


def p99(values: Sequence[float]) -> float:
    """The 99th percentile; the largest of a few."""
    return quantiles(values, n=100, method="inclusive")[-1] if len(values) > 1 else max(values, default=float("inf"))


def _memory(name: str, points: Series) -> Verdict:
    late = second_half(points)
    usual = median(value for _, value in late) if late else 0.0
    limit, grown = max(SLACK_MB, SLACK_SHARE * usual), growth(late)
    measured = f"{usual:.0f} MB, {grown:+.1f} MB in the second half"
    return Verdict(f"memory of {name}", bool(late) and grown <= limit, measured, f"+{limit:.0f} MB")


def _handles(name: str, points: Series) -> Verdict:
    late = second_half(points)
    grown = growth(late)
    most = max((value for _, value in points), default=0.0)
    measured = f"at most {most:.0f}, {grown:+.1f} in the second half"
    return Verdict(f"file handles of {name}", bool(late) and grown <= SLACK_HANDLES, measured, f"+{SLACK_HANDLES}")


def _lag(name: str, points: Series, rate: int) -> Verdict:
    late = second_half(points)
    most, limit = max((value for _, value in late), default=float("inf")), BACKLOG * rate
    return Verdict(f"records before {name}", most <= limit, f"at most {most:,.0f} in the second half", f"{limit:,.0f}")


def _found(seen: Measured) -> Verdict:
    high, lost = p99([delay for _, delay in seen.delays]), seen.probes - len(seen.delays)
    measured = f"p99 {high:.1f} s of {len(seen.delays)} probes, {lost} never found"
    return Verdict(
        "from fetched to searchable", high < FOUND_WITHIN and lost == 0, measured, f"{FOUND_WITHIN:.0f} s, 0"
    )


def _told(seen: Measured) -> Verdict:
    took = seen.told - seen.planted if seen.told is not None and seen.planted is not None else None
    measured = f"{took:.1f} s" if took is not None else "no letter"
    return Verdict("from spike to letter", took is not None and took < TOLD_WITHIN, measured, f"{TOLD_WITHIN:.0f} s")


def _fed(seen: Measured) -> Verdict:
    span = seen.fed[-1][0] - seen.fed[0][0] + 1 if seen.fed else 1.0
    rate = sum(posts for _, posts in seen.fed) / span
    return Verdict("posts fed a second", rate >= FED_SHARE * seen.rate, f"{rate:.0f}", f"{seen.rate}")


def as_rows(found: Sequence[Verdict]) -> list[Mapping[str, object]]:
    """For JSON."""
    return [{"what": one.what, "good": one.good, "measured": one.measured, "limit": one.limit} for one in found]
