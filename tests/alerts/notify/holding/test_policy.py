from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter

from alerts.notify.contents.notice import Colour
from alerts.notify.holding.policy import Inhibition, RouteRule, unknown_topics, wrong_rules

RULE: TypeAdapter[RouteRule] = TypeAdapter(RouteRule)
NOON = datetime(2026, 9, 21, 4, tzinfo=UTC)  # a Monday


def weekday(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        ({}, True),
        ({"topics": ["outage"]}, True),
        ({"topics": ["bill"]}, False),
        ({"grades": ["red", "yellow"]}, True),
        ({"grades": ["red"]}, False),
        ({"hours": "08:00-20:00"}, True),
        ({"hours": "20:00-08:00"}, False),
        ({"days": "workdays"}, True),
        ({"days": "holidays"}, False),
        ({"topics": ["outage"], "grades": ["yellow"], "hours": "08:00-20:00", "days": "holidays"}, False),
    ],
)
def test_a_route_fits_where_all_it_names_fits(row: dict[str, object], fits: bool) -> None:
    rule = RULE.validate_python(row | {"channels": ["smtp"]})
    assert rule.fits("outage", Colour.YELLOW, NOON, weekday) is fits


def test_what_has_no_grade_fits_no_row_that_names_one() -> None:
    rule = RULE.validate_python({"channels": ["smtp"], "grades": ["blue"]})
    assert not rule.fits("", None, NOON, weekday)


def test_every_mistake_of_the_rows_is_told_with_its_key() -> None:
    routes = (RouteRule(channels=("smtp", "pigeon"), topics=("outage", "gone")),)
    inhibits = (Inhibition(source=Colour.ORANGE, target=(Colour.RED, Colour.ORANGE)),)
    assert list(wrong_rules(routes, inhibits, {"smtp": 1})) == [
        "routes.0.channels: no channel 'pigeon'; known: smtp",
        "inhibits.0.target: red is never held: take it out",
        "inhibits.0: orange cannot inhibit itself: take it out of target",
    ]
    assert list(unknown_topics(routes, {"outage": 1})) == [("routes.0.topics", "topics.yml has no topic 'gone'")]
