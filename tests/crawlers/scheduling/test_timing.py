"""When a source is due: by cron within hours and kinds of day, with 调休, jitter, ticks that were missed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crawlers.pull.feed_source import FeedSource
from crawlers.scheduling.timing import MOST_MISSED, DayHours, Due, Hours, Timing, ahead, due, next_due
from stream.process.clock import SHANGHAI

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOURS: TypeAdapter[DayHours] = TypeAdapter(Hours)


def at(text: str) -> datetime:
    """A moment in Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def some(begin: str, count: int, **told: Any) -> list[str]:
    timing, moment, found = Timing(**told), at(begin), []
    for _ in range(count):
        following = timing.following(moment)
        assert following is not None
        moment = following
        found.append(moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
    return found


def test_ticks_count_within_the_hours_of_each_day() -> None:
    ticks = some("2026-11-28 22:00", 3, cron="30 * * * *", hours=HOURS.validate_python("07:00-23:00"))
    assert ticks == ["11-28 22:30", "11-29 07:30", "11-29 08:30"]


def test_hours_may_go_over_midnight() -> None:
    ticks = some("2026-11-28 05:00", 3, cron="0 * * * *", hours=HOURS.validate_python("23:00-01:00"))
    assert ticks == ["11-28 23:00", "11-29 00:00", "11-29 23:00"]


def test_working_days_are_those_of_the_state_council() -> None:
    # 2026: the spring festival is 15 to 23 February, Saturday the 14th and the 28th are worked for it
    ticks = some("2026-02-13 10:00", 4, cron="0 9 * * *", days="workdays")
    assert ticks == ["02-14 09:00", "02-24 09:00", "02-25 09:00", "02-26 09:00"]
    assert some("2026-02-13 10:00", 2, cron="0 9 * * *", days="holidays") == ["02-15 09:00", "02-16 09:00"]


def test_weekdays_go_by_name() -> None:
    assert some("2026-11-28 10:00", 2, cron="0 9 * * mon,fri") == ["11-30 09:00", "12-04 09:00"]


def test_a_line_that_never_meets_its_hours_never_comes() -> None:
    never = Timing(cron="0 9 * * *", hours=HOURS.validate_python("10:00-12:00"))
    assert never.following(at("2026-11-28 00:00")) is None
    assert next_due("forum", never, at("2026-11-28 00:00"), at("2026-11-28 01:00")) is None


@pytest.mark.parametrize("raw", ["7-23", "07:00", "25:00-26:00", "08:00-08:00", "07:60-08:00", 700])
def test_what_are_no_hours_is_refused(raw: object) -> None:
    with pytest.raises(ValidationError):
        HOURS.validate_python(raw)


def test_hours_are_written_as_they_are_read() -> None:
    assert str(HOURS.validate_python("7:00 - 23:30")) == "07:00-23:30"
    assert HOURS.validate_python("22:00-24:00").hold(at("2026-11-28 23:59"))


EVERY_TEN = Timing(cron="*/10 * * * *")


def test_a_source_that_was_never_read_is_due_at_once() -> None:
    now = at("2026-11-28 10:03")
    assert due("forum", EVERY_TEN, None, now) == Due(now, 0)
    assert next_due("forum", EVERY_TEN, None, now) == now


def test_several_ticks_are_one_crawl_and_those_before_the_newest_were_missed() -> None:
    last = at("2026-11-28 10:00")
    assert due("forum", EVERY_TEN, last, at("2026-11-28 10:09")) is None
    assert due("forum", EVERY_TEN, last, at("2026-11-28 10:10")) == Due(at("2026-11-28 10:10"), 0)
    assert due("forum", EVERY_TEN, last, at("2026-11-28 10:47")) == Due(at("2026-11-28 10:40"), 3)


def test_a_long_time_is_not_counted_tick_by_tick() -> None:
    found = due("forum", Timing(cron="* * * * *"), at("2026-11-01 10:00"), at("2026-11-28 10:00"))
    assert found is not None
    assert found.missed == MOST_MISSED


@given(st.sampled_from(["forum", "论坛", "n"]), st.integers(0, 10_000))
def test_a_tick_is_put_off_by_less_than_the_jitter_and_by_the_same_on_every_machine(name: str, number: int) -> None:
    timing, tick = Timing(cron="*/10 * * * *", jitter=5 * MINUTE), at("2026-01-01 00:00") + number * HOUR
    moment = timing.due_at(name, tick)
    assert timedelta(0) <= moment - tick < 5 * MINUTE
    assert timing.due_at(name, tick.astimezone(SHANGHAI)) == moment


def test_jitter_spreads_the_sources_of_one_tick() -> None:
    timing = Timing(cron="*/10 * * * *", jitter=5 * MINUTE)
    moments = sorted(timing.due_at(f"source-{number}", at("2026-11-28 10:00")) for number in range(200))
    assert max(later - earlier for earlier, later in pairwise(moments)) < MINUTE


def test_a_tick_that_is_put_off_is_not_due_before() -> None:
    timing = Timing(cron="*/10 * * * *", jitter=5 * MINUTE)
    tick = at("2026-11-28 10:10")
    moment = timing.due_at("forum", tick)
    assert due("forum", timing, at("2026-11-28 10:00"), moment - timedelta(seconds=1)) is None
    assert due("forum", timing, at("2026-11-28 10:00"), moment) == Due(tick, 0)
    assert next_due("forum", timing, at("2026-11-28 10:00"), at("2026-11-28 10:01")) == moment


def test_only_what_lies_well_ahead_was_written_before_the_clock_was_set_back() -> None:
    now = at("2026-11-28 10:00")
    assert ahead(now + HOUR, now)
    assert not ahead(now + timedelta(seconds=30), now)
    assert not ahead(None, now)


def source(**told: Any) -> FeedSource:
    return FeedSource(
        **{"site": "news", "basis": "a test", "url": "https://corp.cn/feed", "cron": "*/10 * * * *"} | told
    )


def test_a_success_is_trusted_for_two_ticks_of_the_hours_and_the_jitter() -> None:
    started = at("2026-11-28 22:55")
    assert source().fresh_until(started) == at("2026-11-28 23:10")
    assert source(hours="07:00-23:00").fresh_until(started) == at("2026-11-29 07:10")
    assert source(jitter="3m").fresh_until(started) == at("2026-11-28 23:13")
    assert source(cron=None).fresh_until(started) is None


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"cron": None, "hours": "07:00-23:00"}, "are of a cron, and there is none"),
        ({"cron": None, "jitter": "1m"}, "are of a cron, and there is none"),
        (
            {"cron": "0 3 * * *", "hours": "07:30-23:00"},
            "cron '0 3 [*] [*] [*]' does not come within hours 07:30-23:00: write one that does, as in '30 7 [*] [*]",
        ),
        (
            {"cron": "0 3 * * *", "hours": "07:00-23:00", "days": "workdays"},
            "hours 07:00-23:00 and days workdays: write",
        ),
        ({"cron": "0 9 * * sun", "days": "workdays", "hours": "21:00-05:00"}, "as in '0 21 [*] [*] [*]'"),
        (
            {"cron": "0 0 29 2 *"},
            "cron '0 0 29 2 [*]' does not come within the next 400 days: write one that does, as in",
        ),
        ({"jitter": "10m"}, "jitter must be shorter than the 0:10:00"),
        ({"days": "weekdays"}, "workdays"),
        ({"requests_per_day": 0}, "greater than or equal to 1"),
        ({"avoid": "8"}, "are no hours"),
        ({"avoid": "00:00-24:00"}, "avoid is the whole day, so nothing would ever be asked"),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        source(**told)


def test_a_site_is_left_alone_in_its_hours() -> None:
    assert source(avoid="08:00-10:00").avoided(at("2026-11-28 09:00"))
    assert not source(avoid="08:00-10:00").avoided(at("2026-11-28 10:00"))
    assert not source().avoided(at("2026-11-28 09:00"))
