from datetime import timedelta
from itertools import pairwise

from scripts.demo.story import DAYS, MONDAY, START, tell
from scripts.demo.walk import archive, last_days, ordinary_monday

MINUTE = timedelta(minutes=1)


def test_time_only_goes_forward() -> None:
    moments = [*archive(), *ordinary_monday(), *last_days()]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert moments[0] < MONDAY < ordinary_monday()[0]
    assert moments[-1] < START + timedelta(days=DAYS)


def test_the_rumour_is_looked_at_every_five_minutes_while_it_bursts() -> None:
    story = tell()
    for burst in (story.rumour, story.again):
        looks = [moment for moment in last_days() if burst.at <= moment <= burst.at + 40 * MINUTE]
        assert looks[0] - burst.at <= 5 * MINUTE
        assert all(later - earlier == 5 * MINUTE for earlier, later in pairwise(looks))


def test_rounds_are_few_enough_for_a_minute() -> None:
    assert len([*archive(), *ordinary_monday(), *last_days()]) <= 75
