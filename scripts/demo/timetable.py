"""When the demo's rounds are: six weeks in one, then as often as the story needs."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from scripts.demo.story import MONDAY
from stream.process.clock import SHANGHAI

DAY = timedelta(days=1)
Span = tuple[str, str, int]  # from, to, and minutes between two rounds
EVENING: tuple[Span, ...] = (("21:00", "21:00", 60),)
MORNING: tuple[Span, ...] = (("08:00", "11:30", 30),)
FIRST_WAVE: tuple[Span, ...] = (
    ("09:00", "13:00", 240), ("14:00", "14:45", 5), ("14:50", "15:10", 10), ("15:15", "15:25", 10),
    ("15:40", "17:00", 20), ("17:15", "17:45", 15), ("18:00", "18:00", 60), ("20:00", "20:00", 60),
)  # fmt: skip
SECOND_WAVE: tuple[Span, ...] = (
    ("08:00", "08:00", 60), ("10:40", "11:15", 5), ("11:25", "11:45", 20), ("12:00", "13:00", 60),
    ("20:00", "20:00", 60),
)  # fmt: skip
COMPLAINT: tuple[Span, ...] = (
    ("08:00", "08:00", 60), ("10:00", "10:00", 60), ("15:05", "15:20", 5), ("16:00", "16:00", 60),
    ("20:30", "20:30", 60),
)  # fmt: skip
RETURN: tuple[Span, ...] = (
    ("08:05", "08:20", 15), ("08:45", "09:00", 15), ("10:05", "10:15", 5), ("11:00", "11:00", 60),
    ("20:00", "20:00", 60),
)  # fmt: skip
MORNING_AFTER: tuple[Span, ...] = (("08:00", "09:00", 60),)


def archive() -> list[datetime]:
    """One round, on the evening before the Monday: six weeks of posts at once."""
    return _every(MONDAY - DAY, EVENING)


def ordinary_monday() -> list[datetime]:
    """Its morning, every half an hour."""
    return _every(MONDAY, MORNING)


def last_days() -> list[datetime]:
    """The days of the story: every five minutes while something ferments, and the mornings after."""
    days = (EVENING, FIRST_WAVE, SECOND_WAVE, COMPLAINT, RETURN, MORNING_AFTER)
    return [moment for number, spans in enumerate(days) for moment in _every(MONDAY + number * DAY, spans)]


def _every(midnight: datetime, spans: Sequence[Span]) -> list[datetime]:
    moments = []
    for since, until, minutes in spans:
        at, end = (datetime.combine(midnight, time.fromisoformat(edge), SHANGHAI) for edge in (since, until))
        while at <= end:
            moments.append(at)
            at += timedelta(minutes=minutes)
    return moments
