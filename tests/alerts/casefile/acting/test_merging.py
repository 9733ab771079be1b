"""Two cases that are one event, and one that is two: nothing is lost, and the topic's waves find their case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from alerts.casefile.acting.merging import merge, note_guest, split
from alerts.casefile.acting.steps import act
from alerts.casefile.casework import last_case, now_open, open_case, open_splits
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot, from_json
from alerts.casefile.tables import CaseRow
from alerts.casefile.troubles.casework import open_incident
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.workflow.cases import ActRequest, Case, Correlation, Order, Refused
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost
from stream.state.database import reading, transaction
from tests.alerts.casefile.acting.conftest import DAY, MINUTE, Walk, letters, standing, tasks
from tests.alerts.casefile.conftest import signal_of

DUTY = Order("zhang_min", "同一件事")


@pytest.fixture
def other(context: CaseContext, case: Case, found: CaseSnapshot, now: datetime) -> Case:
    """A second case, on another topic."""
    there = replace(found, signal=signal_of("bill", now), posts=("b1",))
    with transaction(context.engine) as session:
        return open_case(session, context, there, (), now)


def test_a_merged_case_ends_and_the_other_one_shows_its_posts_and_tells_its_people(
    context: CaseContext, case: Case, other: Case, now: datetime
) -> None:
    host = merge(context, 2, 1, DUTY, now + MINUTE)
    assert (host.id, standing(context, 2).stage, standing(context, 2).merged_into) == (1, "merged", 1)
    assert tasks(context, 2) == []
    register = Register(context.engine, context.config, context.topics)
    shown = read_details(register, 1)
    assert [(one.case.id, one.topic, one.snapshot.posts) for one in shown.merged] == [(2, "bill", ("b1",))]
    assert shown.snapshot.posts == ("b1",)
    assert shown.snapshot.signal.topic == "outage", "its own counts stay its own"
    assert (shown.history[-1].kind, shown.history[-1].detail) == ("merge", {"merged": 2})
    gone = read_details(register, 2)
    assert (gone.history[-1].kind, gone.history[-1].detail, gone.history[-1].stage) == ("merge", {"into": 1}, "merged")


def test_whoever_has_the_case_is_told_of_the_merging_but_for_who_did_it(
    context: CaseContext, walk: Walk, other: Case, now: datetime
) -> None:
    walk("judge")
    merge(context, 2, 1, DUTY, now + 9 * MINUTE)
    step, person = letters(context)[-1]
    assert (step.split("-")[0], person) == ("merged", "li_qiang")


def test_what_can_not_be_merged_is_said_in_words(context: CaseContext, case: Case, other: Case, now: datetime) -> None:
    for one, into, by, complaint in (
        (1, 1, "zhang_min", "不能并入自身"),
        (1, 9, "zhang_min", "没有事件 9"),
        (2, 1, "sun_li", "孙丽不在可办理「并案」的岗位"),
    ):
        with pytest.raises(Refused, match=complaint):
            merge(context, one, into, replace(DUTY, by=by), now)
    act(context, 1, ActRequest("judge_false_alarm", "zhang_min", "演练"), now)
    for one, into in ((2, 1), (1, 2)):
        with pytest.raises(Refused, match="事件 1 已结（误报）"):
            merge(context, one, into, DUTY, now)


def test_trouble_of_our_own_goes_into_no_case_and_takes_none(context: CaseContext, case: Case, now: datetime) -> None:
    trouble = Trouble(kind=Kind.FAILED, thing="bbs", since=now, what="x", todo="y", grade=Grade.BLUE)
    with transaction(context.engine) as session:
        incident = open_incident(session, context, trouble, now)
    for guest, host in ((incident.id, case.id), (case.id, incident.id)):
        with pytest.raises(Refused, match=f"事件 {incident.id} 是系统故障，不能并案"):
            merge(context, guest, host, DUTY, now + MINUTE)
    assert standing(context, case.id) == case


def test_what_rises_in_the_topic_of_a_merged_case_is_told_where_it_went(
    context: CaseContext, case: Case, other: Case, found: CaseSnapshot, now: datetime
) -> None:
    merge(context, 2, 1, DUTY, now + MINUTE)
    with transaction(context.engine) as session:
        row = now_open(session, "bill")
        assert row is not None
        assert row.id == 1
    before = len(letters(context))
    for effective, expected in ((50.0, Correlation.JOINS), (61.0, Correlation.ROSE), (62.0, Correlation.JOINS)):
        wave = replace(found, signal=replace(signal_of("bill", now + DAY), effective=effective))
        with transaction(context.engine) as session:
            assert note_guest(session, context, 2, 1, wave, quoted=(), now=now + DAY) is expected
    assert [one[0].split("-")[0] for one in letters(context)[before:]] == ["news"]
    details = read_details(Register(context.engine, context.config, context.topics), 1)
    assert (details.history[-1].kind, details.history[-1].detail["topic"]) == ("joined", "bill")
    assert (details.case.notified, details.snapshot.signal.topic) == (30.0, "outage")


def test_a_merged_case_can_be_taken_out_again(context: CaseContext, case: Case, other: Case, now: datetime) -> None:
    merge(context, 2, 1, DUTY, now + MINUTE)
    act(context, 2, ActRequest("reopen", "li_qiang", "并错了"), now + 2 * MINUTE)
    assert (standing(context, 2).stage, standing(context, 2).merged_into) == ("screening", None)


@pytest.fixture
def posts(index: SqliteIndexWriter, write: Callable[..., ScoredPost]) -> list[str]:
    written = [write(number) for number in range(3)]
    index.put(written)
    return [post.id for post in written]


def test_a_split_case_is_a_new_one_on_the_same_topic_over_some_posts(
    context: CaseContext, case: Case, posts: list[str], now: datetime
) -> None:
    opened = split(context, 1, Order("zhang_min", "另一件事"), posts[:2], now + MINUTE)
    assert (opened.id, opened.topic, opened.stage, opened.grade) == (2, "outage", "screening", Grade.YELLOW)
    assert (opened.split_from, opened.opened_at) == (1, now + MINUTE)
    with reading(context.engine) as session:
        rows = [session.get_one(CaseRow, id_) for id_ in (1, 2)]
        assert [row.open_key for row in rows] == ["outage", "outage#2"]
        assert from_json(rows[1].found).posts == tuple(posts[:2])
        main = last_case(session, "outage")
        assert main is not None
        assert (main.id, [row.id for row in open_splits(session, "outage")]) == (1, [2])
    assert letters(context)[-1] == ("split-acknowledge", "zhang_min")
    details = read_details(Register(context.engine, context.config, context.topics), 1)
    assert details.history[-1].detail == {"into": 2, "posts": posts[:2]}


def test_each_of_the_two_goes_its_way_and_is_reopened_beside_the_other(
    context: CaseContext, case: Case, posts: list[str], now: datetime
) -> None:
    split(context, 1, DUTY, posts[:1], now + MINUTE)
    for one in (2, 1):
        act(context, one, ActRequest("judge_false_alarm", "zhang_min", "演练"), now + 2 * MINUTE)
    for one in (1, 2):
        act(context, one, ActRequest("reopen", "li_qiang", "有新情况"), now + 3 * MINUTE)
    with reading(context.engine) as session:
        assert [session.get_one(CaseRow, id_).open_key for id_ in (1, 2)] == ["outage", "outage#2"]


def test_a_case_merged_into_the_one_it_was_split_into_leaves_it_the_topics_waves(
    context: CaseContext, case: Case, posts: list[str], now: datetime
) -> None:
    split(context, 1, DUTY, posts[:1], now + MINUTE)
    merge(context, 1, 2, DUTY, now + 2 * MINUTE)
    with reading(context.engine) as session:
        assert session.get_one(CaseRow, 2).open_key == "outage"
        main = last_case(session, "outage")
    assert main is not None
    assert main.id == 2


def test_a_split_needs_posts_that_are_there(context: CaseContext, case: Case, now: datetime) -> None:
    for posts, complaint in (([], "请用 --post"), (["0" * 32], "没有帖子 000")):
        with pytest.raises(Refused, match=complaint):
            split(context, 1, DUTY, posts, now)
