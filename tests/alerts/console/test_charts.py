"""A chart is well-formed, within its frame, and says in words what it shows."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.console.charts import HEIGHT, WIDTH, ceiling, course_chart, deeds_of, in_words, moment_of, share_of
from alerts.desk.dealing.course import CaseCourse, CourseMark
from stream.index.port import Bucket

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
STEP = timedelta(minutes=5)
SVG = "{http://www.w3.org/2000/svg}"


def course(counts: list[tuple[int, int]], *marks: CourseMark, step: timedelta = STEP) -> CaseCourse:
    bins = [Bucket(NOW + at * step, total=total, negative=negative) for at, (total, negative) in enumerate(counts)]
    return CaseCourse(tuple(bins), step, marks)


def drawn(told: CaseCourse, name: str = "停电抢修") -> ElementTree.Element:
    svg = course_chart(told, name).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(svg)


def heights(root: ElementTree.Element, kind: str) -> list[float]:
    return [float(one.attrib["height"]) for one in root.iter(f"{SVG}rect") if one.attrib["class"] == kind]


def test_bars_are_as_high_as_their_counts_and_none_stands_for_nothing() -> None:
    root = drawn(course([(10, 5), (0, 0), (4, 4), (2, 0)]))
    total, negative = heights(root, "c-all"), heights(root, "c-neg")
    assert [round(one / total[0], 2) for one in total] == [1.0, 0.4, 0.2]
    assert [round(one / total[0], 2) for one in negative] == [0.5, 0.4]


def test_the_share_is_a_line_over_the_steps_that_have_posts() -> None:
    root = drawn(course([(10, 5), (0, 0), (4, 4)]))
    (line,) = root.iter(f"{SVG}polyline")
    points = line.attrib["points"].split()
    assert len(points) == 2
    assert float(points[0].split(",")[1]) > float(points[1].split(",")[1]), "the second is higher"


def test_deeds_are_numbered_and_letters_are_triangles_with_their_time() -> None:
    marks = (
        CourseMark(NOW, "张敏 签收"), CourseMark(NOW + STEP / 9, "李强 上报"), CourseMark(NOW + STEP, "发出通知", True)
    )  # fmt: skip
    told = course([(4, 1)] * 10, *marks)
    root = drawn(told)
    numbers = [one for one in root.iter(f"{SVG}text") if one.attrib["class"] == "c-number"]
    assert [one.text for one in numbers] == ["1–2"], "marks that are close have one number together"
    (letter,) = root.iter(f"{SVG}path")
    assert letter[0].text == "9月21日14:05 发出通知"
    assert [one.words for one in deeds_of(told)] == ["张敏 签收", "李强 上报"]


@given(st.lists(st.integers(0, 600), min_size=1, max_size=12))
def test_no_two_numbers_lie_on_one_another(minutes: list[int]) -> None:
    deeds = [CourseMark(NOW + timedelta(minutes=at), "张敏 签收") for at in sorted(minutes)]
    root = drawn(course([(4, 1)] * 10, *deeds, step=timedelta(hours=1)))
    numbers = [one for one in root.iter(f"{SVG}text") if one.attrib["class"] == "c-number"]
    ends: dict[str, float] = {}
    for one in numbers:
        middle, half = float(one.attrib["x"]), 3.2 * len(one.text or "")
        assert ends.get(one.attrib["y"], 0.0) <= middle - half
        ends[one.attrib["y"]] = middle + half
    assert numbers[-1].text is not None
    assert numbers[-1].text.endswith(str(len(deeds)))


def test_a_chart_is_told_in_words_and_names_are_escaped() -> None:
    root = drawn(course([(10, 5), (4, 4)]), name="<script>alert(1)</script>")
    assert root.attrib["role"] == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "<script>alert(1)</script>：帖文走势"
    assert desc is not None
    assert desc.text == "共 14 条帖文，其中负面 9 条；9月21日14:00起的一格负面最多，5 条。"
    assert in_words(course([(0, 0)])) == "这段时间没有帖文。"
    assert course_chart(course([]), "停电") == ""


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=48),
    st.lists(st.tuples(st.timedeltas(timedelta(days=-9), timedelta(days=9)), st.booleans()), max_size=9),
)
def test_nothing_is_drawn_outside_the_frame(counts: list[tuple[int, int]], marks: list[tuple[timedelta, bool]]) -> None:
    told = course(
        [(total, min(total, negative)) for total, negative in counts],
        *(CourseMark(NOW + at, "<&>", is_letter) for at, is_letter in marks),
    )
    root = drawn(told)
    for one in root.iter(f"{SVG}rect"):
        left, top = float(one.attrib["x"]), float(one.attrib["y"])
        assert 0 <= left <= left + float(one.attrib["width"]) <= WIDTH
        assert 0 <= top <= top + float(one.attrib["height"]) <= HEIGHT
    for one in root.iter(f"{SVG}line"):
        assert 0 <= float(one.attrib["x1"]) <= WIDTH
    assert "style=" not in course_chart(told, "停电")


@given(st.integers(0, 10**9))
def test_an_axis_ends_with_a_round_count_not_far_above_the_highest(most: int) -> None:
    top = ceiling(most)
    assert most <= top
    assert top <= max(4, 2.5 * most)


@pytest.mark.parametrize(("most", "top"), [(0, 4), (4, 4), (5, 10), (11, 20), (21, 40), (41, 100)])
def test_ceilings_are_fours_tens_and_twenties(most: int, top: int) -> None:
    assert ceiling(most) == top


def test_days_are_named_without_a_time_and_no_post_has_no_share() -> None:
    assert moment_of(NOW, timedelta(days=1)) == "9月21日"
    assert moment_of(NOW, STEP) == "9月21日14:00"
    assert share_of(Bucket(NOW)) is None
    assert share_of(Bucket(NOW, total=4, negative=1)) == 0.25
