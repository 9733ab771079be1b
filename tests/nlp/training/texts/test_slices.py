"""Which kinds of text a text belongs to."""

import pytest

from nlp.text import for_model
from nlp.training.texts.slices import SLICES, masks, slices_of

CASES = [
    ("好的[赞]", {"short"}),
    ("食堂的菜今天实在是不怎么样,以后再也不来了", {"negation"}),
    ("今天特别开心,和特地来看我的别人家孩子一起玩", set()),
    ("呵呵,这就是贵公司承诺的两小时之内恢复供电", {"irony markers"}),
    ("同意这位网友的看法和建议//@李四:大家都这么觉得", {"reposts"}),
    ("请问城西片区今天晚上大概几点能够恢复供电", {"questions"}),
    ("电费又涨到多少钱一度了你们知道吗?[思考]", {"questions"}),
    ("【停电通知】因线路检修,新华路北段计划停电", {"news-like"}),
    ("记者来的时候我正好在家里收拾东西准备出门", set()),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_is_of_the_kinds_that_its_words_show(text: str, expected: set[str]) -> None:
    assert slices_of(for_model(text).text) == expected


def test_masks_tell_each_text_of_each_kind() -> None:
    found = masks([text for text, _ in CASES])
    assert set(found) == set(SLICES)
    assert found["short"].tolist() == [True] + [False] * (len(CASES) - 1)
