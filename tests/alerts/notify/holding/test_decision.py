"""What is held, why, until when: functions of values alone. Red never is, whatever holds."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.contents.notice import Colour, Occasion
from alerts.notify.holding.decision import UPDATES, WINDOW, Cause, Hold, OpenCase, Posture, Waiting, decide
from alerts.notify.holding.policy import Inhibition
from alerts.notify.holding.silences import Silence
from alerts.people.directory import Desk, Person
from alerts.people.hours import Quiet

NIGHT = datetime(2026, 9, 21, 15, 30, tzinfo=UTC)  # 23:30 in Beijing
DAY = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
MORNING = datetime(2026, 9, 21, 23, 0, tzinfo=UTC)  # 07:00
HOUR = timedelta(hours=1)
QUIET = Quiet(**{"from": time(22), "to": time(7)})  # type: ignore[arg-type]
SILENCE = Silence(
    id=3, topic="outage", began_at=DAY - HOUR, until=DAY + HOUR, reason="检修", by="张敏", up_to=Colour.YELLOW
)  # fmt: skip
ONE = Waiting(
    name="<1@h>", person="zhang", topic="outage", owner="dispatch", desk="publicity", colour=Colour.YELLOW,
    occasion=Occasion.OPENED, queued_at=DAY,
)  # fmt: skip


def posture(**changes: Any) -> Posture:
    plain: dict[str, Any] = {
        "people": {"zhang": Person(name="张敏", email="z@example.com")},
        "desks": {"publicity": Desk(name="值班", people=("zhang",))}, "most": 30, "spent": {}, "summed_at": {},
    }  # fmt: skip
    return Posture(**(plain | changes))


def test_nothing_is_held_where_nothing_is_said() -> None:
    assert decide([ONE], posture(), NIGHT) == {"<1@h>": None}


def test_a_persons_quiet_hours_hold_until_they_end_and_a_desks_where_the_person_has_none() -> None:
    quiet = Person(name="张敏", email="z@example.com", quiet=QUIET)
    assert decide([ONE], posture(people={"zhang": quiet}), NIGHT) == {"<1@h>": Hold(Cause.QUIET, MORNING)}
    assert decide([ONE], posture(people={"zhang": quiet}), DAY) == {"<1@h>": None}
    desk = {"publicity": Desk(name="值班", people=("zhang",), quiet=QUIET)}
    assert decide([ONE], posture(desks=desk), NIGHT) == {"<1@h>": Hold(Cause.QUIET, MORNING)}
    assert decide([replace(ONE, desk="leaders")], posture(desks=desk), NIGHT) == {"<1@h>": None}


def test_quiet_hours_are_not_for_the_grades_that_are_named() -> None:
    grave = Quiet(**{"from": time(22), "to": time(7), "not_for": ("red", "orange")})  # type: ignore[arg-type]
    people = {"zhang": Person(name="张敏", email="z@example.com", quiet=grave)}
    assert decide([replace(ONE, colour=Colour.ORANGE)], posture(people=people), NIGHT) == {"<1@h>": None}


@pytest.mark.parametrize(
    ("colour", "topic", "held"),
    [
        (Colour.YELLOW, "outage", True),
        (Colour.BLUE, "outage", True),
        (Colour.ORANGE, "outage", False),  # it rose above what was silenced
        (Colour.RED, "outage", False),
        (Colour.YELLOW, "bill", False),
    ],
)
def test_a_silence_holds_its_topic_up_to_its_grade(colour: Colour, topic: str, held: bool) -> None:
    found = decide([replace(ONE, colour=colour, topic=topic)], posture(silences=[SILENCE]), DAY)
    assert found == {"<1@h>": Hold("silence 3", DAY + HOUR) if held else None}


@pytest.mark.parametrize("at", [DAY - 2 * HOUR, DAY + HOUR])
def test_a_silence_that_has_not_begun_or_is_over_holds_nothing(at: datetime) -> None:
    assert decide([ONE], posture(silences=[SILENCE]), at) == {"<1@h>": None}


def test_a_graver_case_of_the_same_owner_holds_updates_for_an_hour_and_no_demand() -> None:
    rule = Inhibition(source=Colour.RED, target=(Colour.BLUE, Colour.YELLOW))
    there = posture(inhibits=[rule], open_cases=[OpenCase("safety", "dispatch", Colour.RED)])
    for occasion in Occasion:
        (hold,) = decide([replace(ONE, occasion=occasion)], there, DAY).values()
        assert hold == (Hold(Cause.INHIBITED, DAY.replace(hour=7, minute=0)) if occasion in UPDATES else None)
    rose = replace(ONE, occasion=Occasion.ROSE)
    assert decide([replace(rose, owner="marketing")], there, DAY) == {"<1@h>": None}
    assert decide([replace(rose, colour=Colour.ORANGE)], there, DAY) == {"<1@h>": None}
    lesser = replace(there, open_cases=[OpenCase("safety", "dispatch", Colour.ORANGE)])
    assert decide([rose], lesser, DAY) == {"<1@h>": None}
    by_topic = replace(there, inhibits=[replace(rule, same="topic")])
    assert decide([rose], by_topic, DAY) == {"<1@h>": None}
    assert decide([replace(rose, topic="safety")], by_topic, DAY)["<1@h>"] is not None


def test_in_a_storm_the_gravest_go_and_the_rest_is_gathered_for_a_minute() -> None:
    letters = [
        replace(ONE, name=f"<{n}@h>", colour=Colour.ORANGE if n >= 38 else Colour.BLUE, queued_at=DAY + n * HOUR)
        for n in range(40)
    ]
    found = decide(letters, posture(most=5, spent={"zhang": 2}), DAY)
    gone = [name for name, hold in found.items() if hold is None]
    assert gone == ["<38@h>", "<39@h>", "<0@h>"] or sorted(gone) == ["<0@h>", "<38@h>", "<39@h>"]
    assert {hold for hold in found.values() if hold} == {Hold(Cause.STORM, DAY + timedelta(minutes=1))}


def test_digests_of_a_storm_are_ten_minutes_apart_and_each_person_has_a_count() -> None:
    letters = [ONE, replace(ONE, name="<2@h>", person="li")]
    before = DAY - timedelta(minutes=3)
    found = decide(letters, posture(most=1, spent={"zhang": 1}, summed_at={"zhang": before}), DAY)
    assert found == {"<1@h>": Hold(Cause.STORM, before + WINDOW), "<2@h>": None}


@given(
    colours=st.lists(st.sampled_from(list(Colour)), max_size=60),
    occasion=st.sampled_from(list(Occasion)),
    most=st.integers(1, 40),
    spent=st.integers(0, 80),
    hours=st.integers(0, 48),
)
def test_red_is_never_held_every_letter_is_decided_and_what_is_held_ends(
    colours: list[Colour], occasion: Occasion, most: int, spent: int, hours: int
) -> None:
    letters = [replace(ONE, name=str(n), colour=colour, occasion=occasion) for n, colour in enumerate(colours)]
    there = posture(
        people={"zhang": Person(name="张敏", email="z@example.com", quiet=QUIET)}, silences=[SILENCE], most=most,
        spent={"zhang": spent}, open_cases=[OpenCase("safety", "dispatch", Colour.RED)],
        inhibits=[Inhibition(source=Colour.RED, target=(Colour.BLUE, Colour.YELLOW, Colour.ORANGE))],
    )  # fmt: skip
    now = DAY + hours * HOUR
    found = decide(letters, there, now)
    assert set(found) == {one.name for one in letters}
    for one in letters:
        hold = found[one.name]
        assert hold is None or (one.colour is not Colour.RED and now < hold.until <= now + timedelta(days=7))
    assert len([1 for one in letters if found[one.name] is None and one.colour is not Colour.RED]) <= most
