from datetime import timedelta

import pytest

from scripts.demo.people import Turns, plan
from scripts.demo.story import Story, tell

HOUR = timedelta(hours=1)
FIRST = ["acknowledge", "judge", "report", "verify", "clarify", "guide"]
AGAIN = ["clarify", "guide"]


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


def turned(story: Story) -> Turns:
    return Turns(
        escalated_at=story.rumour.at + HOUR, calm_at=story.again.at - 2 * HOUR, rekindled_at=story.again.at,
        calm_again_at=story.again.at + 20 * HOUR,
    )  # fmt: skip


def test_nobody_acts_before_the_case_was_passed_on(story: Story) -> None:
    assert plan("chen_wei", story, Turns()) == []


def test_people_do_what_each_turn_of_the_case_asks_of_them(story: Story) -> None:
    turns = turned(story)
    turns.calm_again_at = None
    assert [one.deed.action for one in plan("chen_wei", story, turns)] == [*FIRST, "track", *AGAIN]
    turns.rekindled_at = None
    assert [one.deed.action for one in plan("chen_wei", story, turns)] == [*FIRST, "track"]
    turns.calm_at = None
    assert [one.deed.action for one in plan("chen_wei", story, turns)] == FIRST


def test_the_whole_plan_is_in_order_of_time_and_ends_with_the_review(story: Story) -> None:
    planned = plan("chen_wei", story, turned(story))
    times = [one.at for one in planned]
    assert times == sorted(times)
    assert [one.deed.action for one in planned][-2:] == ["close", "review"]


def test_each_wave_is_answered_when_the_forum_shows_the_answer(story: Story) -> None:
    answers = [one.at for one in plan("chen_wei", story, turned(story)) if one.deed.action == "clarify"]
    assert answers == [story.rumour.clarified_at, story.again.clarified_at]


def test_the_owner_of_the_topic_finds_out_the_truth(story: Story) -> None:
    (found,) = [one.deed for one in plan("chen_wei", story, turned(story)) if one.deed.action == "verify"]
    assert found.by == "chen_wei"
