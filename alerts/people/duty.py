"""Who of a desk is called at a moment: shifts by hour and day, leave and stand-ins. Pure.

A gap never leaves a desk silent: where nobody is on duty, everybody of the desk who is there is called; where nobody
is there, everybody.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise, product

from alerts.people.directory import Desk, Person
from alerts.people.shifts import MINUTES, WEEKDAYS, Days, Shift, clock
from stream.calendar import WorkCalendar
from stream.process.clock import SHANGHAI

_NAMES = {Days.WORKDAYS: "a working day", Days.RESTDAYS: "a day off", Days.HOLIDAYS: "a holiday"}


def on_duty(desk: Desk, people: Mapping[str, Person], moment: datetime, calendar: WorkCalendar) -> tuple[str, ...]:
    """Lists the keys of those whom a letter to the desk goes to at an aware moment, in order of the shifts."""
    local = moment.astimezone(SHANGHAI)
    day, minute = local.date(), local.hour * 60 + local.minute
    today, before = _kinds(day, calendar), _kinds(day - timedelta(days=1), calendar)
    called = [key for shift in desk.duty if _covers(shift, minute, today, before) for key in shift.people]
    return _there(called, people, day) or _there(desk.people, people, day) or desk.people


def members(desk: Desk, people: Mapping[str, Person], moment: datetime) -> frozenset[str]:
    """Finds the keys of all who may act for the desk: its people, and who stands in for one of them that day."""
    day = moment.astimezone(SHANGHAI).date()
    return frozenset(desk.people) | frozenset(_there(desk.people, people, day))


def duty_mistakes(desks: Mapping[str, Desk], people: Mapping[str, Person]) -> Iterator[str]:
    """Yields what is wrong with shifts and leave: strangers, who is not of the desk, hours without anybody."""
    for key, person in people.items():
        for away in person.away:
            if away.stand_in is not None and away.stand_in not in people:
                yield f"people.{key}.away: nobody is called {away.stand_in!r} in people"
            elif away.stand_in == key:
                yield f"people.{key}.away: stands in for themselves"
    for name, desk in desks.items():
        strangers = sorted({key for shift in desk.duty for key in shift.people} - set(desk.people))
        yield from (f"desks.{name}.duty: {key} is not among the people of this desk" for key in strangers)
        gap = _gap(desk.duty)
        if gap:
            yield f"desks.{name}.duty: nobody is called {gap}"


def _covers(shift: Shift, minute: int, today: frozenset[Days], before: frozenset[Days]) -> bool:
    """Tells whether the shift runs at a minute of a day of these kinds, after a day of those."""
    if not shift.over_midnight:
        return bool(shift.kinds & today) and shift.start <= minute < shift.until
    return bool(shift.kinds & today and minute >= shift.start) or bool(shift.kinds & before and minute < shift.until)


def _there(keys: Iterable[str], people: Mapping[str, Person], day: date) -> tuple[str, ...]:
    """Puts who stands in for whoever is away; leaves out those for whom nobody does."""
    found = (_present(key, people, day) for key in keys)
    return tuple(dict.fromkeys(key for key in found if key is not None))


def _present(key: str, people: Mapping[str, Person], day: date) -> str | None:
    asked: set[str] = set()
    current: str | None = key
    while current is not None and current in people and current not in asked:
        asked.add(current)
        away = next((one for one in people[current].away if one.first <= day <= one.last), None)
        if away is None:
            return current
        current = away.stand_in
    return None


def _kinds(day: date, calendar: WorkCalendar) -> frozenset[Days]:
    if calendar.is_working_day(day):
        return _of(day.weekday(), Days.WORKDAYS)
    return _of(day.weekday(), Days.HOLIDAYS if calendar.is_holiday(day) else Days.RESTDAYS)


def _of(weekday: int, kind: Days) -> frozenset[Days]:
    also = {Days.RESTDAYS} if kind is Days.HOLIDAYS else set[Days]()
    return frozenset({Days.ALL, WEEKDAYS[weekday], kind} | also)


def _gap(shifts: tuple[Shift, ...]) -> str:
    """Finds hours without anybody, whatever days follow one another; "" for none, and for a desk without shifts."""
    edges = sorted({0, MINUTES, *(edge for shift in shifts for edge in (shift.start, shift.until))})
    for weekday, before, kind in product(range(7) if shifts else (), _NAMES, _NAMES):
        today, yesterday = _of(weekday, kind), _of((weekday - 1) % 7, before)
        for start, end in pairwise(edges):
            if not any(_covers(shift, start, today, yesterday) for shift in shifts):
                return f"on {WEEKDAYS[weekday]} {clock(start)}-{clock(end)}, {_NAMES[kind]} after {_NAMES[before]}"
    return ""
