"""A case's record in words: nothing that was recorded is left out, and no key is shown that has a word."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import EventKind
from alerts.desk.cases import HistoryEntry, read_details
from alerts.desk.register import Register
from alerts.desk.telling import (
    OCCASION_NAMES,
    REASONS_SHORT,
    TRIGGER_NAMES,
    KnownNames,
    added,
    explain_grade,
    known_names,
    who,
)
from alerts.desk.versions import rules_print, version_lines
from alerts.detection.grades import Criterion, Grade, Grading, Measure, Weighed
from alerts.detection.signals import Reason
from alerts.detection.triggers import When
from alerts.notify.answers import STEP as ANSWER
from alerts.notify.contents.notice import Occasion

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
NAMES = KnownNames({"publicity": "宣传部"}, {"danger": "险情"})
COUNTS = {"grade": "yellow", "negative": 30, "effective": 24.5, "expected": 0.1, "authors": 28, "total": 33}


def entry(
    kind: str, *, is_act: bool = False, claimed: bool = False, unlisted: bool = False, **detail: object
) -> HistoryEntry:
    return HistoryEntry(
        number=1, at=NOW, kind=kind, by="张敏", note="", is_act=is_act, stage=None, verdict=None, claimed=claimed,
        unlisted=unlisted, detail=detail,
    )  # fmt: skip


def test_every_reason_trigger_and_occasion_has_a_word() -> None:
    assert set(REASONS_SHORT) == set(Reason)
    assert set(TRIGGER_NAMES) == set(When)
    assert {str(one) for one in Occasion} <= set(OCCASION_NAMES)


def test_where_a_split_case_comes_from_is_told_in_words() -> None:
    assert added(entry(EventKind.OPENED, split_from=3)) == ["拆分自事件：3"]


def test_counts_are_a_sentence() -> None:
    told = added(entry("rose", **COUNTS, reasons=["rise", "share"], triggers=[["cue:2", "danger"]]), NAMES)
    assert told == [
        "负面 30 条（去除雷同折算 24.5 条，往常不足 1 条），28 人发帖，总帖 33 条", "一小时内突增、负面占比异常",
        "触发：危险说法（险情）", "等级：较大",
    ]  # fmt: skip


def test_what_became_of_a_letter_is_told_with_the_servers_words() -> None:
    told = added(entry(EventKind.SENT, step="opened-acknowledge", message_id="<1@x>", answer="250 OK"))
    assert told == ["首次通知「签收」", "服务器答复：250 OK", "信件编号：<1@x>"]
    assert added(entry(EventKind.SENT, step="rose-5"))[0] == "上升通知"
    assert added(entry(EventKind.NOT_DELIVERED, step="brand-new"))[0] == "通知 brand-new"
    assert added(entry(EventKind.SENT, step=ANSWER))[0] == "回执"


def test_who_was_passed_over_is_told_by_name_and_the_last_desk_that_it_is_called_again() -> None:
    passed = {"step": "acknowledge", "from": "publicity", "to": "leaders", "due_at": "2026-09-21T07:00:00+00:00"}
    assert added(entry(EventKind.ESCALATED, **passed), NAMES) == [
        "「签收」宣传部超时未办，转leaders", "时限：9月21日15:00",
    ]  # fmt: skip
    again = added(entry(EventKind.ESCALATED, **(passed | {"to": "publicity"})), NAMES)
    assert again[0] == "「签收」宣传部超时未办，转同岗位再次催办"
    warned = added(entry(EventKind.WARNED, step="verify", desk="publicity"), NAMES)
    assert warned == ["「核实」时限将到，责任岗位：宣传部"]
    assert added(entry(EventKind.CALM, hours=14.7)) == ["已平静 14.7 小时"]


def test_who_did_it_is_the_program_or_a_person_with_what_is_not_proven() -> None:
    assert who(entry("rose")) == "系统"
    assert who(entry("verify", is_act=True)) == "张敏"
    assert who(entry("verify", is_act=True, claimed=True, unlisted=True)) == "张敏（自报，不在本环节岗位）"
    assert who(entry("opened", by_hand=True, claimed=True)) == "张敏（自报）"
    assert "人工上报" in added(entry("opened", by_hand=True))


@given(
    detail=st.dictionaries(
        st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1).map(lambda key: f"x_{key}"),
        st.one_of(st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=3)),
        max_size=5,
    ),
    kind=st.sampled_from([*EventKind, "regrade"]),
)
def test_whatever_a_later_version_records_is_told_without_braces(detail: dict[str, object], kind: str) -> None:
    told = added(entry(kind, **detail))
    assert len(told) == len(detail)
    assert all(any(line.startswith(f"{key}：") for line in told) for key in detail)


def test_a_plan_a_statement_and_a_grade_set_by_hand_are_told_without_keys() -> None:
    plan = entry("plan_remedy", is_act=True, remedy=1, owner="publicity", until="2026-09-22T10:00:00+00:00")
    assert added(plan, NAMES) == ["责任岗位：宣传部", "整改项：1", "期限：9月22日18:00"]
    assert added(entry("approve", is_act=True, statement=2), NAMES) == ["口径稿次：2"]
    regraded = entry("regrade", is_act=True, **{"from": "yellow", "to": "orange"})
    assert added(regraded, NAMES) == ["由「较大」改为「重大」"]


def test_nested_values_are_told_as_people_write_them() -> None:
    told = added(entry("regrade", grade="red", x={"step": "verify"}, desk="publicity"), NAMES)
    assert told == ["责任岗位：宣传部", "等级：特别重大", "x：环节 核实"]


def weighed(grade: Grade, measure: Measure, at_least: float, measured: float, source: str = "办法第三条") -> Weighed:
    return Weighed(Criterion(grade=grade, measure=measure, at_least=at_least, source=source), measured)


@pytest.fixture
def snapshot(register: Register, opened: int) -> CaseSnapshot:
    return read_details(register, opened).snapshot


def test_a_grade_names_what_fired_its_source_and_what_would_raise_or_lower_it(snapshot: CaseSnapshot) -> None:
    table = (
        weighed(Grade.ORANGE, Measure.NEGATIVE, 100, 30),
        weighed(Grade.YELLOW, Measure.AUTHORS, 10, 28, "set by the organisation"),
        weighed(Grade.BLUE, Measure.NEGATIVE, 1, 30),
    )
    told = list(explain_grade(Grade.YELLOW, replace(snapshot, grading=Grading(Grade.YELLOW, table))))
    assert told == [
        "不同发言者数 28 ≥ 10，达到「较大」标准（依据：单位自定）",
        "若负面帖文数达到 100（现为 30），将升为「重大」",
        "若不同发言者数低于 10，按数量标准为「一般」；事件等级不随数量回落，降级须由人决定",
    ]


def test_a_grade_beyond_the_numbers_says_so_and_the_lowest_that_it_is(snapshot: CaseSnapshot) -> None:
    table = (weighed(Grade.YELLOW, Measure.SHARE, 0.5, 0.2),)
    kept = replace(snapshot, grading=Grading(Grade.BLUE, table))
    assert "现为「重大」：此前达到，或由人确定" in list(explain_grade(Grade.ORANGE, kept))
    lowest = list(explain_grade(Grade.BLUE, kept))
    assert lowest == [
        "未达到更高等级的任何一项标准", "若负面占比达到 50%（现为 20%），将升为「较大」", "已是最低等级",
    ]  # fmt: skip


def test_names_are_those_of_the_configuration(register: Register) -> None:
    assert known_names(register).desk("publicity") == "宣传部舆情值班"
    assert known_names(register).desk("gone") == "gone"
    assert known_names(register).cue("danger") == "danger", "the test's topics have no cues"


def test_versions_say_what_is_known_and_what_is_not(register: Register) -> None:
    topic = register.topics.watched["outage"]
    told = list(version_lines(("wenfeng-mini@0.4",), topic))
    assert told[0].startswith("评分模型：wenfeng-mini@0.4；程序版本（现行）：")
    assert rules_print(topic) in told[1]
    assert rules_print(replace(topic, name="别的")) != rules_print(topic)
    assert "索引不可用" in next(version_lines(None, topic))
    assert "没有引用的帖文" in next(version_lines((), topic))
    assert "不在 topics.yml" in list(version_lines((), None))[1]
