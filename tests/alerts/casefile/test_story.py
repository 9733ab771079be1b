"""A spike in the words of an office: what is usual, how many times, how many people, in whose words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.likeness import Alike
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.story import alike_line, numbers, reasons, story, window
from alerts.detection.grades import Grade, Grading
from alerts.detection.signals import Finding, Reason, Signal, State

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RISE = Finding(Reason.RISE, 9.0, 5.0)


def signal(*findings: Finding, **changes: Any) -> Signal:
    plain: dict[str, Any] = {
        "topic": "outage", "state": State.SPIKE, "at": NOW, "window_start": NOW - HOUR, "window_end": NOW,
        "since": NOW - HOUR, "total": 60, "negative": 53, "authors": 53, "texts": 53, "unscored": 0, "effective": 53.0,
        "expected": 0.9, "share": 0.88, "usual_share": 0.2, "bar": 22.6, "findings": findings or (RISE,),
    }  # fmt: skip
    return Signal(**(plain | changes))


def snapshot(one: Signal, **changes: Any) -> CaseSnapshot:
    return replace(CaseSnapshot(one, Grading(Grade.BLUE, ()), (), ()), **changes)


def test_a_burst_is_told_in_three_sentences() -> None:
    assert story(signal(texts=27)) == (
        "近 1 小时负面信息 53 条，至少为往常的 53 倍；往常同时段不足 1 条；涉及发帖人 53 人；约一半是相同文字的转发",
        "负面占比 88%，平时约 20%",
        "此时段的预警线约为每小时 23 条",
    )


@pytest.mark.parametrize(
    ("expected", "effective", "words"),
    [
        (0.02, 12.0, "近 1 小时负面信息 53 条，去重后至少为往常的 12 倍；往常同时段不足 1 条"),
        (4.0, 53.0, "近 1 小时负面信息 53 条，约为往常的 13 倍；往常同时段约 4 条"),
        (22.0, 53.0, "近 1 小时负面信息 53 条，约为往常的 2.5 倍；往常同时段约 22 条"),
        (50.0, 53.0, "近 1 小时负面信息 53 条，往常同时段约 50 条"),
        (0.3, 0.25, "近 1 小时负面信息 53 条，往常同时段不足 1 条"),
        (1.2, 530.0, "近 1 小时负面信息 53 条，为往常的 100 倍以上；往常同时段约 1 条"),
    ],
)
def test_how_many_times_the_usual_is_never_said_of_next_to_nothing(
    expected: float, effective: float, words: str
) -> None:
    assert story(signal(expected=expected, effective=effective))[0].startswith(words)


@pytest.mark.parametrize(
    ("length", "words"), [(HOUR, "近 1 小时"), (DAY, "近 24 小时"), (3 * DAY, "近 3 天"), (None, "近 1 小时")]
)
def test_the_window_is_named_as_people_say_it(length: timedelta | None, words: str) -> None:
    """A case of before the windows of days has no end of its window: it was an hour."""
    found = signal(window_start=NOW - (length or HOUR), window_end=NOW if length else None)
    assert window(found) == words
    usual = "往常同样长的时间" if length and length > HOUR else "往常同时段"
    assert f"{usual}不足 1 条" in story(found)[0]


def test_of_a_wave_that_is_past_its_hours_are_named_and_not_the_bar_of_now() -> None:
    late = signal(RISE, Finding(Reason.LATE, 3.0, 0.5), window_start=NOW - 4 * HOUR, window_end=NOW - 3 * HOUR)
    assert story(late)[0].startswith("11月2日10:00至11:00间负面信息 53 条")
    assert not any("预警线" in line for line in story(late))
    assert reasons(snapshot(late))[-1] == "迟到：约 3 小时前升温，当时数据未到或系统未运行"
    overnight = replace(late, window_start=NOW - 3 * DAY, window_end=NOW - HOUR)
    assert window(overnight) == "10月30日14:00至11月2日13:00间"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (53, None), (40, None), (35, "约三分之一是相同文字的转发"), (27, "约一半是相同文字的转发"),
        (18, "约三分之二是相同文字的转发"), (13, "约四分之三是相同文字的转发"), (5, "约九成是相同文字的转发"),
        (2, "几乎全部是相同文字的转发"), (1, "几乎全部是同一段文字的转发"),
    ],
)  # fmt: skip
def test_copies_are_told_as_parts(texts: int, words: str | None) -> None:
    told = story(signal(texts=texts))[0]
    assert told.endswith("涉及发帖人 53 人" if words is None else words)


def test_the_first_day_has_no_usual_to_be_held_against() -> None:
    told = story(signal(Finding(Reason.BARE, 120, 100), bar=100.0))
    assert told[0] == "近 1 小时负面信息 53 条；涉及发帖人 53 人"
    assert told[1] == "基线不足：话题监测不满一天，还说不出平时有多少，先按绝对数量预警（预警线 100 条）"
    assert not any("往常同时段" in line or "每小时" in line for line in told)


@pytest.mark.parametrize(
    ("total", "usual", "words"),
    [
        (4, 80.0, "近 24 小时发帖 4 条，不足平时的一成（平时同样长的时间约 80 条），请先核对采集是否正常"),
        (18, 80.0, "近 24 小时发帖 18 条，约为平时的两成（平时同样长的时间约 80 条），请先核对采集是否正常"),
        (200, 80.0, "近 24 小时发帖 200 条，约为平时的九成（平时同样长的时间约 80 条），请先核对采集是否正常"),
        (4, 0.0, "近 24 小时发帖 4 条，明显少于平时，请先核对采集是否正常"),
    ],
)
def test_a_topic_that_dried_up_sends_people_to_the_crawlers_first(total: int, usual: float, words: str) -> None:
    fell = signal(Finding(Reason.FALL, 8.0, 5.0), total=total, usual_total=usual, window_start=NOW - DAY)
    assert story(fell) == (words,)


def test_what_the_story_tells_is_not_told_once_more() -> None:
    share, copies = Finding(Reason.SHARE, 6e-5, 1e-3), Finding(Reason.COPIES, 27, 26.5)
    told = reasons(snapshot(signal(RISE, share, copies, Finding(Reason.UNSCORED, 7, 5), texts=26)))
    assert told == (
        "近 1 小时负面信息 53 条，至少为往常的 53 倍；往常同时段不足 1 条；涉及发帖人 53 人；"
        "约一半是相同文字的转发，可能有人集中转贴",
        "负面占比 88%，平时约 20%，异常升高",
        "此时段的预警线约为每小时 23 条",
        "7 条未能评分，请人工查看",
    )


def test_scores_and_thresholds_are_kept_beside() -> None:
    share = Finding(Reason.SHARE, 6e-5, 1e-3)
    assert numbers(signal(RISE, share, expected=0.123, effective=25.04)) == (
        "偏离 9.0，预警线 5.0",
        "负面占比的偶然概率 6e-05，阈值 0.001",
        "去重折算 25 条，预期 0.12 条",
        "统计时段 11月2日13:00至14:00",
    )


def test_a_false_alarm_is_named_by_its_number_its_day_and_what_is_alike() -> None:
    alike = Alike(12, NOW, True, 0.0)
    assert alike_line(alike) == "与11月2日研判为误报的事件12相似（时段相同、倍数相近），供研判参考"
    assert "（约三分之二的帖文相同）" in alike_line(replace(alike, shape=False, texts=0.6))
    told = reasons(snapshot(signal(), alike=(alike,), calmed_at=NOW - DAY))
    assert told[-2:] == ("复燃：上一轮于11月1日14:00平息", alike_line(alike))


def test_a_quiet_topic_is_told_without_people_or_shares() -> None:
    quiet = replace(signal(), findings=(), total=0, negative=0, authors=0, texts=0, effective=0.0, share=0.0)
    assert story(quiet) == ("近 1 小时负面信息 0 条，往常同时段不足 1 条", "此时段的预警线约为每小时 23 条")


COUNTS = st.integers(0, 10_000)


@given(
    COUNTS, COUNTS, COUNTS, st.floats(0, 1e6), st.floats(0, 1e6), st.sets(st.sampled_from(Reason)), st.integers(0, 200)
)
def test_whatever_was_counted_there_is_a_story_on_lines_of_their_own(
    negative: int, texts: int, authors: int, effective: float, expected: float, found: set[Reason], hours: int
) -> None:
    one = signal(
        *(Finding(reason, 9.0, 5.0) for reason in found), negative=negative, texts=min(texts, negative),
        authors=authors, effective=effective, expected=expected, usual_total=expected,
        window_start=NOW - (hours + 1) * HOUR,
    )  # fmt: skip
    told = (*reasons(snapshot(one)), *numbers(one))
    assert all(line.strip() and "\n" not in line and "{" not in line for line in told)
