"""What is wrong follows from facts alone, and each thing is said once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.detection.grades import Grade
from alerts.incidents.facts import DiskFact, Facts, LettersFact, QuarantineFact, StageFact, WatchedFact
from alerts.incidents.kinds import ROWS, Kind
from alerts.incidents.policy import IncidentRule, IncidentsConfig
from alerts.incidents.troubles import Trouble, troubles
from stream.process.running import StageState
from stream.state.source_health import SourceState
from stream.state.source_standing import SourceDetails, SourceFact

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CONFIG = IncidentsConfig()


def source(name: str, state: SourceState = SourceState.OK, **changes: Any) -> SourceFact:
    """A source that is read every hour and was read an hour ago."""
    given: dict[str, Any] = {
        "started_at": NOW - HOUR, "ended_at": NOW - HOUR, "succeeded_at": NOW - HOUR, "fresh_until": NOW + HOUR,
    }  # fmt: skip
    return SourceFact(name=name, state=state, **(given | changes))


def dead(name: str, **changes: Any) -> SourceFact:
    given: dict[str, Any] = {"fresh_until": NOW - 3 * HOUR, "succeeded_at": NOW - 5 * HOUR, "reason": "no answer"}
    return source(name, SourceState.FAILED, **(given | changes))


def find(config: IncidentsConfig = CONFIG, **facts: Any) -> list[Trouble]:
    return troubles(Facts(**({"complete_until": NOW} | facts)), config, NOW)


def keys(**facts: Any) -> list[str]:
    return [one.key for one in find(**facts)]


def test_where_all_is_well_there_is_nothing_to_say() -> None:
    stages = (StageFact("score", StageState.RUNNING, NOW), StageFact("upkeep", StageState.NEVER, None))
    assert find(sources=(source("bbs"),), configured=("bbs",), topics={"a": WatchedFact("停电")}, stages=stages) == []


@pytest.mark.parametrize(
    ("fact", "key"),
    [
        (source("bbs", SourceState.BLOCKED, reason="robots.txt forbids it"), "blocked:bbs"),
        (source("bbs", SourceState.BLOCKED, reason="HTTP 401"), "expired:bbs"),
        (source("bbs", SourceState.FAILED, reason="the token expired"), "expired:bbs"),
        (dead("bbs"), "failed:bbs"),
        (source("bbs", SourceState.FAILED, fresh_until=None), "failed:bbs"),
        (source("bbs", fresh_until=NOW - MINUTE), "silent:bbs"),
        (source("bbs", SourceState.RUNNING, fresh_until=NOW - MINUTE), "silent:bbs"),
        (source("bbs", SourceState.PARTIAL, reason="3 × layout"), "partial:bbs"),
        (source("bbs", norm=100.0, read=19), "thin:bbs"),
        (source("bbs", SourceState.BLOCKED, reason="cookie_gate"), "blocked:bbs"),
        (source("bbs", SourceState.FAILED, reason="dns", failed_in_a_row=2), "failed:bbs"),
        (source("bbs", SourceState.RUNNING, ended_state=SourceState.BLOCKED, reason="waf"), "blocked:bbs"),
        (source("bbs", SourceState.FAILED, reason="layout", not_understood=1), "changed:bbs"),
        (source("bbs", SourceState.PARTIAL, reason="9 × layout", pages=8, not_understood=9), "changed:bbs"),
        (source("bbs", SourceState.PARTIAL, details=SourceDetails(lost=("教育",))), "incomplete:bbs"),
        (source("bbs", details=SourceDetails(short={"停电": (46, 130)})), "incomplete:bbs"),
        (source("bbs", read=9, filled=20, page_norm=8.0), "thin:bbs"),
        (source("bbs", newest_at=NOW - 400 * 24 * HOUR), "stale:bbs"),
        (source("bbs", details=SourceDetails(empty=True)), "stale:bbs"),
        (source("bbs", expires_at=NOW + HOUR), "expiring:bbs"),
        (source("bbs", expires_at=NOW - HOUR), "expired:bbs"),
    ],
)
def test_of_a_source_the_most_telling_thing_is_said(fact: SourceFact, key: str) -> None:
    found = find(sources=(fact, source("other")))
    assert [one.key for one in found] == [key]
    assert "「bbs」" in found[0].what
    assert found[0].what.endswith("。")
    assert found[0].todo.endswith("。")
    assert found[0].since <= NOW


@pytest.mark.parametrize(
    "fact",
    [
        source("bbs", SourceState.FAILED),  # once: its last success is still to be trusted
        source("bbs", SourceState.FAILED, failed_in_a_row=1),
        source("bbs", due_at=NOW - HOUR / 2),  # late, and not yet too late
        source("bbs", norm=100.0, read=20),
        source("bbs", norm=9.0, read=0),  # a quiet source
        source("bbs", fresh_until=None),  # handed in when there is something
    ],
)
def test_what_may_happen_to_a_source_any_day_is_no_trouble(fact: SourceFact) -> None:
    assert find(sources=(fact,)) == []


def test_a_source_that_is_configured_and_was_never_read_is_missed() -> None:
    topics = {"a": WatchedFact("停电", ("paper",))}
    assert keys(sources=(source("bbs"),), configured=("bbs", "feed"), topics=topics) == ["unread:feed", "unread:paper"]


def test_many_that_were_never_read_are_one_letter() -> None:
    found = find(sources=(source("bbs"),), configured=("bbs", "a", "b", "c"))
    assert {one.key: one.covered for one in found} == {
        "unread:all": False, "unread:a": True, "unread:b": True, "unread:c": True,
    }  # fmt: skip
    assert found[0].what == "3 个信息源已配置，但从未读取过：a、b、c。"


def test_a_refusal_is_told_in_words_of_staff_with_what_was_lost() -> None:
    (refused,) = find(sources=(source("bbs", SourceState.BLOCKED, reason="login (at passport.example.cn)"),))
    assert refused.what == "信息源「bbs」拒绝访问（要求登录（passport.example.cn）），最近一次成功在 09月21日 13:00。"
    (lost,) = find(sources=(source("bbs", SourceState.PARTIAL, details=SourceDetails(lost=("教育", "民生"))),))
    assert lost.what == "信息源「bbs」有 2 个版块读不到了：教育、民生。"
    (short,) = find(sources=(source("bbs", details=SourceDetails(short={"停电": (46, 130)})),))
    assert short.what == "信息源「bbs」未读全，网站自己的总数多于已采集的：停电（130 条缺 46 条）。"
    (thin,) = find(sources=(source("bbs", read=9, filled=20, page_norm=8.0),))
    assert thin.what == "信息源「bbs」上次 20 页只读到 9 条，平时每页约 8.0 条，页面可能已改版。"


def test_a_topic_whose_sources_refuse_or_never_answered_is_blind_and_they_are_told_too() -> None:
    never = dead("b", fresh_until=None, succeeded_at=None)
    shut = source("a", SourceState.BLOCKED, reason="captcha", fresh_until=NOW - MINUTE)
    sources = (shut, never, source("c"))
    found = find(sources=sources, topics={"t": WatchedFact("停电", ("a", "b")), "u": WatchedFact("电费", ("a", "c"))})
    assert {one.key: one.covered for one in found} == {"blind:t": False, "blocked:a": False, "failed:b": True}
    lately = (replace(shut, fresh_until=NOW + MINUTE), never)  # what it brought last is still to be trusted
    assert keys(sources=lately, topics={"t": WatchedFact("停电")}) == ["blocked:a", "failed:b"]


def test_sources_that_fail_together_are_one_incident_and_hide_what_follows_from_it() -> None:
    sources = (dead("a"), dead("b"), dead("c", fresh_until=NOW - HOUR), source("d"))
    found = find(sources=sources, topics={"t": WatchedFact("停电", ("a", "b"))})
    assert [one.key for one in found if not one.covered] == ["network:all"]
    assert found[0].grade is Grade.ORANGE
    assert found[0].since == NOW - 3 * HOUR
    assert "4 个信息源中有 3 个读取不到：a、b、c" in found[0].what
    assert {one.key for one in found if one.covered} == {"blind:t", "failed:a", "failed:b", "failed:c"}


def test_two_dead_sources_of_many_are_two_incidents() -> None:
    sources = (dead("a"), dead("b"), *(source(name) for name in "cdefg"))
    assert [(one.key, one.covered) for one in find(sources=sources)] == [("failed:a", False), ("failed:b", False)]


def test_a_topic_of_which_no_source_answers_is_blind_and_names_it_by_its_name() -> None:
    topics = {"t": WatchedFact("停电", ("a",)), "u": WatchedFact("电费", ("a",)), "v": WatchedFact("食堂", ("a", "b"))}
    blind, failed = find(sources=(dead("a"), source("b")), topics=topics)
    assert (blind.key, blind.covered, failed.key, failed.covered) == ("blind:t", False, "failed:a", True)
    assert "「停电」、「电费」" in blind.what
    assert "食堂" not in blind.what


def test_a_source_without_a_rhythm_blinds_no_topic() -> None:
    handed_in = source("a", SourceState.FAILED, fresh_until=None)
    assert keys(sources=(handed_in,), topics={"t": WatchedFact("停电")}) == ["failed:a"]


@pytest.mark.parametrize(("state", "words"), [(StageState.LATE, "没有响应"), (StageState.STOPPED, "已停止")])
def test_a_stage_that_ran_and_stands_still_is_trouble_and_explains_what_waits(state: StageState, words: str) -> None:
    stages = (StageFact("score", state, NOW - HOUR),)
    still, waits = find(stages=stages, complete_until=NOW - HOUR)
    assert (still.key, still.since, still.grade) == ("stage:score", NOW - HOUR, Grade.ORANGE)
    assert f"研判程序（score）{words}" in still.what
    assert (waits.key, waits.covered) == ("behind:all", True)


def test_posts_that_wait_are_told_of_after_the_limit() -> None:
    assert keys(complete_until=NOW - CONFIG.behind) == []
    (behind,) = find(complete_until=NOW - 45 * MINUTE)
    assert (behind.key, behind.covered) == ("behind:all", False)
    assert "45 分钟" in behind.what


def test_a_log_of_which_nothing_is_known_is_trouble() -> None:
    assert keys(complete_until=None) == ["log:all"]


def test_a_quarantine_is_full_by_its_size_or_by_its_growth() -> None:
    assert keys(quarantine=QuarantineFact(999, 99)) == []
    assert keys(quarantine=QuarantineFact(1000, 0)) == ["quarantine:all"]
    assert keys(quarantine=QuarantineFact(100, 100)) == ["quarantine:all"]


def test_letters_that_cannot_go_are_red_and_counted() -> None:
    (found,) = find(letters=LettersFact(3, NOW - HOUR, 2))
    assert (found.key, found.grade, found.since) == ("letters:all", Grade.RED, NOW - HOUR)
    assert "3 封通知未能送出" in found.what
    assert "2 封被拒收" in found.what


def test_a_disk_is_full_before_it_is() -> None:
    assert keys(disks=(DiskFact("var", 6, 100),)) == []
    assert keys(disks=(DiskFact("var", 4, 100),)) == ["disk:var"]


def test_changed_histories_are_one_incident_that_names_the_cases() -> None:
    (found,) = find(changed=(7, 9))
    assert (found.key, found.grade) == ("history:all", Grade.RED)
    assert "事件 7、9" in found.what


def test_long_lists_are_cut() -> None:
    (found,) = find(changed=tuple(range(20)))
    assert "等 20 个" in found.what


def test_an_office_sets_its_own_grade() -> None:
    rule = IncidentRule(grade=Grade.YELLOW, after=HOUR, source="本单位")
    (found,) = find(replace(CONFIG, kinds={Kind.DISK: rule}), disks=(DiskFact("var", 1, 100),))
    assert found.grade is Grade.YELLOW


def test_every_kind_has_a_row() -> None:
    assert set(ROWS) == set(Kind)
    assert all(row.name and row.todo for row in ROWS.values())


def test_a_source_that_is_read_by_another_view_is_told_with_what_it_does_not_tell() -> None:
    details = SourceDetails(plainer={"lists": "archiver", "threads": "mobile"}, plainer_since=NOW - 2 * HOUR)
    (one,) = find(sources=(source("bbs", SourceState.PARTIAL, reason="4 × layout", details=details),))
    assert (one.key, one.since) == ("changed:bbs", NOW - 2 * HOUR)
    assert "常规页面无法识别，已改读文字版和手机版" in one.what
    assert "编辑和删除暂时查不到" in one.what


@pytest.mark.parametrize(
    ("number", "topics"),
    [
        (1, "话题「一」"),
        (2, "话题「一」、「二」"),
        (9, "「一」、「二」、「三」、「四」、「五」、「六」、「七」、「八」等 9 个话题"),
    ],
)
def test_topics_that_nobody_sees_are_named_and_counted(number: int, topics: str) -> None:
    watched = {name: WatchedFact(name=name, sources=()) for name in "一二三四五六七八九"[:number]}
    told = [one.what for one in find(sources=(dead("bbs"),), topics=watched)]
    assert f"{topics}的信息源全部读取不到（bbs），新帖暂时看不到。" in told
