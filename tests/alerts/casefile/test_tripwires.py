"""Triggers within a watcher's round, on a real index and both state databases: opened, told, raised, never twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot, from_json
from alerts.casefile.tables import CaseRow, EventRow, FiredTriggerRow, TaskRow
from alerts.casefile.tripwires import Tripwires
from alerts.detection.grades import Grade
from alerts.detection.signals import State
from alerts.detection.triggers import CounterTrigger, CueTrigger, SiteCounter, SourceTrigger, Trigger, When
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.contents.notice import Notice, Occasion, read_notice
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Correlation
from stream.errors import Retryable
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Counts, Label, ScoredPost
from stream.state.database import reading, transaction
from stream.topics import Mark, Rule

Write = Callable[..., ScoredPost]
Rumour = Callable[..., list[ScoredPost]]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CUE = CueTrigger(when="cue", grade=Grade.ORANGE, source="由单位自定")
SOURCE = SourceTrigger(when="source", sources=("城市日报",), labels=(), grade=Grade.RED, source="主流媒体介入")
REPOSTS = CounterTrigger(
    when="counter", counter=SiteCounter.REPOSTS, at_least=10_000, grade=Grade.RED, source="公司预案"
)
CUES = {"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))}


def with_rows(context: CaseContext, *rows: Trigger) -> CaseContext:
    config = replace(context.config, triggers=rows)
    return replace(context, config=config, topics=replace(context.topics, cues=CUES))


@pytest.fixture
def wired(context: CaseContext, quiet_weeks: None) -> CaseContext:
    return with_rows(context, CUE, SOURCE, REPOSTS)


@pytest.fixture
def watcher(wired: CaseContext) -> Watcher:
    return Watcher(wired, [], "first")


@pytest.fixture
def claim(index: SqliteIndexWriter, write: Write, now: datetime) -> Callable[..., list[ScoredPost]]:
    """Puts posts of as many people that claim a danger."""

    def put(*numbers: int, **changes: object) -> list[ScoredPost]:
        said: dict[str, Any] = {
            "text": f"变电站爆炸了 {numbers}",
            "cues": ("danger",),
            "label": Label.NEUTRAL,
        } | changes
        posts = [write(number, **said) for number in numbers]
        index.put(posts)
        return posts

    return put


def all_of(context: CaseContext, table: Any) -> list[Any]:
    with reading(context.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def notices(context: CaseContext) -> list[Notice]:
    return [read_notice(row.notice) for row in all_of(context, OutboxRow)]


def test_two_claims_of_a_danger_open_a_case_that_no_count_would(
    watcher: Watcher, wired: CaseContext, claim: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    posts = claim(1, 2)
    (seen,) = watcher.look(now)
    assert (seen.signal.state, seen.correlation, seen.case_id) == (State.CALM, Correlation.OPENS, 1)
    (case,) = all_of(wired, CaseRow)
    assert (case.topic, case.grade, case.stage, case.open_key) == ("outage", "orange", "screening", "outage")
    snapshot = from_json(case.found)
    assert (snapshot.signal.negative, snapshot.triggers[0].when) == (0, When.CUE)
    assert set(snapshot.posts) == {post.id for post in posts}
    (told,) = notices(wired)
    assert (told.occasion, told.headline) == (Occasion.OPENED, "监测发现涉及「停电抢修」的情况需要关注，请及时研判处置")
    assert told.reasons[0] == "2 人称某处发生险情，并提及地点、时间，真实性待核实"
    assert told.grading[0] == "按触发条件定为「重大」（依据：由单位自定）"
    assert "谣言" not in told.headline + "".join((*told.reasons, *told.grading))
    (task,) = all_of(wired, TaskRow)
    assert (task.step, task.due_at) == ("acknowledge", now + 30 * MINUTE)  # as orange has it


def test_one_person_claiming_a_danger_opens_nothing(
    watcher: Watcher, wired: CaseContext, claim: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    claim(1)
    claim(2, voice=claim(1)[0].voice)
    watcher.look(now)
    assert all_of(wired, CaseRow) == all_of(wired, FiredTriggerRow) == []


def test_what_was_told_is_not_told_again_by_this_watcher_or_the_next(
    watcher: Watcher, wired: CaseContext, claim: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    claim(1, 2)
    for minute in range(3):
        watcher.look(now + minute * MINUTE)
    claim(3, at=now + 4 * MINUTE)
    Watcher(wired, [], "first").look(now + 5 * MINUTE)  # started again: it reads everything
    assert [row.step for row in all_of(wired, OutboxRow)] == ["opened-acknowledge"]
    (row,) = all_of(wired, FiredTriggerRow)
    assert (row.topic, row.trigger_key, row.thing, row.at, row.case_id) == ("outage", "cue:2", "danger", now, 1)


def test_news_of_an_open_case_goes_to_who_has_it_and_raises_its_grade(
    watcher: Watcher, wired: CaseContext, index: SqliteIndexWriter, write: Write, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    act(wired, 1, ActRequest("acknowledge", "张敏"), now)
    article = write(500, "本报讯：停电引发关注", source="城市日报", site="daily", label=Label.NEUTRAL)
    index.put([article])
    (seen,) = watcher.look(now + MINUTE)
    assert seen.correlation is Correlation.JOINS
    opened, news = notices(wired)
    assert (opened.colour, news.occasion, news.headline) == (
        "yellow",
        Occasion.NEWS,
        "事件出现新情况，请关注并视情提级",
    )
    assert (news.colour, news.demand.person, news.demand.step) == ("red", "张敏", "初筛研判")
    assert news.reasons[0] == "权威媒体 城市日报 参与报道，1 条"
    assert "城市日报" in [quote.site for quote in news.quotes]
    assert [row.kind for row in all_of(wired, EventRow)] == ["opened", "acknowledge", "news"]
    (ended, task) = all_of(wired, TaskRow)
    assert (ended.step, task.step, task.due_at) == ("acknowledge", "judge", now + 30 * MINUTE)  # tightened to red's
    (case,) = all_of(wired, CaseRow)
    assert (case.grade, from_json(case.found).triggers[0].key) == ("red", "source")


def test_a_wave_and_a_trigger_in_one_look_are_one_case_and_one_letter_that_says_both(
    watcher: Watcher, wired: CaseContext, rumour: Rumour, claim: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    rumour(30)
    claim(100, 101)
    (seen,) = watcher.look(now)
    assert (seen.signal.state, seen.correlation) == (State.SPIKE, Correlation.OPENS)
    (told,) = notices(wired)
    assert told.headline == "监测发现涉及「停电抢修」的负面信息异常增多，请及时研判处置"
    assert told.reasons[0].startswith("2 人称某处发生险情")
    assert len(told.reasons) > 1
    assert told.figures.rising


def test_what_opened_a_case_still_stands_in_the_letter_of_its_rise(
    watcher: Watcher, wired: CaseContext, rumour: Rumour, claim: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    claim(1, 2)
    watcher.look(now)
    rumour(30, first=100)
    (seen,) = watcher.look(now + MINUTE)
    assert seen.correlation is Correlation.ROSE
    *_, risen = notices(wired)
    assert (risen.occasion, risen.colour) == (Occasion.ROSE, "orange")
    assert risen.reasons[0].startswith("2 人称某处发生险情")


def test_after_a_case_was_closed_another_thing_opens_anew_and_the_same_only_once_it_is_forgotten(
    watcher: Watcher, wired: CaseContext, index: SqliteIndexWriter, write: Write,
    claim: Callable[..., list[ScoredPost]], now: datetime,
) -> None:  # fmt: skip
    claim(1, 2)
    watcher.look(now)
    act(wired, 1, ActRequest("judge_false_alarm", "张敏", "演练"), now + MINUTE)
    claim(3, 4, at=now + 2 * MINUTE)
    watcher.look(now + 3 * MINUTE)
    assert len(all_of(wired, CaseRow)) == 1
    index.put([write(500, source="城市日报", at=now + 4 * MINUTE)])
    watcher.look(now + 5 * MINUTE)
    assert [row.open_key for row in all_of(wired, CaseRow)] == [None, "outage"]
    act(wired, 2, ActRequest("judge_false_alarm", "张敏", "旧闻"), now + 6 * MINUTE)
    claim(5, 6, at=now + 13 * HOUR)
    watcher.look(now + 13 * HOUR)
    assert [row.open_key for row in all_of(wired, CaseRow)] == [None, None, "outage"]
    assert [(row.trigger_key, row.case_id) for row in all_of(wired, FiredTriggerRow)] == [
        ("cue:2", 1), ("source", 2), ("cue:2", 3),
    ]  # fmt: skip


def test_a_post_that_was_told_of_is_told_of_never_again(
    watcher: Watcher, wired: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1, counts=Counts(reposts=12_345))])
    watcher.look(now)
    (told,) = notices(wired)
    assert (told.reasons[0], told.colour) == ("单帖转发达到 1.2 万，标准为 1 万", "red")
    act(wired, 1, ActRequest("judge_false_alarm", "张敏", "旧帖"), now + MINUTE)
    index.put([write(1, observed_at=now + 20 * HOUR, counts=Counts(reposts=20_000))])
    watcher.look(now + 20 * HOUR)
    assert len(all_of(wired, CaseRow)) == 1


def test_a_letter_of_a_trigger_says_so_and_claims_no_rise(
    wired: CaseContext, claim: Callable[..., list[ScoredPost]], now: datetime, tmp_path: Path
) -> None:
    claim(1, 2)
    watcher = Watcher(wired, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    watcher.look(now)
    watcher.deliver(now)
    (path,) = (tmp_path / "letters").glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=default)
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        words = body.get_content()
        assert "2 人称某处发生险情，并提及地点、时间，真实性待核实" in words
        assert "截至9月21日14:02" in words
        assert "起上升" not in words
        assert "变电站爆炸了" in words


def test_a_round_that_was_cut_off_tells_what_it_had_found_in_the_next(
    wired: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher(wired, [], "w")
    watcher.look(now)
    index.put([write(1, at=now - 2 * HOUR, observed_at=now + MINUTE, counts=Counts(reposts=12_345))])
    with monkeypatch.context() as patch:
        patch.setattr("alerts.watch.recent", _away)
        with pytest.raises(Retryable):
            watcher.look(now + 2 * MINUTE)
    watcher.look(now + 30 * MINUTE)  # later than the overlap reaches back
    assert [row.open_key for row in all_of(wired, CaseRow)] == ["outage"]


def _away(*_: object) -> None:
    raise Retryable("the index is away")


def test_a_case_that_somebody_opened_meanwhile_is_not_opened_twice(
    wired: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    with transaction(wired.engine) as session:
        open_case(session, wired, found, (), now)
    with pytest.raises(Retryable, match="a case on outage was opened meanwhile"), transaction(wired.engine) as session:
        open_case(session, wired, found, (), now)
    assert len(all_of(wired, CaseRow)) == 1


def test_without_rows_nothing_is_asked_of_the_index(context: CaseContext, now: datetime) -> None:
    away: Any = None
    Tripwires(replace(with_rows(context), reader=away)).look(now)
