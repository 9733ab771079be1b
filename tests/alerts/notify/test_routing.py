from dataclasses import replace
from datetime import date

from alerts.notify.contents.notice import Colour
from alerts.notify.holding.policy import RouteRule
from alerts.notify.routing import LetterFacts, is_weekday
from alerts.people.directory import Person
from tests.alerts.notify.posting import NOW, routing

FACTS = LetterFacts("outage", Colour.YELLOW, NOW)
WAYS = replace(
    routing("mail", "robot", "folder"),
    rules=(
        RouteRule(channels=("robot", "mail"), grades=(Colour.RED,)),
        RouteRule(channels=("folder",), topics=("outage",)),
        RouteRule(channels=("mail",)),
    ),
)


def names(facts: LetterFacts | None, ways: object = WAYS) -> list[str]:
    return [route.channel for route in ways.routes("zhang", facts)]  # type: ignore[attr-defined]


def test_the_first_row_that_fits_says_the_channels_and_their_order() -> None:
    assert names(replace(FACTS, colour=Colour.RED)) == ["robot", "mail"]
    assert names(FACTS) == ["folder"]
    assert names(replace(FACTS, topic="bill")) == ["mail"]


def test_without_a_row_that_fits_all_channels_are_used() -> None:
    assert names(FACTS, replace(WAYS, rules=WAYS.rules[:1])) == ["mail", "robot", "folder"]
    assert names(None) == ["mail", "robot", "folder"]


def test_a_row_by_whose_channels_somebody_cannot_be_reached_does_not_count_for_them() -> None:
    """A letter always has a way."""
    only = Person(name="李强", addresses={"mail": "li@example.com"})
    ways = replace(WAYS, people={"li": only})
    assert [route.channel for route in ways.routes("li", FACTS)] == ["mail"]
    assert ways.routes("nobody", FACTS) == ()


def test_days_are_told_by_the_calendar_that_is_given() -> None:
    ways = replace(WAYS, rules=(RouteRule(channels=("robot",), days="holidays"),))
    assert names(FACTS, ways) == ["mail", "robot", "folder"]
    assert names(FACTS, replace(ways, is_workday=lambda _: False)) == ["robot"]
    assert [is_weekday(date(2026, 9, day)) for day in (20, 21)] == [False, True]
