import pytest
from lxml.html import document_fromstring

from crawlers.pages.xpath import Elements, Words

ROOT = document_fromstring('<div id="a"><p class="x"> 停电 <b>了</b></p><!-- 注 --><p>二</p></div>')


def test_elements_come_in_the_order_of_the_document() -> None:
    assert [element.text_content().strip() for element in Elements("//p").all(ROOT)] == ["停电 了", "二"]


def test_the_first_of_many_and_none_of_none() -> None:
    first = Elements("//p").first(ROOT)
    assert first is not None
    assert first.get("class") == "x"
    assert Elements("//table").first(ROOT) is None


@pytest.mark.parametrize(("expression", "found"), [(".//p", 0), ("(.//p)[1] | .//i", 0), ("//b", 1), (".//x | //b", 1)])
def test_below_an_element_that_holds_none_there_is_nothing_and_elsewhere_there_may_be(
    expression: str, found: int
) -> None:
    (word,) = Elements("//b").all(ROOT)
    assert len(Elements(expression).all(word)) == found
    assert [one.tag for one in Elements(".//b | .//i").all(ROOT)] == ["b"]


@pytest.mark.parametrize("expression", ["//p/text()", "//p/@class", "//comment()", "count(//p)", "'words'", "1 = 1"])
def test_what_is_no_element_is_left_out(expression: str) -> None:
    assert Elements(expression).all(ROOT) == []


def test_a_name_in_an_expression_is_a_value_and_never_syntax() -> None:
    cell = Elements("//*[@id=$id]")
    assert len(cell.all(ROOT, id="a")) == 1
    assert cell.all(ROOT, id="' or '1'='1") == []


@pytest.mark.parametrize(
    ("expression", "text"),
    [("//p", "停电 了"), ("//p/@class", "x"), ("//table", ""), ("//comment()", "注"), ("count(//p)", "2")],
)
def test_words_are_the_first_match_as_text_without_the_space_around(expression: str, text: str) -> None:
    assert Words(expression).of(ROOT) == text


def test_words_may_be_asked_for_by_name() -> None:
    assert Words("//*[@id=$id]/p[2]").of(ROOT, id="a") == "二"
