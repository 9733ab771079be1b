from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.feeds.mending import captions_apart, mended_html, mended_title, mended_xml
from crawlers.pages.markup import text_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("标题里有 <b>粗体</b> 和 3<5 &amp; 6>2", "标题里有 粗体 和 3<5 & 6>2"),
        ("没有闭合的 <b>标签 <p>第二段 a<b 且 c>d", "没有闭合的 标签\n第二段 a<b 且 c>d"),
        ("a<b且c>d", "a<b且c>d"),
        ("x<y and y>z <p>完</p>", "x<y and y>z\n完"),
        ("<P>一<br/>二</P><o:p>三</o:p>", "一\n二\n三"),
        ("<font\ncolor=red>红</font><!-- 注 -->", "红"),
        ("字面 &lt;b&gt; 留", "字面 <b> 留"),
        ("&lt;p&gt;两次转义&lt;/p&gt;&amp;nbsp;完", "两次转义\n\u00a0完"),
        ("AT&T 与 R&D", "AT&T 与 R&D"),
        ("<p>前<![CDATA[中]]>后</p>", "前中后"),
        ("前<![CDATA[中", "前中"),
        ("<![if !supportLists]>一<![endif]>", "一"),
        ("", ""),
    ],
)
def test_a_reader_sees_what_the_writer_meant(markup: str, text: str) -> None:
    assert text_of(mended_html(markup)) == text


@pytest.mark.parametrize(
    ("document", "mended"),
    [
        ("AT&T 与 R&D", "AT&amp;T 与 R&amp;D"),
        ("&nbsp;&copy;&eacute;", "\u00a0©é"),
        ("&amp; &lt; &#65; &#x4e00;", "&amp; &lt; &#65; &#x4e00;"),
        ("&nosuch; &; a&b=c", "&amp;nosuch; &amp;; a&amp;b=c"),
        ("<t>3<5 a<b 且 c>d</t>", "<t>3&lt;5 a&lt;b 且 c>d</t>"),
        ("<d><![CDATA[a&b<c 3<5]]></d>&", "<d><![CDATA[a&b<c 3<5]]></d>&amp;"),
        ("<d><![CDATA[a&b", "<d><![CDATA[a&b"),
        ("&NotEqualTilde; &LT;", "≂̸ &lt;"),
    ],
)
def test_what_stands_for_itself_is_written_as_xml_wants_it(document: str, mended: str) -> None:
    assert mended_xml(document) == mended


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("如何用<video>标签 播放", "如何用<video>标签 播放"),
        ("<select>与<b>粗体</b>怎么写", "<select>与粗体怎么写"),
        ("<SCRIPT src='a'> 是什么", "<SCRIPT src='a'> 是什么"),
        ("停电<script>track()</script>通知", "停电通知"),
        ("<style>p{}</style>停电<style>怎么用", "停电<style>怎么用"),
        ("停电</video>通知", "停电通知"),
        ("<b>停电</b> 3<5", "停电 3<5"),
    ],
)
def test_what_hides_words_and_is_never_closed_is_a_titles_own_word(title: str, text: str) -> None:
    assert text_of(mended_title(title)) == text


@pytest.mark.parametrize(
    ("document", "apart"),
    [
        ("<media:description>图</media:description>", "<media:caption>图</media:caption>"),
        ('<media:description type="plain">图</media:description>', "<media:caption>图</media:caption>"),
        (
            '<r xmlns:m="http://search.yahoo.com/mrss/"><m:description/><dc:description/></r>',
            '<r xmlns:m="http://search.yahoo.com/mrss/"><m:caption/><dc:description/></r>',
        ),
        ("<d><![CDATA[<media:description>]]></d>", "<d><![CDATA[<media:description>]]></d>"),
        ("<description>文</description><media:title>题</media:title>",) * 2,
    ],
)
def test_a_caption_is_kept_apart_from_an_entrys_description(document: str, apart: str) -> None:
    assert captions_apart(document) == apart


@given(st.text(st.sampled_from(list("<>&;/ab 停#x=1")), max_size=40))
def test_mended_xml_holds_no_bare_ampersand_and_mending_again_changes_nothing(words: str) -> None:
    once = mended_xml(words)
    assert mended_xml(once) == once
    fromstring(f"<t>{once.replace('<', '').replace('>', '')}</t>")


@given(st.text(st.sampled_from(list("<3 停>=;")), max_size=40))
def test_a_bracket_that_opens_no_tag_costs_no_word(words: str) -> None:
    assert text_of(mended_html(words)).count("停") == words.count("停")
