"""Reasons and gradings in words: every one has a sentence, with its numbers in it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.casefile.wording import (
    FIRED_WORDS,
    REASON_WORDS,
    TOLD,
    amount,
    fired_lines,
    grading_lines,
    in_words,
    unverified,
)
from alerts.detection.firing import Fired
from alerts.detection.grades import Criterion, Grade, Measure, grade
from alerts.detection.signals import Finding, Reason
from alerts.detection.triggers import When

TABLE = (
    Criterion(grade=Grade.RED, measure=Measure.NEGATIVE, at_least=500, source="x"),
    Criterion(grade=Grade.ORANGE, measure=Measure.SHARE, at_least=0.9, source="x"),
    Criterion(grade=Grade.ORANGE, measure=Measure.FACTOR, at_least=20, source="x"),
    Criterion(grade=Grade.YELLOW, measure=Measure.AUTHORS, at_least=10, source="x"),
)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence(reason: Reason) -> None:
    words = in_words(Finding(reason, 1234.5, 99.0))
    assert words
    assert "{" not in words
    assert REASON_WORDS.keys() == set(Reason)


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding(Reason.RISE, 10.31, 6.0), "近一小时负面信息明显多于往常"),
        (Finding(Reason.LATE, 0.7, 0.5), "迟到：约 42 分钟前升温，当时数据未到或系统未运行"),
        (Finding(Reason.LATE, 3.2, 0.5), "迟到：约 3 小时前升温，当时数据未到或系统未运行"),
        (Finding(Reason.LATE, 70, 0.5), "迟到：约 3 天前升温，当时数据未到或系统未运行"),
        (Finding(Reason.COPIES, 16, 18.5), "其中 16 条为雷同文字，可能有人集中转贴"),
        (Finding(Reason.SOURCES_SILENT, 2, 5), "5 个信息源中有 2 个未按时采集成功，实际数量可能更多"),
        (Finding(Reason.FEW_AUTHORS, 2, 3), "仅 2 名发帖人，不足 3 名"),
    ],
)
def test_numbers_stand_where_they_belong(finding: Finding, words: str) -> None:
    assert in_words(finding) == words


def test_a_grade_says_what_made_it_and_what_the_next_one_would_take() -> None:
    graded = grade({Measure.NEGATIVE: 37, Measure.AUTHORS: 28, Measure.SHARE: 0.82, Measure.FACTOR: 6.12}, TABLE)
    assert grading_lines(graded) == [
        "不同发言者数 28 ≥ 10，达到「较大」标准",
        "若负面占比达到 90%（现为 82%），将升为「重大」",
        "若相当于常态的倍数达到 20 倍（现为 6.1 倍），将升为「重大」",
    ]


def test_the_gravest_grade_has_nothing_above_it() -> None:
    assert grading_lines(grade({Measure.NEGATIVE: 501}, TABLE)) == ["负面帖文数 501 ≥ 500，达到「特别重大」标准"]


def test_without_a_criterion_that_holds_this_is_said() -> None:
    assert grading_lines(grade({}, ())) == ["未达到更高等级的任何一项标准"]


def test_a_danger_is_claimed_and_never_stated() -> None:
    assert unverified([("险情", 2)]) == "其中 2 条称发生险情，并提及地点、时间，真实性待核实"
    assert unverified([]) == ""
    assert "\n" not in unverified([("险\r\n情", 1)])


def test_beyond_a_hundred_times_only_the_quiet_before_is_measured() -> None:
    (held, *_) = grading_lines(grade({Measure.FACTOR: 3_000.0}, TABLE))
    assert held == "相当于常态的倍数 超过 100 倍 ≥ 20 倍，达到「重大」标准"


def fired(when: When, measured: int, words: str, *things: str) -> Fired:
    return Fired(
        when=when, key="k", topic="outage", things=things, grade=Grade.ORANGE, source="由单位自定", measured=measured,
        at_least=500, posts=(), words=words, latest=datetime(2026, 9, 21, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (fired(When.CUE, 2, "险情", "danger"), "2 人称某处发生险情，并提及地点、时间，真实性待核实"),
        (fired(When.SOURCE, 1, "权威媒体", "城市日报"), "权威媒体 城市日报 参与报道，1 条"),
        (
            fired(When.SPREAD, 3, "bbs、tieba、weibo", "tieba", "weibo"),
            "负面信息已出现在 3 个网站（bbs、tieba、weibo），其中 tieba、weibo 前几日没有",
        ),
        (fired(When.COUNTER, 12_345, "reposts", "a" * 32), "单帖转发达到 1.2 万，标准为 500"),
        (fired(When.URGENT, 1, "有人受伤", "a" * 32), "内部渠道有紧急反映，提到“有人受伤”，真实性待核实"),
        (fired(When.URGENT, 1, "", "a" * 32), "内部渠道有紧急反映，真实性待核实"),
        (fired(When.HAND, 0, "群里在传\r\nBcc: x", "孙丽"), "人工上报（孙丽）：群里在传 Bcc: x"),
    ],
)
def test_what_fired_is_said_soberly_on_one_line(one: Fired, line: str) -> None:
    assert fired_lines([one]) == [line]
    assert FIRED_WORDS.keys() == set(When)


def test_of_many_that_fired_the_newest_are_said_and_how_many_more() -> None:
    one = fired(When.CUE, 2, "险情", "danger")
    assert len(fired_lines([one] * TOLD)) == TOLD
    assert fired_lines([one] * (TOLD + 3))[-1] == "另有 3 项，见事件经过"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (9_999, "9999"), (10_000, "1 万"), (19_999, "1.9 万"), (1_234_567, "123.4 万")]
)
def test_a_count_is_said_as_people_say_it_and_never_as_more_than_it_is(count: int, words: str) -> None:
    assert amount(count) == words


def test_a_grade_that_a_trigger_set_says_so_with_where_the_number_comes_from() -> None:
    one = fired(When.CUE, 2, "险情", "danger")
    graded = replace(grade({}, TABLE), grade=Grade.ORANGE)
    assert grading_lines(graded, [one, one])[0] == "按触发条件定为「重大」（依据：由单位自定）"
    assert len([line for line in grading_lines(graded, [one, one]) if "触发" in line]) == 1
    assert grading_lines(graded, [replace(one, source="")])[0] == "上报人定为「重大」"
    assert grading_lines(grade({}, TABLE), [replace(one, grade=Grade.BLUE)])[0] == "未达到更高等级的任何一项标准"
