"""Three words are understood and nothing beside them: what is not plainly an order is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replies.orders import ACKNOWLEDGE, ASSIGN, FALSE_ALARM, Instruction, of_incident, understand


@pytest.mark.parametrize(
    "line",
    ["收到", "收到。", " 收到！ ", "已收到", "收到了", "签收", "收到，谢谢", "收到，谢谢您！", "收到～", "已签收。"],
)
def test_a_letter_is_acknowledged_in_the_ways_people_do(line: str) -> None:
    assert understand(line) == Instruction(ACKNOWLEDGE)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("误报 去年的旧闻", "去年的旧闻"),
        ("误报：计划停电公告被转发", "计划停电公告被转发"),
        ("误报，已电话核实", "已电话核实"),
        ("误报", ""),
        ("误报。", ""),
        ("误报　全角空格", "全角空格"),
    ],
)
def test_a_false_alarm_comes_with_its_reason(line: str, reason: str) -> None:
    assert understand(line) == Instruction(FALSE_ALARM, reason)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("转办 调度抢修中心", "调度抢修中心"),
        ("转办：李强", "李强"),
        ("转办给李强。", "李强"),
        ("转办到 dispatch", "dispatch"),
    ],
)
def test_a_case_is_passed_on_to_who_is_named(line: str, name: str) -> None:
    assert understand(line) == Instruction(ASSIGN, name)


@pytest.mark.parametrize(
    "line",
    [
        "", "好的", "收到不了", "没收到", "未收到附件", "收到？", "收到吗", "收到，但我不负责", "不是误报", "误报？",
        "误报吗", "误报率高", "这是误报", "是误报吧", "误报 是吗？", "转办", "转办谁？", "请转办李强", "acknowledge",
        "结案", "销号", "属实", "谣言", "收到 误报 旧闻",
    ],
)  # fmt: skip
def test_a_question_a_denial_and_anything_else_is_no_order(line: str) -> None:
    assert understand(line) is None


@given(st.text(max_size=200))
def test_no_line_is_more_than_one_of_three_orders(line: str) -> None:
    order = understand(line)
    assert order is None or order.action in (ACKNOWLEDGE, FALSE_ALARM, ASSIGN)


def test_the_same_words_do_to_an_incident_what_they_do_to_a_case() -> None:
    assert of_incident(Instruction(ACKNOWLEDGE)) == Instruction("take")
    assert of_incident(Instruction(FALSE_ALARM, "演练")) == Instruction("no_fault", "演练")
    assert of_incident(Instruction(ASSIGN, "李强")) == Instruction(ASSIGN, "李强")
