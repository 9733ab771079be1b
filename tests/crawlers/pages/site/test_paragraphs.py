import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, tostring

from crawlers.pages.markup import element_text, parse_page
from crawlers.pages.site.paragraphs import mark_paragraphs


def body(markup: str, *, unbroken: bool = False) -> str:
    root = parse_page(f"<html><body>{markup}</body></html>")
    mark_paragraphs(root, unbroken=unbroken)
    found: HtmlElement = root.find("body")
    return (
        str(tostring(found, encoding="unicode")).removeprefix("<body>").removesuffix("</body>").replace("<p></p>", "")
    )


@pytest.mark.parametrize(
    ("markup", "marked"),
    [
        ("<div id='zoom'>停电。<br>来电<br></div>", '<div id="zoom"><p>停电。</p><p>来电</p></div>'),
        ("<span>停电。<br/>来<b>电</b>了</span>", "<span><p>停电。</p><p>来<b>电</b>了</p></span>"),
        ("<div>停电。<img><br><div>图</div>来电<br>了</div>",
         "<div><p>停电。<img></p><div>图</div><p>来电</p><p>了</p></div>"),
        ("<div>停电。<br>来电<!-- 注 -->了</div>", "<div><p>停电。</p><p>来电<!-- 注 -->了</p></div>"),
        ("<div>停电。<br><span>来<br>电</span></div>", "<div><p>停电。</p><p><span>来<br>电</span></p></div>"),
    ],
)  # fmt: skip
def test_what_stands_between_breaks_is_a_paragraph(markup: str, marked: str) -> None:
    assert body(markup) == marked


@pytest.mark.parametrize(
    "markup",
    [
        "<div>主办：临江市人民政府<br>电话：12345</div>",  # no sentence
        "<div>停电。<br></div>",  # one text
        "<p>停电。<br>来电</p>",
        "<ul><li>停电。<br>来电</li></ul>",
        "<div>停电。来电</div>",
        "<div><br><p>停电。</p></div>",
    ],
)
def test_what_is_no_text_of_several_paragraphs_stays_as_it_is(markup: str) -> None:
    assert body(markup) == markup


def test_where_nothing_else_was_found_a_paragraph_needs_no_break() -> None:
    markup = "<div><div>停电。</div><div>来电</div></div>"
    assert body(markup, unbroken=True) == "<div><div><p>停电。</p></div><div>来电</div></div>"


PIECES = [
    "<div>",
    "</div>",
    "<br>",
    "<span>",
    "</span>",
    "<td>",
    "<p>",
    "</p>",
    "<!-- x -->",
    "<!-- y -->",
    "停电。",
    "来电",
    "<b>",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join), st.booleans())
def test_no_word_is_lost_or_moved(markup: str, unbroken: bool) -> None:
    root = parse_page(f"<html><body>{markup}</body></html>")
    before = "".join(element_text(root).split())
    mark_paragraphs(root, unbroken=unbroken)
    assert "".join(element_text(root).split()) == before
