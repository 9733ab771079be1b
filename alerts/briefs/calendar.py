"""Which briefs are due: the newest time of each that has come, by Beijing's clock and the office's calendar. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from alerts.briefs.policy import WEEKDAYS, BriefKind, BriefsConfig, clock
from stream.process.clock import SHANGHAI, local_time

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LONGEST_BREAK = 16  # days without work in a row that a calendar may hold, and some more
FIRST_LATE = timedelta(hours=2)  # an installation that never sent one does not begin with that of hours ago


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefSlot:
    """A brief at its time: what is told of lies in [since, until), `people` are who gets it."""

    kind: BriefKind
    at: datetime
    since: datetime
    until: datetime
    people: tuple[str, ...]

    @property
    def day(self) -> str:
        """What it is known by among those of its kind: its time in Beijing."""
        return local_time(self.at)


def due(
    config: BriefsConfig, sent: Mapping[BriefKind, str], now: datetime, is_working_day: Callable[[date], bool]
) -> list[BriefSlot]:
    """Lists the briefs to be sent now. `sent` has the newest `BriefSlot.day` of each kind.

    One that was missed is sent late; of several of a kind only the newest is. A clock set back sends none twice.
    """
    return [one for one in _newest(config, now, is_working_day) if _is_due(one, sent.get(one.kind), now)]


def _is_due(slot: BriefSlot, last: str | None, now: datetime) -> bool:
    return now - slot.at < FIRST_LATE if last is None else slot.day > last


def _newest(config: BriefsConfig, now: datetime, is_working_day: Callable[[date], bool]) -> Iterator[BriefSlot]:
    today = now.astimezone(SHANGHAI).date()
    if (daily := config.daily) is not None:
        works = is_working_day if daily.days == "workdays" else _always
        days = [day for day in _back(today, 2 * LONGEST_BREAK) if works(day)]
        come = [day for day in days if _moment(day, daily.at) <= now]
        if len(come) > 1:
            yield BriefSlot(
                kind=BriefKind.DAILY, at=_moment(come[0], daily.at), since=_moment(come[1], "00:00"),
                until=_moment(come[0], "00:00"), people=daily.people,
            )  # fmt: skip
    if (weekly := config.weekly) is not None:
        name, _, at = weekly.at.partition(" ")
        days = [day for day in _back(today, 8) if day.weekday() == WEEKDAYS.index(name)]
        day = next(day for day in days if _moment(day, at) <= now)
        until = _moment(day, "00:00")
        yield BriefSlot(
            kind=BriefKind.WEEKLY, at=_moment(day, at), since=until - WEEK, until=until, people=weekly.people
        )
    if (handover := config.handover) is not None:
        times = sorted((_moment(day, at) for day in _back(today, 3) for at in handover.at), reverse=True)
        come_at = [moment for moment in times if moment <= now]
        yield BriefSlot(
            kind=BriefKind.HANDOVER, at=come_at[0], since=come_at[1], until=come_at[0], people=handover.people
        )


def _always(_day: date) -> bool:
    return True


def _back(today: date, number: int) -> list[date]:
    return [today - timedelta(days=ago) for ago in range(number)]


def _moment(day: date, at: str) -> datetime:
    return datetime.combine(day, clock(at), SHANGHAI).astimezone(UTC)
