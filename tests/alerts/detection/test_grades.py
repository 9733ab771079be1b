from alerts.notify.letters import grading_lines

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade, Measure, grade


def test_a_spike_that_meets_no_criterion_is_blue(config: AlertsConfig) -> None:
    assert grade({}, config.grades).grade is Grade.BLUE


def test_the_gravest_criterion_that_holds_decides(config: AlertsConfig) -> None:
    graded = grade({Measure.VOICES: 30, Measure.NEGATIVE: 120, Measure.REPOSTS: 9_999}, config.grades)
    assert graded.grade is Grade.ORANGE
    assert {one.criterion.measure for one in graded.held} == {Measure.NEGATIVE}


def test_a_grade_says_what_made_it_and_what_would_raise_it(config: AlertsConfig) -> None:
    lines = grading_lines(grade({Measure.VOICES: 30, Measure.NEGATIVE: 40, Measure.SITES: 1}, config.grades))
    assert lines[0] == "不同发言者数 30 ≥ 10，达到「较大」标准"
    assert "若负面帖文数达到 100（现为 40），将升为「重大」" in lines


def test_every_number_of_the_shipped_table_names_its_source(config: AlertsConfig) -> None:
    assert all(row.source for row in config.grades)
    assert all(limit.source for limits in config.ladder.limits.values() for limit in limits.values())
