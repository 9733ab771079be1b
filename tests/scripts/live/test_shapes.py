import pytest

from scripts.live.shapes import SHAPES, Form, Piece, as_html, as_markdown, plain, words_of


def test_what_a_reader_sees_is_the_same_whatever_the_markup() -> None:
    text = (Piece("先看公告", Form.BOLD), Piece("甲\n乙", Form.LIST))
    assert words_of(text) == "先看公告\n甲\n乙"
    assert as_html(text) == "<p><strong>先看公告</strong></p>\n\n<ul><li>甲</li><li>乙</li></ul>"
    assert as_markdown(text) == "**先看公告**\n\n* 甲\n* 乙"


def test_what_looks_like_markup_is_written_so_that_it_is_none() -> None:
    text = plain("5 < 6 & <b> a_b *c* #1")
    assert as_html(text) == "<p>5 &lt; 6 &amp; &lt;b&gt; a_b *c* #1</p>"
    assert as_markdown(text) == r"5 \< 6 & \<b\> a\_b \*c\* \#1"


@pytest.mark.parametrize(
    ("piece", "html", "markdown"),
    [
        (Piece("一行\n二行"), "<p>一行<br />\n二行</p>", "一行\n二行"),
        (Piece("原文\n两行", Form.QUOTE), "<blockquote><p>原文<br />\n两行</p></blockquote>", "> 原文\n> 两行"),
        (Piece("if a < b:\n  x", Form.CODE), "<pre><code>if a &lt; b:\n  x</code></pre>", "```\nif a < b:\n  x\n```"),
        (
            Piece("公告", Form.LINK),
            '<p><a href="https://www.example.invalid/notice?a=1&amp;b=2">公告</a></p>',
            "[公告](https://www.example.invalid/notice?a=1&b=2)",
        ),
    ],
)
def test_each_form_is_written_as_its_software_writes_it(piece: Piece, html: str, markdown: str) -> None:
    assert (as_html((piece,)), as_markdown((piece,))) == (html, markdown)


def test_the_shapes_hold_what_goes_wrong_elsewhere() -> None:
    everything = "\n".join(words_of(shape) for shape in SHAPES)
    for trap in ("㐂", "𰻝", "👨‍👩‍👧‍👦", "👎🏽", "🇨🇳", "……", "<b>", "　", "C:\\temp"):
        assert trap in everything
    assert {piece.form for shape in SHAPES for piece in shape} == set(Form)


def test_the_longest_text_is_cut_by_the_edge_and_fits_into_a_comment_of_wordpress() -> None:
    longest = max(SHAPES, key=lambda shape: len(words_of(shape)))
    assert len(words_of(longest)) > 20_000
    assert len(as_html(longest).encode()) < 65_000
