import pytest

from crawlers.pages.reposts import in_chains, passing_on, without_names


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("转发微博//@李四:没电了//@王五：热死了", "转发微博//@…:没电了//@…:热死了"),
        ("说得好 // @李四:没电了", "说得好 //@…:没电了"),
        ("没有链", "没有链"),
        ("http://t.cn/a//b", "http://t.cn/a//b"),
        ("//@李四:没电了\n第二行//@王五:热", "//@…:没电了\n第二行//@…:热"),
    ],
)
def test_a_chain_keeps_its_words_and_loses_its_names(written: str, kept: str) -> None:
    assert without_names(written) == kept
    assert without_names(kept) == kept


def test_what_is_passed_on_follows_the_posters_own_words_as_far_as_it_is_there() -> None:
    assert passing_on("真的吗", "城东停电") == "真的吗//@…:城东停电"
    assert passing_on("转发微博//@李四:没电", "城东停电") == "转发微博//@…:没电//@…:城东停电"
    assert passing_on("", "城东停电") == "//@…:城东停电"
    assert passing_on("真的吗", "") == "真的吗"


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("太差了\n\n- 转发 @临江电力: 停电公告原文", "太差了//@…:停电公告原文"),
        ("甲: 太差了 - 转发 @临江电力: 停电公告", "甲: 太差了//@…:停电公告"),
        ("转发 @临江电力：停电公告", "//@…:停电公告"),
        ("- 转发 @临江电力: 停电//@李四: 没电", "//@…:停电//@…: 没电"),
        ("请大家转发 @临江电力: 的公告", "请大家转发 @临江电力: 的公告"),
        ("转发 @临江电力 的公告", "转发 @临江电力 的公告"),
        ("停电 - 转发", "停电 - 转发"),
    ],
)
def test_a_bridges_repost_is_in_weibos_form(shown: str, kept: str) -> None:
    assert in_chains(shown) == kept
    assert in_chains(kept) == kept
