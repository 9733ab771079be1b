import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml.html import HtmlComment, HtmlElement, document_fromstring, fromstring

from crawlers.pages.markup import element_text, page_parser, parse_page, text_of, with_whole_characters

PIECES = [
    "<p>", "</p>", "<br>", "<html>", "<body>", "</body>", "<head>", "</html>", "<!--", "-->", "<![CDATA[", "<?x", "<",
    ">", "&", "&#0;", "&#x110000;", "<!DOCTYPE", "<frameset>", "<table>", "<td>", "<script>", "<svg", "停电", " ",
    "\x00",
]  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>一<br />\n二</p><p>三 &lt;b&gt; &amp;#20809;</p>", "一\n二\n\n三 <b> &#20809;"),
        ("1 < 2 &amp; 3\n下一行", "1 < 2 & 3\n下一行"),
        ("停<script>alert(1)</script>电<!-- 注 -->了<?pi x?>。", "停电了。"),
        ("<pre>a\n  b</pre>c", "a\nb\nc"),
        ("<img class='emoji' alt='😡'>怒<img src=x alt=图>", "😡怒"),
        ("<span class='url-icon'><img alt=[怒] src='//h5.example.cn/x/d_nu.png'></span>气", "[怒]气"),
        ("<img alt='怒' src='/static/emoticon/nu.png'><img title='哭' src='/smilies/ku.gif'>", "怒哭"),
        ("<img smilieid=2 alt='' src='static/image/smiley/default/sad.gif'><img smilieid=9>", "[sad][9]"),
        ("停电<img alt='停电现场照片' src='p.jpg'><img title='[原图] 大' src='p.jpg'>", "停电"),
        ("显<span style='DISPLAY : none'>隐</span>示", "显示"),
        ("<table><tr><td>1<td>2<tr><td>3</table>", "1 2\n\n3"),
        ("<!DOCTYPE html><html><head><title>标题</title></head><body><p>正文</body></html>", "正文"),
        ("<!-- 只有注释 -->", ""),
        ("<?xml version='1.0' encoding='gbk'?><b>停电</b>", "停电"),
        ("", ""),
    ],
)
def test_a_reader_sees_this_much(markup: str, text: str) -> None:
    assert text_of(markup) == text


@pytest.mark.parametrize("depth", [300, 3000, 30_000])
def test_no_depth_of_nesting_hides_a_text(depth: int) -> None:
    assert text_of("<div>" * depth + "停电") == "停电"


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="utf-8"?>',
        "\ufeff \n<?xml version='1.0' encoding='gbk' ?>\r\n<!DOCTYPE html>",
        '<?xml version="1.0" encoding="x"?><?xml-stylesheet href="a" encoding="b"?>',
        '\x01<?xml version=1 encoding="never closed">',
        '<?xml version="1.0"?>',
    ],
)
def test_a_page_is_read_whatever_it_declares_itself_to_be_written_in(head: str) -> None:
    assert parse_page(f"{head}<html><body><p>停电</p></body></html>").text_content().strip() == "停电"


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
@example("<html><head></head></html>")
@example("<frameset><frame>")
def test_no_markup_raises(markup: str) -> None:
    assert isinstance(text_of(markup), str)


WORD = st.sampled_from(["停电", "了", "a", "没人管", "😡", "1", "　"])
NAMES = ["p", "div", "b", "span", "td", "table", "ul", "li", "blockquote", "pre", "font", "a", "h1", "center", "x-y"]
TREES = st.recursive(
    WORD,
    lambda inner: st.builds(
        lambda name, children: f'<{name} class="x" onclick="y">{"".join(children)}</{name}>',
        st.sampled_from(NAMES),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)
HIDDEN = ["script", "style", "iframe", "noscript", "textarea", "svg", "object", "template", "video"]


@given(st.lists(TREES, min_size=1, max_size=3).map("".join))
def test_nothing_of_a_tag_is_left_and_no_word_is_lost(markup: str) -> None:
    text = text_of(markup)
    assert not set('<>"=') & set(text)
    assert "onclick" not in text
    for word in ("停电", "没人管", "😡"):
        assert text.count(word) == markup.count(word)


@given(st.lists(st.sampled_from(PIECES) | WORD, max_size=20).map("".join))
def test_a_text_keeps_no_space_at_its_ends_and_no_more_than_one_empty_line(markup: str) -> None:
    text = text_of(markup)
    assert text == text.strip()
    assert "\n\n\n" not in text or not re.search(r"<[a-zA-Z/!]", markup)


@pytest.mark.parametrize("name", HIDDEN)
def test_what_no_reader_sees_is_no_text(name: str) -> None:
    assert text_of(f"<p>停<{name}>看不见</{name}>电</p>") == "停电"


@pytest.mark.parametrize("style", ["display:none", "DISPLAY: NONE", "color:red;display : none;"])
def test_what_a_style_hides_is_no_text_nor_is_what_lies_within(style: str) -> None:
    assert text_of(f'<p>停<span style="{style}">看<b>不</b>见</span>电</p>') == "停电"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&lt;script&gt;", "<script>"),  # written to be read: text, which nobody may render again
        ("<p>&amp;lt;</p>", "&lt;"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("<b>a</b> <i>b</i>", "a b"),
        ("a\r\n b\t c", "a\r\n b\t c"),  # no tag: as it stands
        ("<p>a\r\n b\t c</p>", "a b c"),
        ("<p>停\u3000电</p>", "停\u3000电"),
        ("<p>a</p>tail", "a\ntail"),
        ("<ul><li>一<li>二</ul>", "一\n\n二"),
        ("<img class='Smiley' alt=':)'>", ":)"),
        ("<img alt=':)'>", ""),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<![CDATA[停电]]>", ""),  # in HTML a comment
    ],
)
def test_a_reader_sees_this_much_too(markup: str, text: str) -> None:
    assert text_of(markup) == text


def test_an_element_is_read_without_what_follows_it() -> None:
    root = fromstring("<div><p>停<b>电</b></p>后面</div>")
    assert element_text(root[0]) == "停电"
    assert element_text(root) == "停电\n后面"


@pytest.mark.parametrize("size", [100_000, 400_000])
def test_a_long_text_takes_time_by_its_length(size: int) -> None:
    assert len(text_of("<p>" + "停" * size + "</p>")) == size
    assert text_of("<" * size).startswith("<")
    assert text_of("<p>" * 1000 + "&" * size)


def test_a_page_s_elements_are_of_one_class_and_a_comment_is_none() -> None:
    page = document_fromstring("<form><input><select></select><!-- 注 --><b>停电</b></form>", parser=page_parser())
    comments = [one for one in page.iter() if isinstance(one, HtmlComment)]
    assert [one.text for one in comments] == [" 注 "]
    assert {type(one) for one in page.iter() if one not in comments} == {HtmlElement}


def test_a_page_is_parsed_however_deep_it_is() -> None:
    page = document_fromstring("<div>" * 1000 + "停电", parser=page_parser())
    assert element_text(page) == "停电"


@pytest.mark.parametrize(
    ("markup", "whole"),
    [
        ("停电&#55357;&#56865;了", "停电😡了"),
        ("&#xD83D;&#xDE21;", "😡"),
        ("&#XD83D&#56865", "😡"),
        ("&#55357;&#56865;&#55357;&#56834;", "😡😂"),
        ("&#56865;&#55357;&#56865;", "\ufffd😡"),
        ("&#55357;", "&#55357;"),
        ("&#55357; &#56865;", "&#55357; &#56865;"),
        ("&#55001;&#55002;", "&#55001;&#55002;"),
        ("&#128545;&lt;&#60;", "&#128545;&lt;&#60;"),
    ],
)
def test_an_emoji_that_is_written_in_halves_is_whole(markup: str, whole: str) -> None:
    assert with_whole_characters(markup) == whole


def test_halves_are_joined_wherever_markup_is_read() -> None:
    assert text_of("停电&#55357;&#56865;") == text_of("<p>停电&#55357;&#56865;</p>") == "停电😡"
    assert parse_page("<p>停电&#55357;&#56865;</p>").text_content() == "停电😡"
