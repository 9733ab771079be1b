"""What a page says of itself: which of its own words are believed, and which date on it is that of publishing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring  # type: ignore[import-untyped]

from crawlers.pages.site.metadata import PageMetadata, read_metadata


def read(markup: str) -> PageMetadata:
    return read_metadata(document_fromstring(f"<html><body>{markup}</body></html>"))


def linked(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>城东停电三小时 - 临江日报</title>", "城东停电三小时"),
        ("<title>城东停电三小时_临江日报</title>", "城东停电三小时"),
        ("<title>A-B线检修 | 临江日报</title>", "A-B线检修"),  # a hyphen within a word is no end
        ("<h1> 城东  停电 </h1><title>首页</title>", "城东 停电"),
        ('<meta name="ArticleTitle" content=" 城东停电 "><h1>要闻</h1>', "城东停电"),
        ('<meta property="og:title" content="城东停电 | 临江日报">', "城东停电 | 临江日报"),  # the page's own choice
        ('<meta name="articletitle" content=""><title>城东停电</title>', "城东停电"),
        (linked('{"@type": "NewsArticle", "headline": "城东\n停电"}') + "<h1>要闻</h1>", "城东 停电"),
        (linked('{"@type": "NewsArticle", "headline": ["城东"]}') + "<h1>要闻</h1>", "要闻"),
        ("", ""),
    ],
)
def test_the_title_is_the_most_telling_one_without_the_sites_name(markup: str, title: str) -> None:
    assert read(markup).title == title


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        ("<p>发布时间：2026-11-19 09:12</p>", ("2026-11-19 09:12",)),
        ("<p>发表于 2026年11月19日</p>", ("2026年11月19日",)),
        ("<p>日期：2026.11.19</p>", ("2026.11.19",)),
        ("<p>2026-11-19 09:12:30 来源：临江日报</p>", ("2026-11-19 09:12:30",)),
        ("<p>更新时间：2026-11-19 09:12</p>", ("2026-11-19 09:12",)),
        ("<p>停电时间：2026-11-20 08:00至2026-11-20 18:00</p>", ()),  # of the event, not of the notice
        ("<p>会议时间: 2026-11-20 09:00</p>", ()),
        ("<p>检修日期为2026年11月20日 08:00</p>", ()),
        ("<p>我公司定于2026年11月20日 08:00检修线路</p>", ()),
        ("<p>2026-11-19</p>", ()),  # a day alone may be any
        (f"<p>{'字' * 120}2026-11-19 09:12</p>", ()),  # too far from the title
        ("<p>停电时间：2026-11-20 08:00</p><p>发布日期：2026-11-19</p>", ("2026-11-19",)),
        ("<p>发布时间：3小时前 来源：临江日报</p>", ("3小时前",)),
        ("<p>发表于：昨天 09:12</p>", ("昨天 09:12",)),
        ("<p>发布时间：2026年11月 浏览：12</p>", ("2026年11月",)),
        ("<p>发布时间：2026-11</p>", ("2026-11",)),
        ("<p>发布日期：乙巳年腊月初八</p>", ("乙巳年腊月初八",)),
        ("<p>发布日期：见附件</p>", ()),
        ("<p>日期：3月至5月</p>", ()),
    ],
)
def test_a_date_that_readers_see_is_that_of_publishing_by_its_label_or_its_place(
    markup: str, published: tuple[str, ...]
) -> None:
    assert read(f"<h1>停电通知</h1>{markup}").published == published


def test_words_for_when_are_told_once_each_and_the_most_trusted_first() -> None:
    head = (
        linked('{"@type": "NewsArticle", "datePublished": "2026-11-19T01:12:00Z"}')
        + '<meta name="pubdate" content="2026-11-19 09:13"><meta itemprop="datePublished" content="2026-11-19 09:14">'
        + '<aside><time datetime="2026-01-01">旧闻</time></aside><time datetime="2026-11-19 09:13">今</time>'
    )
    assert read(head).published == ("2026-11-19T01:12:00Z", "2026-11-19 09:14", "2026-11-19 09:13")


@pytest.mark.parametrize(
    ("markup", "is_article"),
    [
        (linked('{"@type": "NewsArticle"}'), True),
        (linked('[{"@type": ["Thing", "BlogPosting"]}]'), True),
        (linked('{"@graph": [{"@type": "WebPage"}, {"@type": "Article"}]}'), True),
        (linked('{"@type": "WebPage", "mainEntity": {"@type": "Report"}}'), False),
        (linked('{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle"}]}'), False),  # a list of others
        (linked('{"@type": "ArticleList"}'), False),
        (linked('{"@type": "NewsArticle"') + linked('{"@type": "Article"}'), True),  # one broken, one whole
        ('<meta property="og:type" content="Article">', True),
        ('<meta property="og:type" content="website">', False),
        ('<meta name="ArticleTitle" content="">', True),
        ("<h1>停电</h1>", False),
    ],
)
def test_an_article_is_what_says_that_it_is_one(markup: str, is_article: bool) -> None:
    assert read(markup).is_article is is_article


def test_of_two_metas_of_one_name_the_first_counts_and_the_column_is_the_board() -> None:
    found = read('<meta name="ColumnName" content="要闻"><meta name="columnname" content="广告">')
    assert found.board == "要闻"
    assert read('<meta property="article:section" content=" 民生 ">').board == "民生"


JSON = st.sampled_from(['{"@type":', '"Article"', "}", "[", "]", '"@graph":', "{", ",", "7", "null", '"headline":7'])


@given(st.lists(JSON, max_size=12).map("".join))
def test_linked_data_of_any_shape_says_something_or_nothing(data: str) -> None:
    assert read(linked(data) + "<h1>停电</h1>").title == "停电"


def test_linked_data_nested_without_end_is_passed_by() -> None:
    assert not read(linked("[" * 100_000)).is_article
