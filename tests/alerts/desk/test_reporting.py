"""A case that a person asks for: opened at the first step with the figures of the moment, or refused in words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import AnnouncementRow
from alerts.desk.cases import list_cases, read_details
from alerts.desk.register import Register
from alerts.desk.reporting import open_by_hand
from alerts.detection.grades import Grade
from alerts.detection.signals import State
from alerts.detection.triggers import When
from alerts.notify.contents.notice import read_notice
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import OpenRequest, Refused
from stream.codec import CASE_EVENTS
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost
from stream.state.database import reading

REQUEST = OpenRequest("outage", "sun_li", "家属群里在传，平台上还没有", Grade.YELLOW)


def test_a_report_opens_a_case_at_the_first_step_and_calls_the_first_desk(
    register: Register, context: CaseContext, quiet_weeks: None, now: datetime
) -> None:
    case = open_by_hand(context, REQUEST, now)
    assert (case.topic, case.grade, case.stage, case.opened_at) == ("outage", Grade.YELLOW, "screening", now)
    details = read_details(register, case.id)
    assert [one.desk for one in details.tasks] == ["宣传部舆情值班"]
    assert (details.snapshot.signal.state, details.snapshot.triggers[0].when) == (State.CALM, When.HAND)
    (entry,) = details.history
    assert (entry.kind, entry.by, entry.note, entry.claimed) == ("opened", "孙丽", REQUEST.why, True)
    assert entry.detail["by_hand"] is True
    assert details.broken is None
    with reading(context.engine) as session:
        (row,) = session.scalars(select(OutboxRow))
        (announced,) = session.scalars(select(AnnouncementRow))
    assert row.notice is not None
    notice = read_notice(row.notice)
    assert (notice.headline, notice.demand.person) == ("收到涉及「停电抢修」的人工上报，请及时研判处置", "张敏")
    assert notice.reasons[0] == "人工上报（孙丽）：家属群里在传，平台上还没有"
    assert notice.grading[0] == "上报人定为「较大」"
    assert not notice.figures.rising
    assert CASE_EVENTS.decode(announced.message).by == "person"


def test_the_posts_that_are_named_are_quoted(
    register: Register, context: CaseContext, index: SqliteIndexWriter, write: Callable[..., ScoredPost], now: datetime
) -> None:
    posts = [write(1, "看这里"), write(2, "还有这里")]
    index.put(posts)
    case = open_by_hand(context, replace(REQUEST, posts=(posts[0].id, posts[1].id)), now)
    assert set(read_details(register, case.id).snapshot.posts) == {post.id for post in posts}


def test_a_topic_is_named_by_its_key_or_as_people_call_it(context: CaseContext, now: datetime) -> None:
    assert open_by_hand(context, replace(REQUEST, topic="停电抢修"), now).topic == "outage"


def test_whoever_is_known_to_ask_claims_nothing(register: Register, context: CaseContext, now: datetime) -> None:
    case = open_by_hand(context, replace(REQUEST, claimed=False), now)
    assert not read_details(register, case.id).history[0].claimed


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": "路人"}, "alerts.yml 的 people 中没有「路人」"),
        ({"topic": "outrage"}, "topics.yml 中没有话题「outrage」；现有：outage（停电抢修）"),
        ({"why": "  "}, "请写明上报事由"),
        ({"posts": ("f" * 32,)}, f"没有帖子 {'f' * 32}"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(
    register: Register, context: CaseContext, now: datetime, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused) as caught:
        open_by_hand(context, replace(REQUEST, **changes), now)  # type: ignore[arg-type]
    assert caught.value.detail == words
    assert list_cases(register, also_ended=True) == []


def test_where_a_case_is_open_the_report_is_refused_and_names_it(
    register: Register, context: CaseContext, opened: int, now: datetime
) -> None:
    before = read_details(register, opened)
    with pytest.raises(Refused, match=f"话题「停电抢修」已有未结事件 {opened}，请在该事件中办理"):
        open_by_hand(context, REQUEST, now)
    assert read_details(register, opened) == before


def test_a_wave_after_a_report_is_told_in_its_case(
    context: CaseContext, watcher: Watcher, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    case = open_by_hand(context, REQUEST, now)
    rumour(30)
    (seen,) = watcher.look(now)
    assert (seen.case_id, str(seen.correlation)) == (case.id, "rose")
