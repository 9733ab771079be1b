"""The numbers of a panel by its description alone, over plain documents: no Lens, no engine, nothing shared with them.

What the two ways share is the reading of KQL.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

from scripts.kibana.description import Bucket, Panel, Value
from stream.messages import wire_time
from tests.scripts.kibana.aggregations import INTERVALS, Range, Row
from tests.scripts.kibana.kql import holds, read

Document = Mapping[str, Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
_PLAIN: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": sum, "average": mean, "median": median, "min": min, "max": max, "unique_count": lambda all_: len(set(all_)),
}  # fmt: skip


def flat(told: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A document with full names of fields, without what is null."""
    found: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            found |= flat(value, f"{before}{name}.")
        elif value is not None:
            found[before + name] = list(value) if isinstance(value, tuple | list) else value
    return found


class Reckoner:
    """All documents of a view, its clock, the dashboard's time and the moment at which it is looked at."""

    def __init__(self, documents: Sequence[Document], clock: str, time: Range, now: datetime) -> None:
        self._documents = documents
        self._clock = clock
        self._time = time
        self._now = wire_time(now)

    def rows(self, panel: Panel) -> list[Row]:
        """What the panel shows, the largest first where a group is cut to its top."""
        groups = self._grouped(self._within(panel, 0), panel.by)
        return [
            (key, tuple(self._number(panel, value, key, some) for value in panel.values))
            for key, some in groups.items()
        ]

    def _within(self, panel: Panel, weeks: int) -> list[Document]:
        since, until = (wire_time(moment - timedelta(weeks=weeks)) for moment in (self._time.since, self._time.until))
        wanted = read(panel.where)
        return [one for one in self._documents if since <= one[self._clock] < until and holds(wanted, one, self._now)]

    def _grouped(self, some: Sequence[Document], by: tuple[Bucket, ...]) -> dict[tuple[Any, ...], list[Document]]:
        groups: dict[tuple[Any, ...], list[Document]] = {(): list(some)} if not by else {}
        for one in some if by else ():
            for key in self._keys(one, by):
                groups.setdefault(key, []).append(one)
        return groups

    def _keys(self, one: Document, by: tuple[Bucket, ...]) -> Iterator[tuple[Any, ...]]:
        if not by:
            yield ()
            return
        held = one.get(by[0].field)
        values = held if isinstance(held, list) else [] if held is None else [held]
        for value in dict.fromkeys(values):
            key = self._slot(value, by[0].every) if by[0].every else value
            yield from ((key, *rest) for rest in self._keys(one, by[1:]))

    def _slot(self, value: str, every: str) -> int:
        """The beginning of the step, in milliseconds; weeks begin on Monday, all in Shanghai."""
        moment = datetime.fromisoformat(value).astimezone(SHANGHAI)
        step = INTERVALS[self._time.auto if every == "auto" else every]
        if step == timedelta(weeks=1):
            moment = moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=moment.weekday())
        else:
            beginning = datetime(2000, 1, 1, tzinfo=SHANGHAI)
            moment = beginning + (moment - beginning) // step * step
        return int(moment.astimezone(UTC).timestamp() * 1000)

    def _number(self, panel: Panel, value: Value, key: tuple[Any, ...], some: list[Document]) -> Any:
        match value.op:
            case "share":
                among = len(self._fitting(some, value.among))
                return len(self._fitting(some, value.where)) / among if among else None
            case "against_earlier":
                earlier = self._then(panel, value, key, value.weeks_ago or 0)
                return len(self._fitting(some, value.where)) / earlier if earlier else None
            case "lowest" | "highest":
                counts = [self._then(panel, value, key, week) for week in range(1, (value.weeks_ago or 0) + 1)]
                return min(counts) if value.op == "lowest" else max(counts)
            case "count":
                return (
                    self._then(panel, value, key, value.weeks_ago)
                    if value.weeks_ago
                    else len(self._fitting(some, value.where))
                )
        assert value.field is not None
        held = [one for one in self._fitting(some, value.where) if value.field in one]
        if not held:
            return None
        if value.op == "last_value":
            return max(held, key=lambda one: str(one[value.by or self._clock]))[value.field]
        numbers = [_comparable(one[value.field]) for one in held]
        return _PLAIN[value.op](numbers)

    def _then(self, panel: Panel, value: Value, key: tuple[Any, ...], weeks: int) -> int:
        """The count in the same group so many weeks before."""
        earlier = weeks * 7 * 86_400_000
        moved = tuple(part - earlier if bucket.every else part for part, bucket in zip(key, panel.by, strict=True))
        then = self._grouped(self._within(panel, weeks), panel.by).get(moved, [])
        return len(self._fitting(then, value.where))

    def _fitting(self, some: Sequence[Document], where: str) -> list[Document]:
        wanted = read(where)
        return [one for one in some if holds(wanted, one, self._now)]


def _comparable(value: Any) -> Any:
    """Times as the engine answers them: milliseconds."""
    if isinstance(value, str) and value[10:11] == "T":
        return datetime.fromisoformat(value).timestamp() * 1000
    return value
