"""Who is called at which hour: shifts, holidays, leave, stand-ins; and what is refused of them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from alerts.people.directory import Desk, Person
from alerts.people.duty import duty_mistakes, members, on_duty
from alerts.people.shifts import MINUTES, Away, Days, Shift, clock, read_minute
from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI

ROUND_THE_CLOCK = [
    {"people": ["day"], "days": "workdays", "from": "08:30", "to": "17:30"},
    {"people": ["night"], "days": "workdays", "from": "17:30", "to": "08:30"},
    {"people": ["weekend"], "days": "restdays", "to": "08:30"},
    {"people": ["weekend"], "days": "restdays", "from": "08:30", "to": "08:30"},
    {"people": ["night"], "days": "workdays", "to": "08:30"},
]


def leave(first: date, last: date, stand_in: str | None = None) -> Away:
    return TypeAdapter(Away).validate_python({"from": first, "to": last, "stand_in": stand_in})


def person(*away: Away) -> Person:
    return Person(name="某人", email="somebody@example.com", away=away)


def desk(duty: list[dict[str, object]], *names: str) -> Desk:
    return TypeAdapter(Desk).validate_python({"name": "值班", "people": names, "duty": duty})


DESK = desk(ROUND_THE_CLOCK, "day", "night", "weekend")
PEOPLE = {name: person() for name in ("day", "night", "weekend", "other")}


def called(moment: str, people: dict[str, Person] = PEOPLE, of: Desk = DESK) -> tuple[str, ...]:
    return on_duty(of, people, datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI), CALENDAR)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-09-22T10:00", ("day",)),  # a Tuesday
        ("2026-09-22T17:29", ("day",)),
        ("2026-09-22T17:30", ("night",)),
        ("2026-09-23T03:00", ("night",)),  # the shift that began the evening before
        ("2026-09-20T10:00", ("day",)),  # a Sunday that is worked for National Day
        ("2026-09-25T10:00", ("weekend",)),  # Mid-Autumn, a Friday
        ("2026-10-06T12:00", ("weekend",)),  # a Tuesday that is off
        ("2026-09-26T09:00", ("weekend",)),
    ],
)
def test_the_shift_is_that_of_the_hour_and_of_the_state_councils_calendar(
    moment: str, expected: tuple[str, ...]
) -> None:
    assert called(moment) == expected


def test_a_desk_without_shifts_calls_everybody() -> None:
    assert called("2026-09-22T10:00", of=desk([], "day", "night")) == ("day", "night")


def test_whoever_is_away_is_stood_in_for_on_the_last_day_too_and_may_be_acted_for() -> None:
    away = leave(date(2026, 9, 21), date(2026, 9, 22), "other")
    people = PEOPLE | {"day": person(away)}
    assert called("2026-09-22T17:29", people) == ("other",)
    assert called("2026-09-23T10:00", people) == ("day",)
    tuesday = datetime(2026, 9, 22, 12, tzinfo=SHANGHAI)
    assert members(DESK, people, tuesday) == {"day", "night", "weekend", "other"}
    assert members(DESK, people, tuesday + timedelta(days=1)) == {"day", "night", "weekend"}


def test_a_stand_in_who_is_away_as_well_is_stood_in_for() -> None:
    day = date(2026, 9, 22)
    people = PEOPLE | {"day": person(leave(day, day, "other")), "other": person(leave(day, day, "night"))}
    assert called("2026-09-22T10:00", people) == ("night",)


def test_where_all_on_duty_are_away_the_others_of_the_desk_are_called_and_where_all_are_away_all() -> None:
    away = person(leave(date(2026, 9, 22), date(2026, 9, 22)))
    assert called("2026-09-22T10:00", PEOPLE | {"day": away}) == ("night", "weekend")
    assert called("2026-09-22T10:00", dict.fromkeys(PEOPLE, away)) == DESK.people


def test_two_who_stand_in_for_each_other_end_with_the_others() -> None:
    day = date(2026, 9, 22)
    people = PEOPLE | {
        "day": person(leave(day, day, "other")),
        "other": person(leave(day, day, "day")),
    }
    assert called("2026-09-22T10:00", people) == ("night", "weekend")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.dictionaries(st.sampled_from(sorted(PEOPLE)), st.sampled_from([None, *sorted(PEOPLE)])),
)
def test_somebody_of_the_desk_or_a_stand_in_is_always_called(moment: datetime, absent: dict[str, str | None]) -> None:
    always = date(2000, 1, 1), date(2100, 1, 1)
    people = PEOPLE | {key: person(leave(*always, other)) for key, other in absent.items()}
    found = on_duty(DESK, people, moment.replace(tzinfo=SHANGHAI), CALENDAR)
    assert found
    assert len(set(found)) == len(found)
    assert set(found) <= set(PEOPLE)


def test_a_roster_round_the_clock_has_no_gap() -> None:
    assert list(duty_mistakes({"publicity": DESK}, PEOPLE)) == []


@pytest.mark.parametrize(
    ("duty", "expected"),
    [
        (
            [{"people": ["day"], "days": "workdays", "from": "08:30", "to": 1050}],
            "desks.publicity.duty: nobody is called on mon 00:00-08:30, a working day after a working day",
        ),
        (
            [{"people": ["day"], "days": "workdays"}, {"people": ["night"], "days": ["sat", "sun"]}],
            "desks.publicity.duty: nobody is called on mon 00:00-24:00, a day off after a working day",
        ),
        (
            [{"people": ["day"], "to": "18:00"}, {"people": ["night"], "from": "18:00", "to": "23:00"}],
            "desks.publicity.duty: nobody is called on mon 23:00-24:00, a working day after a working day",
        ),
    ],
)
def test_hours_in_which_nobody_is_called_are_named(duty: list[dict[str, object]], expected: str) -> None:
    found = list(duty_mistakes({"publicity": desk(duty, "day", "night")}, PEOPLE))
    assert found == [expected]


def test_strangers_and_wrong_stand_ins_are_named() -> None:
    day = date(2026, 9, 22)
    people = {
        "day": person(leave(day, day, "nobody")),
        "night": person(leave(day, day, "night")),
    }
    strange = desk([{"people": ["day", "guest"]}], "day")
    assert list(duty_mistakes({"publicity": strange}, people)) == [
        "people.day.away: nobody is called 'nobody' in people",
        "people.night.away: stands in for themselves",
        "desks.publicity.duty: guest is not among the people of this desk",
    ]


@pytest.mark.parametrize("value", ["24:01", "8:60", "half past eight", "", -1, 1441, True, None, 8.5])
def test_what_is_no_time_of_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="write 08:30"):
        read_minute(value)


@given(st.integers(0, MINUTES))
def test_a_time_of_day_is_read_as_it_is_written(minute: int) -> None:
    assert read_minute(clock(minute)) == read_minute(minute) == minute


def test_leave_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="ends on 2026-09-21, before it begins on 2026-09-22"):
        leave(date(2026, 9, 22), date(2026, 9, 21))


def test_a_shift_names_its_days_one_by_one_or_by_kind() -> None:
    assert Shift(people=("a",), days=(Days.SATURDAY, Days.SUNDAY)).kinds == {Days.SATURDAY, Days.SUNDAY}
    assert TypeAdapter(Shift).validate_python({"people": ["a"], "from": "17:30", "to": "08:30"}).over_midnight
    assert not Shift(people=("a",)).over_midnight
