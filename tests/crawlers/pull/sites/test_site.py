from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crawlers.cursors import Cursors
from crawlers.health import Tally
from stream.messages import Kind, Post, Precision
from stream.state.source_health import SourceState
from tests.crawlers.pull.sites.paper import Paper, article, headlines
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

TODAY, YESTERDAY = "2026-11-19T09:30:00+08:00", "2026-11-18T09:30:00+08:00"


@pytest.fixture
def paper(site: Site) -> Paper:
    return Paper(site)


class Reader:
    def __init__(self, crawler: Crawler, paper: Paper) -> None:
        self._crawler, self._url = crawler, f"{paper.root}/"
        self.posts: Callable[[], list[Post]] = crawler.posts

    def crawl(self, later: timedelta = timedelta(minutes=10), **changes: Any) -> Tally:
        settings = {"site": "paper", "software": "site", "url": self._url}
        return self._crawler.crawl(later, **(settings | changes))


@pytest.fixture
def reader(crawler: Crawler, paper: Paper) -> Reader:
    return Reader(crawler, paper)


def test_articles_are_found_by_robots_and_sitemaps_and_sent_once_whatever_their_lastmod_says(
    reader: Reader, paper: Paper
) -> None:
    paper.pages = {
        "/maps.xml": paper.index("/news.xml"),
        "/news.xml": paper.map(a=TODAY, b=YESTERDAY, list=TODAY),
        "/a.html": article("城东停电三小时"),
        "/b.html": article("供水管网检修", "2026-11-18"),
        "/list.html": headlines("城东停电三小时，一万二千户居民受影响", "供水管网检修公告发布，涉及三个街道"),
    }
    tally = reader.crawl()
    assert (tally.state(), tally.new) == (SourceState.OK, 2)
    assert tally.newest is not None
    posts = {post.title: post for post in reader.posts()}
    assert set(posts) == {"城东停电三小时", "供水管网检修"}
    assert posts["城东停电三小时"].kind is Kind.ARTICLE
    assert posts["城东停电三小时"].native_id.endswith("/a.html")
    assert posts["供水管网检修"].published_precision is Precision.DAY
    assert posts["城东停电三小时"].voice == posts["供水管网检修"].voice  # the paper is one voice
    paper.asked()

    paper.pages["/news.xml"] = paper.map(a="2026-11-19T14:00:00+08:00", b=YESTERDAY, list=TODAY)
    assert (reader.crawl().state(), reader.posts()) == (SourceState.OK, [])
    assert paper.asked() == ["/robots.txt", "/maps.xml", "/news.xml", "/a.html"][1:]  # a template moved one lastmod

    paper.pages["/news.xml"] = paper.map(a="2026-11-19T14:10:00+08:00", b=YESTERDAY, list=TODAY)
    paper.pages["/a.html"] = article("城东停电五小时")
    assert reader.crawl().changed == 1
    (edited,) = reader.posts()
    assert (edited.title, edited.edited_at) == ("城东停电五小时", edited.observed_at)


def test_a_page_that_is_gone_is_deleted_at_once_or_the_second_time_and_one_that_left_its_map_is_not(
    reader: Reader, paper: Paper
) -> None:
    paper.pages = {
        "/maps.xml": paper.map(a=TODAY, b=TODAY, c=TODAY, d=TODAY),
        **{f"/{name}.html": article(f"{name} 处停电") for name in "abcd"},
        "/": headlines("首页"),
    }
    assert reader.crawl().new == 4
    reader.posts()
    paper.pages |= {"/maps.xml": paper.map(d=TODAY), "/a.html": 410, "/b.html": 404}
    paper.moved = {"/c.html": "/"}
    assert reader.crawl(timedelta(hours=13)).deleted == 1
    assert [(post.title, post.deleted_at is not None) for post in reader.posts()] == [("a 处停电", True)]
    assert reader.crawl(timedelta(hours=13)).deleted == 2
    assert {post.title for post in reader.posts()} == {"b 处停电", "c 处停电"}
    assert reader.crawl(timedelta(hours=13)).deleted == 0


def test_what_is_over_the_crawls_measure_is_read_by_the_next_one_newest_first(reader: Reader, paper: Paper) -> None:
    paper.pages = {
        "/maps.xml": paper.map(old="2026-01-01", b=YESTERDAY, a=TODAY),
        **{f"/{name}.html": article(f"{name} 处停电") for name in ("old", "a", "b")},
    }
    reader.crawl(pages=1)
    assert [post.title for post in reader.posts()] == ["a 处停电"]
    reader.crawl(pages=1)
    assert [post.title for post in reader.posts()] == ["b 处停电"]
    assert "/old.html" not in paper.asked()  # changed longer ago than `since`


def test_a_lastmod_that_all_pages_share_costs_no_visit(reader: Reader, paper: Paper) -> None:
    names = [f"n{number}" for number in range(12)]
    paper.pages = {"/maps.xml": paper.map(**dict.fromkeys(names, TODAY))}
    paper.pages |= {f"/{name}.html": article(f"{name} 处停电") for name in names}
    assert reader.crawl().new == 12
    paper.asked()
    paper.pages["/maps.xml"] = paper.map(**dict.fromkeys(names, "2026-11-19T15:00:00+08:00"))
    reader.crawl()
    assert paper.asked() == ["/maps.xml"]


def test_a_large_map_is_noted_whole_whatever_a_crawl_may_read_of_it(
    reader: Reader, paper: Paper, crawler: Crawler
) -> None:
    names = [f"n{number}" for number in range(1001)]  # more than one transaction takes
    paper.pages = {"/maps.xml": paper.map(**dict.fromkeys(names, TODAY)), "/n0.html": article("停电")}
    assert reader.crawl(pages=1).new == 1
    assert len(Cursors(crawler.engine, "paper").due(crawler.clock.now())) == 1000


def test_other_hosts_and_paths_are_left_alone_and_what_is_no_article_throughout_is_told(
    reader: Reader, paper: Paper
) -> None:
    lists = {f"l{number}": TODAY for number in range(3)}
    elsewhere = "<url><loc>https://elsewhere.example/x.html</loc></url></urlset>"
    paper.pages = {"/maps.xml": paper.map(**lists, other=TODAY).replace("</urlset>", elsewhere)}
    paper.pages |= {f"/{name}.html": headlines("城东停电三小时，居民受影响", "供水管网检修") for name in lists}
    tally = reader.crawl(paths=["/l"])
    assert tally.state() is SourceState.PARTIAL
    assert dict(tally.failures) == {"sitemap_names_another_host": 1, "no_article_among_the_pages": 3}
    assert "/other.html" not in paper.asked()


def test_a_site_without_sitemaps_or_that_forbids_all_says_so(reader: Reader, paper: Paper, site: Site) -> None:
    site.robots = lambda: Answer(status=404)
    tally = reader.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.FAILED, "http_404")
    assert paper.asked() == ["/sitemap.xml"]
    paper.pages["/sitemap.xml"] = "<html>登录"
    assert reader.crawl().reason() == "1 × not_a_sitemap"
    site.robots = lambda: Answer(b"User-agent: *\nDisallow: /\n")
    tally = reader.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.BLOCKED, "robots_forbid")


def test_an_article_that_turns_into_a_login_is_told_and_one_that_left_the_news_map_keeps_its_time(
    reader: Reader, paper: Paper
) -> None:
    news = (
        "<news><publication_date>2026-11-19T08:00:00+08:00</publication_date><title>停电</title></news></url></urlset>"
    )
    paper.pages = {
        "/maps.xml": paper.map(a=TODAY, b=TODAY).replace("</url></urlset>", news),
        "/a.html": article("a 处停电"),
        "/b.html": article("b 处停电", "2026-11-19"),
        "/login": "<html><title>登录</title><p>请登录后阅读",
    }
    reader.crawl()
    before = {post.title: post.published_at for post in reader.posts()}
    paper.pages |= {"/maps.xml": paper.map(), "/b.html": article("b 处停电五小时", "2026-11-19")}
    paper.moved = {"/a.html": "/login"}
    tally = reader.crawl(timedelta(hours=13))
    assert (tally.reason(), tally.deleted) == ("1 × login", 0)
    (edited,) = reader.posts()
    assert (edited.title, edited.published_at) == ("b 处停电五小时", before["b 处停电"])
    assert edited.published_precision is Precision.SECOND


def test_an_address_that_is_none_in_a_map_costs_its_entry_alone(reader: Reader, paper: Paper) -> None:
    bad = f"<url><loc>http://[</loc></url><url><loc>{paper.root.rpartition(':')[0]}:99999/x.html</loc></url>"
    paper.pages = {
        "/maps.xml": paper.map(a=TODAY).replace("<urlset>", f"<urlset>{bad}"),
        "/a.html": article("城东停电三小时"),
    }
    tally = reader.crawl()
    assert (tally.state(), tally.new) == (SourceState.OK, 1)


def test_an_index_that_names_itself_and_a_map_twice_is_read_once_each(reader: Reader, paper: Paper) -> None:
    paper.pages = {
        "/maps.xml": paper.index("/maps.xml", "/news.xml", "/news.xml", "/other.xml"),
        "/other.xml": paper.index("/news.xml", "/maps.xml"),
        "/news.xml": paper.map(a=TODAY),
        "/a.html": article("城东停电三小时"),
    }
    assert reader.crawl().new == 1
    asked = paper.asked()
    assert sorted(path for path in asked if path.endswith(".xml")) == ["/maps.xml", "/news.xml", "/other.xml"]
    assert asked.count("/a.html") == 1
