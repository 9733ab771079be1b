from datetime import timedelta
from itertools import pairwise

from scripts.demo.story import DAYS, MONDAY, START, tell
from scripts.demo.timetable import archive, last_days, ordinary_monday

MINUTE = timedelta(minutes=1)


def test_time_only_goes_forward() -> None:
    moments = [*archive(), *ordinary_monday(), *last_days()]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert moments[0] < MONDAY < ordinary_monday()[0]
    assert moments[-1] < START + timedelta(days=DAYS)


def test_the_rumour_is_looked_at_every_five_minutes_while_it_bursts() -> None:
    story = tell()
    for burst, minutes in ((story.rumour, 40), (story.again, 35)):
        looks = [moment for moment in last_days() if burst.at <= moment <= burst.at + minutes * MINUTE]
        assert looks[0] - burst.at <= 5 * MINUTE
        assert all(later - earlier == 5 * MINUTE for earlier, later in pairwise(looks))


def test_rounds_are_few_enough_for_a_minute() -> None:
    assert len([*archive(), *ordinary_monday(), *last_days()]) <= 85


def test_the_silent_forum_is_asked_before_and_after_it_is_told_of() -> None:
    silent = tell().silent
    asked = [moment for moment in last_days() if silent.since <= moment < silent.until]
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 10 * MINUTE
