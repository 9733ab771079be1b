"""Sources by name: whether each is read, when last and next, and what to do where one is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from alerts.casefile.context import CaseContext
from alerts.desk.overview.configured import ConfiguredSource
from alerts.desk.overview.sources import SourceStanding, SourcesView, Tone, newest_posts, read_sources_view
from alerts.incidents.kinds import Kind
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from stream.topics import TopicsConfig
from tests.alerts.conftest import Write

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMES = {"bbs": "临江论坛", "box": "市长信箱", "tieba": "百度贴吧"}


def put(context: CaseContext, source: str, **values: object) -> None:
    with transaction(context.engine) as session:
        session.add(SourceHealth(source=source, site=source, **{"state": "ok", "reason": ""} | values))


def view(
    context: CaseContext, now: datetime, configured: Sequence[ConfiguredSource] = (), names: dict[str, str] = NAMES
) -> SourcesView:
    return read_sources_view(context.engine, context.config, context.topics, names, configured, now)


def line(found: SourcesView, key: str) -> SourceStanding:
    return next(one for one in found.lines if one.key == key)


def test_a_source_that_is_read_says_when_it_was_and_when_it_will_be(context: CaseContext, now: datetime) -> None:
    found = view(context, now, [ConfiguredSource("bbs", "*/10 * * * *")])
    (one,) = found.lines
    assert (one.name, one.word, one.tone) == ("临江论坛", "正常", Tone.GOOD)
    assert (one.last_success, one.next_at) == (now, now + 8 * MINUTE)
    assert (one.what, one.todo) == ("", "")
    assert found.is_well
    assert found.last_success == now


@pytest.mark.parametrize(
    ("values", "word", "tone"),
    [
        ({"state": "running"}, "正在采集", Tone.GOOD),
        ({"state": "failed", "late": -HOUR}, "上次未成功", Tone.WARN),
        ({"state": "failed", "late": HOUR}, "读取失败", Tone.BAD),
        ({"state": "blocked"}, "被拒绝访问", Tone.BAD),
        ({"state": "blocked", "reason": "HTTP 401"}, "登录失效", Tone.BAD),
        ({"state": "ok", "late": MINUTE}, "超时无结果", Tone.BAD),
        ({"state": "partial"}, "部分失败", Tone.WARN),
        ({"state": "ok", "norm": 100.0, "read": 3}, "内容骤减", Tone.WARN),
    ],
)
def test_a_state_has_a_word_and_what_is_wrong_comes_with_what_to_do(
    context: CaseContext, now: datetime, values: dict[str, object], word: str, tone: Tone
) -> None:
    late = values.get("late", -HOUR)
    assert isinstance(late, timedelta)
    said = {name: value for name, value in values.items() if name != "late"}
    put(context, "box", succeeded_at=now - DAY, ended_at=now, fresh_until=now - late, **said)
    one = line(view(context, now), "box")
    assert (one.name, one.word, one.tone) == ("市长信箱", word, tone)
    told = one.word not in ("正在采集", "上次未成功")
    assert (bool(one.what), bool(one.todo)) == (told, told)
    assert not told or "「市长信箱」" in one.what


def test_the_worst_stand_first_and_silence_proves_nothing_then(context: CaseContext, now: datetime) -> None:
    put(context, "tieba", state="failed", succeeded_at=now - DAY, fresh_until=now - HOUR)
    put(context, "box", state="partial", succeeded_at=now, fresh_until=now + DAY)
    found = view(context, now)
    assert [one.key for one in found.lines] == ["tieba", "box", "bbs"]
    assert [one.key for one in found.wrong] == ["tieba"]
    assert not found.is_well


def test_a_topic_none_of_whose_sources_answers_is_blind_by_name(context: CaseContext, now: datetime) -> None:
    put(context, "tieba", state="failed", succeeded_at=now - DAY, fresh_until=now - HOUR)
    outage = replace(context.topics.topics["outage"], sources=("tieba",))
    found = view(replace(context, topics=TopicsConfig(topics={"outage": outage})), now)
    (one,) = found.blind
    assert one.kind is Kind.BLIND
    assert "「停电抢修」" in one.what
    assert "百度贴吧" in one.what


def test_a_source_that_was_never_read_is_named_and_a_retired_one_stands_apart(
    context: CaseContext, now: datetime
) -> None:
    put(context, "old", retired_at=now - DAY, succeeded_at=now - 2 * DAY, state="failed")
    found = view(context, now, [ConfiguredSource("new", "0 9 * * *"), ConfiguredSource("old", None)])
    one = line(found, "new")
    assert (one.name, one.word, one.last_success) == ("new", "从未读取", None)
    assert one.next_at == datetime.fromisoformat("2026-09-22T09:00+08:00")
    assert "从未读取" in one.what
    assert [(each.key, each.word) for each in found.retired] == [("old", "已停用")]
    assert "old" not in [each.key for each in found.lines]


def test_a_site_that_asked_for_patience_is_read_no_sooner(context: CaseContext, now: datetime) -> None:
    put(context, "box", parked_until=now + HOUR)
    found = view(context, now, [ConfiguredSource("box", "* * * * *")])
    assert line(found, "box").next_at == now + HOUR


@pytest.mark.parametrize("cron", [None, "every day", "61 * * * *"])
def test_without_a_rhythm_nobody_knows_when_it_is_read_next(
    context: CaseContext, now: datetime, cron: str | None
) -> None:
    assert line(view(context, now, [ConfiguredSource("bbs", cron)]), "bbs").next_at is None


def test_sources_of_one_name_are_told_apart(context: CaseContext, now: datetime) -> None:
    put(context, "box", state="blocked")
    found = view(context, now, names={"bbs": "论坛", "box": "论坛"})
    assert {one.name for one in found.lines} == {"论坛（bbs）", "论坛（box）"}
    assert line(found, "box").word == "被拒绝访问"
    assert line(found, "bbs").word == "正常"


def test_without_any_source_nothing_is_well(context: CaseContext, now: datetime) -> None:
    with transaction(context.engine) as session:
        session.execute(delete(SourceHealth))
    found = view(context, now)
    assert (found.lines, found.last_success, found.is_well) == ((), None, False)


def test_the_newest_post_of_each_source_is_of_the_last_week(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([
        write(1, at=now - HOUR), write(2, at=now - 2 * HOUR), write(3, at=now - 8 * DAY, source="box"),
        write(4, at=now - 6 * DAY, source="tieba"),
    ])  # fmt: skip
    assert newest_posts(context.reader, ["bbs", "box", "tieba", "none"], now) == {
        "bbs": now - HOUR, "tieba": now - 6 * DAY
    }  # fmt: skip
