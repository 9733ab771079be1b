"""Reasons and gradings in words: every one has a sentence, with its numbers in it."""

import pytest

from alerts.casefile.wording import REASON_WORDS, grading_lines, in_words, unverified
from alerts.detection.grades import Criterion, Grade, Measure, grade
from alerts.detection.signals import Finding, Reason

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
        (Finding(Reason.RISE, 10.31, 6.0), "近一小时负面明显多于平时"),
        (Finding(Reason.LATE, 0.7, 0.5), "迟到：约 42 分钟前升温，当时数据未到或系统未运行"),
        (Finding(Reason.LATE, 3.2, 0.5), "迟到：约 3 小时前升温，当时数据未到或系统未运行"),
        (Finding(Reason.LATE, 70, 0.5), "迟到：约 3 天前升温，当时数据未到或系统未运行"),
        (Finding(Reason.COPIES, 16, 18.5), "其中 16 条为雷同文字，可能有人集中转贴"),
        (Finding(Reason.SOURCES_SILENT, 2, 5), "5 个信息源中有 2 个未按时应答，实际数量可能更多"),
        (Finding(Reason.FEW_AUTHORS, 2, 3), "仅 2 个不同发言者，不足 3 个"),
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
    assert unverified([("险情", 2)]) == "2 条称有险情，说到了地点和时间；是否属实，待核实"
    assert unverified([]) == ""
    assert "\n" not in unverified([("险\r\n情", 1)])


def test_beyond_a_hundred_times_only_the_quiet_before_is_measured() -> None:
    (held, *_) = grading_lines(grade({Measure.FACTOR: 3_000.0}, TABLE))
    assert held == "相当于常态的倍数 超过 100 倍 ≥ 20 倍，达到「重大」标准"
