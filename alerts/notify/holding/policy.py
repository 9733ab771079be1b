"""What alerts.yml says about the ways of letters: routes by topic, grade and hour; what inhibits what. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from alerts.notify.contents.notice import Colour
from alerts.people.hours import DayTime, within
from stream.process.clock import SHANGHAI
from stream.process.configuration import STRICT

Workday = Callable[[date], bool]


def _split(raw: object) -> object:
    """Reads "08:00-20:00" as its two ends."""
    return tuple(part.strip() for part in raw.split("-")) if isinstance(raw, str) else raw


Span = Annotated[tuple[DayTime, DayTime], BeforeValidator(_split)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RouteRule:
    """A row of `routes`: letters that fit all it names go by `channels`, in that order. What it leaves out fits."""

    channels: Annotated[tuple[str, ...], Field(min_length=1)]
    topics: tuple[str, ...] = ()
    grades: tuple[Colour, ...] = ()
    hours: Span | None = None
    days: Literal["workdays", "holidays"] | None = None

    def fits(self, topic: str, colour: Colour | None, at: datetime, is_workday: Workday) -> bool:
        """Tells whether a letter of that moment goes by this row; what has no grade fits rows that name none."""
        if (self.topics and topic not in self.topics) or (self.grades and colour not in self.grades):
            return False
        if self.hours is not None and not within(*self.hours, at):
            return False
        return self.days is None or is_workday(at.astimezone(SHANGHAI).date()) == (self.days == "workdays")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Inhibition:
    """While a case of grade `source` is open, updates of `target` ones of the same owner or topic are summed up."""

    source: Colour
    target: Annotated[tuple[Colour, ...], Field(min_length=1)]
    same: Literal["topic", "owner"] = "owner"


def wrong_rules(
    routes: tuple[RouteRule, ...], inhibits: tuple[Inhibition, ...], channels: Mapping[str, object]
) -> Iterator[str]:
    """Yields what rows say that cannot be meant, each with its key."""
    for place, row in enumerate(routes):
        for name in row.channels:
            if name not in channels:
                yield f"routes.{place}.channels: no channel {name!r}; known: {', '.join(channels)}"
    for place, one in enumerate(inhibits):
        if Colour.RED in one.target:
            yield f"inhibits.{place}.target: red is never held: take it out"
        if one.source in one.target:
            yield f"inhibits.{place}: {one.source} cannot inhibit itself: take it out of target"


def unknown_topics(routes: tuple[RouteRule, ...], topics: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yields topics of routes that topics.yml does not know: the key, and what is wrong there."""
    for place, row in enumerate(routes):
        for topic in row.topics:
            if topic not in topics:
                yield f"routes.{place}.topics", f"topics.yml has no topic {topic!r}"
