from datetime import timedelta

import pytest

from alerts.workflow.cases import ActRequest
from scripts.demo.deeds import Deed, KeepClaim, MailAnswer, Planned, Turns
from scripts.demo.people import plan
from scripts.demo.story import Story, tell

HOUR = timedelta(hours=1)
FIRST = ["mail", "judge", "report", "verify", "draft", "approve", "approve", "clarify", "guide"]
AGAIN = ["draft", "approve", "clarify", "guide"]


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


def kinds(planned: list[Planned]) -> list[str]:
    return [kind(one.deed) for one in planned]


def kind(deed: Deed) -> str:
    return deed.action if isinstance(deed, ActRequest) else "mail" if isinstance(deed, MailAnswer) else "keep"


def acts(planned: list[Planned], action: str) -> list[ActRequest]:
    found = [one.deed for one in planned if not one.refused]
    return [deed for deed in found if isinstance(deed, ActRequest) and deed.action == action]


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
    assert kinds(plan("chen_wei", story, turns)) == [*FIRST, "track", *AGAIN]
    turns.rekindled_at = None
    assert kinds(plan("chen_wei", story, turns)) == [*FIRST, "track"]
    turns.calm_at = None
    assert kinds(plan("chen_wei", story, turns)) == FIRST


def test_the_whole_plan_is_in_order_of_time_and_ends_with_a_claim_for_the_library(story: Story) -> None:
    planned = plan("chen_wei", story, turned(story))
    times = [one.at for one in planned]
    assert times == sorted(times)
    assert kinds(planned)[-3:] == ["close", "review", "keep"]
    assert isinstance(planned[-1].deed, KeepClaim)


def test_each_wave_is_answered_when_the_forum_shows_the_answer(story: Story) -> None:
    answers = [one.at for one in plan("chen_wei", story, turned(story)) if kind(one.deed) == "clarify"]
    assert answers == [story.rumour.clarified_at, story.again.clarified_at]


def test_who_writes_the_answer_and_who_approves_it_are_two(story: Story) -> None:
    planned = plan("chen_wei", story, turned(story))
    wrote, approved = acts(planned, "draft"), acts(planned, "approve")
    assert [one.by for one in wrote] == ["zhang_min"] * 2
    assert [one.by for one in approved] == ["li_qiang"] * 2
    assert all(one.statement for one in wrote)
    assert [(kind(one.deed), one.deed.by) for one in planned if one.refused] == [("approve", "zhang_min")]


def test_the_owner_of_the_topic_finds_out_the_truth(story: Story) -> None:
    (found,) = acts(plan("chen_wei", story, turned(story)), "verify")
    assert found.by == "chen_wei"
