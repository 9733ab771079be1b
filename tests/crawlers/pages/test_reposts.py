import pytest

from crawlers.pages.reposts import passing_on, without_names


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
