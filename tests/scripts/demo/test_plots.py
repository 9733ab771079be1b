from datetime import timedelta

import pytest

from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from scripts.demo.deeds import MailAnswer, Planned, Turns
from scripts.demo.plots import PLOTS, WORKS
from scripts.demo.story import Story, tell

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


def planned(name: str, story: Story, turns: Turns) -> list[Planned]:
    (plot,) = [one for one in PLOTS if one.name == name]
    return plot.plan("zhao_lei", story, turns)


def acts(name: str, story: Story, turns: Turns) -> dict[str, ActRequest]:
    found = [one.deed for one in planned(name, story, turns)]
    return {one.action: one for one in found if isinstance(one, ActRequest)}


def test_nobody_acts_on_a_case_that_is_not_open(story: Story) -> None:
    assert [plot.plan("zhao_lei", story, Turns()) for plot in PLOTS] == [[]] * len(PLOTS)


@pytest.mark.parametrize(("name", "hours"), [("covers", 17), ("returned", 22)])
def test_deeds_are_in_order_of_time_and_end_with_the_review(story: Story, name: str, hours: int) -> None:
    begun = {"covers": story.covers.at, "returned": story.returned.at}[name]
    turns = Turns(opened_at=begun + timedelta(minutes=8), calm_at=begun + hours * HOUR)
    times = [one.at for one in planned(name, story, turns)]
    assert times == sorted(times)
    assert list(acts(name, story, turns))[-2:] == ["close", "review"]


def test_what_is_true_is_answered_and_put_right_by_its_desk_before_its_date(story: Story) -> None:
    turns = Turns(opened_at=story.covers.at)
    done = acts("covers", story, turns)
    assert done["verify"].verdict is Verdict.TRUE
    assert (done["plan_remedy"].owner, done["plan_remedy"].until) == (WORKS, story.mended_by)
    (proven,) = [one.at for one in planned("covers", story, turns) if one.deed == done["remedied"]]
    assert proven < story.mended_by
    assert {"close", "clarify"}.isdisjoint(done)


def test_a_true_complaint_is_closed_after_its_date_however_early_it_is_calm(story: Story) -> None:
    turns = Turns(opened_at=story.covers.at, calm_at=story.covers.at + 12 * HOUR)
    (closed,) = [one.at for one in planned("covers", story, turns) if one.deed == acts("covers", story, turns)["close"]]
    assert closed > story.mended_by


def test_the_operators_take_their_incident_by_mail_while_the_forum_is_away(story: Story) -> None:
    (taken,) = planned("silent", story, Turns(opened_at=story.silent.until - HOUR))
    assert taken.deed == MailAnswer("he_jun", "收到")
    assert story.silent.since < taken.at < story.silent.until
