from datetime import UTC, datetime
from typing import Any

import pytest

from crawlers.pages.forum import Answer
from crawlers.pages.observation import Observation
from crawlers.pages.site.article import read_article
from crawlers.pages.site.sitemap import SitemapEntry
from stream.errors import Rejected
from stream.messages import Precision

AT = datetime(2026, 11, 19, 6, 34, tzinfo=UTC)
URL = "https://news.example.com/x.html"
WORDS = (
    "11月19日上午，城东片区因变电站设备故障停电约三小时，影响居民一万二千户。供电公司称，抢修人员已恢复全部供电。",
    "多名居民表示，停电前没有收到任何通知，电梯一度停运。供电公司回应说，故障属突发，将对受影响用户给予补偿。",
)


def read(head: str = "", body: str = "", listed: SitemapEntry | None = None, url: str = URL) -> Observation:
    text = "".join(f"<p>{words}</p>" for words in WORDS)
    page = f"<html><head>{head}</head><body><h1>城东停电</h1><div>{body}{text}</div></body></html>"
    return read_article(Answer(body=page.encode(), url=url, content_type="text/html; charset=utf-8", at=AT), listed)


def dated(words: str) -> str:
    return f'<meta property="og:type" content="article"><meta name="PubDate" content="{words}">'


@pytest.mark.parametrize(
    ("words", "moment", "precision"),
    [
        ("2026-11-19T09:12:30+08:00", datetime(2026, 11, 19, 1, 12, 30, tzinfo=UTC), Precision.SECOND),
        ("2026-11-19 09:12", datetime(2026, 11, 19, 1, 12, tzinfo=UTC), Precision.MINUTE),
        ("2026年11月18日", datetime(2026, 11, 17, 16, tzinfo=UTC), Precision.DAY),
        ("2026-11-18T00:00:00+08:00", datetime(2026, 11, 17, 16, tzinfo=UTC), Precision.DAY),
        ("2026-11-18 00:00", datetime(2026, 11, 17, 16, tzinfo=UTC), Precision.DAY),
        ("2026-11-18T00:00:00.000Z", datetime(2026, 11, 18, tzinfo=UTC), Precision.DAY),
    ],
)
def test_a_date_that_is_only_a_day_is_told_as_one_also_where_midnight_stands_behind_it(
    words: str, moment: datetime, precision: Precision
) -> None:
    found = read(dated(words))
    assert (found.published_at, found.published_precision, found.unread_time) == (moment, precision, "")


def test_a_date_far_ahead_is_not_the_pages_and_one_nobody_reads_is_told() -> None:
    ahead = read(dated("2027-05-01 09:00"))
    assert ahead.published_at is None
    assert ahead.unread_time == "2027-05-01 09:00"
    assert read(dated("冬月初十")).unread_time == "冬月初十"


def test_of_times_the_news_map_is_believed_before_the_page_and_of_titles_after_it() -> None:
    listed = SitemapEntry(url=URL, title="城东停电三小时", published="2026-11-19T08:00:00+08:00")
    found = read(dated("2020-01-01"), listed=listed)
    assert (found.title, found.published_at) == ("城东停电", datetime(2026, 11, 19, 0, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "line",
    [
        "来源：临江日报 作者：王小明",
        "记者：王小明",
        "（责任编辑：王小明）",
        "[编辑：王小明]",
        "发布时间：2026-11-19 09:12 来源：临江日报 记者：王小明",
    ],
)
def test_a_byline_is_no_part_of_the_words_and_nobody_is_the_writer_but_the_site(line: str) -> None:
    found = read(dated("2026-11-19"), body=f"<p>{line}</p>")
    assert found.text == "\n".join(WORDS)
    assert found.author == "news.example.com"


@pytest.mark.parametrize("holder", ['<div id="zoom">', '<div class="TRS_Editor">', '<div><span style="x">'])
@pytest.mark.parametrize("break_", ["<br>", "<br/><br/>", "<br>　　"])
def test_an_article_that_is_only_broken_into_lines_is_found_whatever_holds_it(holder: str, break_: str) -> None:
    page = (
        f"<html><head>{dated('2026-11-19')}</head><body><h1>城东停电</h1>{holder}　　{break_.join(WORDS)}</div></body>"
    )
    found = read_article(Answer(body=page.encode(), url=URL, content_type="text/html; charset=utf-8", at=AT))
    assert found.text == "\n".join(WORDS)


def test_a_declared_article_of_a_div_for_each_paragraph_is_found_too() -> None:
    words = "".join(f"<div>{one}</div>" for one in WORDS)
    page = f"<html><head>{dated('2026-11-19')}</head><body><h1>城东停电</h1><div id='zoom'>{words}</div></body>"
    found = read_article(Answer(body=page.encode(), url=URL, content_type="text/html; charset=utf-8", at=AT))
    assert found.text == "\n".join(WORDS)


def test_names_within_a_paragraph_are_no_part_of_the_words() -> None:
    found = read(dated("2026-11-19"), body="<p>临江日报讯（记者 王小明 通讯员 李四）停电。</p><p>本报记者 王小明</p>")
    assert found.text == "\n".join(("临江日报讯停电。", *WORDS))


def test_what_a_page_says_of_its_last_change_is_not_believed() -> None:
    changed = '<meta property="article:modified_time" content="2026-11-19T12:00:00+08:00">'
    assert read(dated("2026-11-19 09:12") + changed).edited_at is None


@pytest.mark.parametrize(
    "data",
    ["{", "[]", '{"@graph": [[[[[[[[{"@type": "NewsArticle"}]]]]]]]]}', '{"@type": 7}', '{"@type": "ItemList"}'],
)
def test_broken_or_foreign_linked_data_says_nothing(data: Any) -> None:
    head = f'<script type="application/ld+json">{data}</script>'
    with pytest.raises(Rejected, match="not_an_article"):
        read(head)


def test_a_declared_article_whose_words_are_not_found_is_told_and_a_page_of_links_is_not_one() -> None:
    page = dated("2026-11-19") + "<title>组图</title>"
    with pytest.raises(Rejected, match="no_article_text"):
        read_article(Answer(body=page.encode(), url=URL, content_type="text/html; charset=utf-8", at=AT))


@pytest.mark.parametrize("path", ["/2026/11/18/x.html", "/2026-11/18/x.html", "/20261118/x.html", "/t20261118_91.htm"])
def test_a_day_in_the_address_is_believed_where_the_page_says_none(path: str) -> None:
    found = read('<meta property="og:type" content="article">', url=f"https://news.example.com{path}")
    assert (found.published_at, found.published_precision) == (datetime(2026, 11, 17, 16, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize("path", ["/2026/11/25/x.html", "/20261331/x.html", "/2026/x.html", "/1120261118/x.html"])
def test_a_number_in_the_address_that_is_no_day_that_was_is_none(path: str) -> None:
    assert (
        read('<meta property="og:type" content="article">', url=f"https://news.example.com{path}").published_at is None
    )


def test_the_time_of_an_outage_that_a_notice_tells_first_is_not_when_it_was_published() -> None:
    found = read(
        '<meta property="og:type" content="article">', body="<p>停电时间：2026-11-20 08:00至2026-11-20 18:00</p>"
    )
    assert found.published_at is None
    assert "停电时间：2026-11-20 08:00" in found.text


@pytest.mark.parametrize("title", ["404", "页面不存在", "404 Not Found", "文章已删除"])
def test_a_short_page_that_is_headed_as_gone_is_gone_and_a_long_one_is_an_article(title: str) -> None:
    def page(words: str) -> Answer:
        body = f"<title>{title}</title><h1>{title}</h1><div><p>{words}</p></div>"
        head = '<meta property="og:type" content="article">'
        return Answer(body=(head + body).encode(), url=URL, content_type="text/html; charset=utf-8", at=AT)

    with pytest.raises(Rejected, match="page_gone"):
        read_article(page("请返回首页。"))
    assert read_article(page("".join(WORDS) * 3)).title == title


def test_a_page_moved_within_the_site_keeps_the_address_that_its_map_has() -> None:
    listed = SitemapEntry(url="https://news.example.com/a.html?utm_source=x")
    found = read(dated("2026-11-19"), listed=listed, url="https://news.example.com/b.html")
    assert (found.native_id, found.url) == ("page:news.example.com/a.html", listed.url)
