import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlers.pages.markup import text_of

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


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
@example("<html><head></head></html>")
@example("<frameset><frame>")
def test_no_markup_raises(markup: str) -> None:
    assert isinstance(text_of(markup), str)
