from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.wording import grading_lines
from alerts.config import AlertsConfig
from alerts.detection.grades import GRADE_NAMES, HIGHEST, MEASURE_NAMES, Criterion, Grade, Measure, grade, never_reached

CRITERIA = st.lists(
    st.builds(
        Criterion,
        grade=st.sampled_from(Grade),
        measure=st.sampled_from(Measure),
        at_least=st.floats(0.1, 1e6),
        source=st.just("a test"),
    ),
    max_size=8,
)
MEASURES = st.dictionaries(st.sampled_from(Measure), st.floats(0, 1e6))


def test_without_any_criterion_a_spike_is_of_the_lowest_grade(config: AlertsConfig) -> None:
    assert grade({}, ()).grade is Grade.BLUE
    assert grade({}, config.grades).grade is Grade.BLUE


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ({Measure.SITES: 2}, Grade.YELLOW),
        ({Measure.SITES: 4}, Grade.ORANGE),
        ({Measure.NEGATIVE: 100}, Grade.ORANGE),
        ({Measure.REPOSTS: 10_000, Measure.AUTHORS: 10}, Grade.RED),
        ({Measure.VIEWS: 99_999}, Grade.BLUE),
    ],
)
def test_the_gravest_grade_of_which_anything_holds(
    measures: Mapping[Measure, float], expected: Grade, config: AlertsConfig
) -> None:
    assert grade(measures, config.grades).grade is expected


def test_a_grade_says_what_held_and_what_did_not(config: AlertsConfig) -> None:
    graded = grade({Measure.NEGATIVE: 120, Measure.SITES: 2}, config.grades)
    assert graded.grade is Grade.ORANGE
    assert [(one.criterion.measure, one.measured) for one in graded.held] == [(Measure.NEGATIVE, 120)]
    assert len(graded.weighed) == len(config.grades)


def test_a_grade_says_what_made_it_and_what_would_raise_it(config: AlertsConfig) -> None:
    lines = grading_lines(grade({Measure.AUTHORS: 30, Measure.NEGATIVE: 40, Measure.SITES: 1}, config.grades))
    assert lines[0] == "不同发言者数 30 ≥ 10，达到「较大」标准"
    assert "若负面帖文数达到 100（现为 40），将升为「重大」" in lines


def test_every_number_of_the_shipped_table_names_its_source(config: AlertsConfig) -> None:
    assert all(row.source for row in config.grades)


def test_every_grade_and_measure_has_a_word() -> None:
    assert set(GRADE_NAMES) == set(Grade)
    assert set(MEASURE_NAMES) == set(Measure)
    assert len(set(MEASURE_NAMES.values())) == len(Measure)


@given(MEASURES, CRITERIA)
def test_every_criterion_is_weighed_and_what_held_is_of_the_grade(
    measures: dict[Measure, float], table: list[Criterion]
) -> None:
    graded = grade(measures, table)
    assert [one.criterion for one in graded.weighed] == table
    assert all(one.holds and one.criterion.grade is graded.grade for one in graded.held)
    assert graded.held or graded.grade is Grade.BLUE


@given(MEASURES, CRITERIA, st.sampled_from(Measure), st.floats(0, 1e6))
def test_more_of_anything_never_lowers_a_grade(
    measures: dict[Measure, float], table: list[Criterion], measure: Measure, more: float
) -> None:
    order = list(Grade)
    higher = {**measures, measure: measures.get(measure, 0.0) + more}
    assert order.index(grade(higher, table).grade) <= order.index(grade(measures, table).grade)


def row(grade_: Grade, at_least: float, measure: Measure = Measure.NEGATIVE) -> Criterion:
    return Criterion(grade=grade_, measure=measure, at_least=at_least, source="a test")


def test_a_row_that_a_graver_one_overtakes_is_named_and_so_is_a_grade_that_nothing_gives() -> None:
    table = (row(Grade.RED, 100), row(Grade.ORANGE, 200), row(Grade.YELLOW, 2, Measure.SITES))
    assert list(never_reached(table)) == ["grades.1: orange by negative >= 200 never decides: red asks 100 of it"]
    assert list(never_reached((row(Grade.RED, 100),))) == [
        "grades: nothing ever gives orange", "grades: nothing ever gives yellow",
    ]  # fmt: skip
    assert list(never_reached((row(Grade.RED, 100),), {Grade.ORANGE, Grade.YELLOW})) == []


def test_a_row_that_asks_for_more_than_is_ever_measured_is_named_and_gives_no_grade() -> None:
    table = (
        row(Grade.RED, 1.5, Measure.SHARE),
        row(Grade.ORANGE, 1, Measure.SHARE),
        row(Grade.YELLOW, 201, Measure.SITES),
    )
    assert list(never_reached(table)) == [
        "grades.0: red by share >= 1.5 never decides: no more than 1 is ever measured",
        "grades.2: yellow by sites >= 201 never decides: no more than 200 is ever measured",
        "grades: nothing ever gives red",
        "grades: nothing ever gives yellow",
    ]


def test_the_shipped_table_has_no_row_that_never_decides(config: AlertsConfig) -> None:
    assert list(never_reached(config.grades)) == []


@given(CRITERIA, MEASURES)
def test_what_never_decides_can_be_left_out(table: list[Criterion], measures: Mapping[Measure, float]) -> None:
    measures = {one: min(most, HIGHEST.get(one, most)) for one, most in measures.items()}
    idle = {int(words.split(":")[0].removeprefix("grades.")) for words in never_reached(table) if "." in words[:8]}
    kept = [one for at, one in enumerate(table) if at not in idle]
    assert grade(measures, kept).grade is grade(measures, table).grade
