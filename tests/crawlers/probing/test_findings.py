"""What a probe found is told in words, and written as an entry that a person can paste."""

from typing import Any

import pytest
from yaml import safe_load

from crawlers.probing.findings import (
    Findings,
    described,
    entry_text,
    fields_of,
    further_questions,
    named_feeds,
    named_interface,
    refused_words,
    suggested_name,
)
from crawlers.probing.software import ProbedPage

URL = "https://www.corp.cn/"
ALL = ("discuz", "feed", "wordpress", "site")
RSS = '<?xml version="1.0"?><rss version="2.0"></rss>'
HEAD = (
    '<meta name="generator" content="WordPress 6.1"><link rel="alternate" type="application/rss+xml" href="/feed/">'
    '<link rel="alternate" type="text/html" hreflang="en" href="/en/">'
)


def page(url: str, text: str, **told: Any) -> ProbedPage:
    return ProbedPage(**{"url": url, "status": 200, "text": text} | told)


def found(*pages: ProbedPage, **told: Any) -> Findings:
    return Findings(**{"url": URL, "agent": "Wenfeng/1 (+a@b.cn)", "pages": pages, "robots": ""} | told)


def blog(**told: Any) -> Findings:
    pages = (
        page(URL, HEAD),
        page(f"{URL}wp-json/wp/v2/posts?per_page=1", "[]", headers={"content-type": "application/json"}),
        page(f"{URL}feed/", RSS),
    )
    return found(*pages, **told)


def test_everything_that_was_found_is_told() -> None:
    robots = "User-agent: *\nDisallow: /wp-admin/\nCrawl-delay: 5\nSitemap: https://www.corp.cn/wp-sitemap.xml\n"
    assert described(blog(robots=robots, refused=(f"{URL}x",)), ALL) == [
        "software: WordPress 6.1 (by generator)",
        "robots.txt: lets us read this address; Crawl-delay 5 s",
        "not for us: https://www.corp.cn/x",
        "API: https://www.corp.cn/wp-json/wp/v2/posts?per_page=1",
        "feed: https://www.corp.cn/feed/",
        "sitemap: https://www.corp.cn/wp-sitemap.xml",
    ]


def test_a_software_without_a_reader_is_named_all_the_same() -> None:
    assert described(blog(), ("feed",))[-1] == "WordPress 6.1 has no reader of its own here; its feed can be read"
    assert described(found(page(URL, "<p>x</p>")), ALL)[0] == "software: unknown"


def test_the_entry_is_of_the_software_where_there_is_a_reader_and_else_of_its_feed() -> None:
    fields = fields_of(blog(), ALL, private=False)
    assert fields is not None
    assert (fields["software"], fields["url"]) == ("wordpress", URL)
    fields = fields_of(blog(delay=5.0), ("discuz", "feed"), private=True)
    assert fields is not None
    assert (fields["software"], fields["url"]) == ("feed", f"{URL}feed/")
    assert (fields["delay"], fields["private"]) == ("5s", "true")


SITEMAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
NAMES_A_FEED = '<link rel="alternate" type="application/rss+xml" href="/feed.xml"><p>灯塔</p>'


@pytest.mark.parametrize(
    ("pages", "first", "software", "url"),
    [
        ([page(URL, NAMES_A_FEED), page(f"{URL}feed.xml", RSS)], "unknown", "feed", f"{URL}feed.xml"),
        ([page(URL, "<p>x</p>"), page(f"{URL}rss.xml", RSS)], "unknown", "feed", f"{URL}rss.xml"),
        ([page(URL, "<p>x</p>"), page(f"{URL}sitemap.xml", SITEMAP)], "unknown", "site", URL),
        ([page(f"{URL}feed.xml", RSS)], "a feed (by its content)", "feed", f"{URL}feed.xml"),
        ([page(f"{URL}map.xml", SITEMAP)], "a sitemap (by marks in its pages)", "site", f"{URL}map.xml"),
        (
            [page(URL, NAMES_A_FEED), page(f"{URL}feed.xml", RSS), page(f"{URL}forum.php", "Powered by Discuz!")],
            "Discuz! (by marks in its pages)",
            "discuz",
            f"{URL}forum.php",
        ),
    ],
)
def test_a_feed_that_a_plain_site_has_is_its_feed_and_not_what_the_site_is(
    pages: list[ProbedPage], first: str, software: str, url: str
) -> None:
    told = found(*pages, url=pages[0].url)
    assert described(told, ALL)[0] == f"software: {first}"
    fields = fields_of(told, ALL, private=False)
    assert fields is not None
    assert (fields["software"], fields["url"]) == (software, url)


PLAIN = f"{URL}index.php?rest_route=/"
NOT_REWRITTEN = (
    '<meta name="generator" content="WordPress 6.1"><link rel="https://api.w.org/" href="/index.php?rest_route=/">'
)


def test_a_wordpress_that_rewrites_no_addresses_is_read_where_its_pages_say_that_its_interface_lies() -> None:
    home = page(URL, NOT_REWRITTEN)
    assert further_questions(URL, home, None, [])[:3] == [
        f"{PLAIN}wp/v2/posts&per_page=1",
        f"{PLAIN}wp/v2/comments&per_page=1",
        f"{URL}feed/",
    ]
    answer = page(f"{PLAIN}wp/v2/posts&per_page=1", "[]", headers={"content-type": "application/json"})
    told = found(home, page(f"{URL}wp-json/", NOT_REWRITTEN), answer)
    assert told.api == answer.url
    fields = fields_of(told, ALL, private=False)
    assert fields is not None
    assert (fields["software"], fields["url"]) == ("wordpress", PLAIN)


@pytest.mark.parametrize(
    ("text", "link", "root"),
    [
        (NOT_REWRITTEN, "", PLAIN),
        ("", f'<{PLAIN}>; rel="https://api.w.org/"', PLAIN),
        ("", f'<{URL}wp-json/>; rel="https://api.w.org/"', ""),
        (f'<link rel="https://api.w.org/" href="{URL}wp-json/">', "", ""),
        (HEAD, "", ""),
        ("", "", ""),
    ],
)
def test_where_an_interface_lies_is_told_by_a_header_or_in_the_head(text: str, link: str, root: str) -> None:
    assert named_interface(page(URL, text, headers={"link": link})) == root


def test_an_interface_on_another_host_is_not_asked() -> None:
    home = page(URL, NOT_REWRITTEN.replace('href="', 'href="https://elsewhere.cn'))
    assert further_questions(URL, home, None, [])[0] == f"{URL}wp-json/wp/v2/posts?per_page=1"
    fields = fields_of(found(home), ALL, private=False)
    assert fields is not None
    assert fields["url"] == URL


def test_a_forum_is_entered_at_its_index_below_the_folder_it_lies_in() -> None:
    fields = fields_of(found(page(f"{URL}bbs/", '<meta name="generator" content="Discuz! X3.5">')), ALL, private=False)
    assert fields is not None
    assert fields["url"] == f"{URL}bbs/forum.php"


def test_nothing_is_offered_where_nothing_here_can_read_it_or_may() -> None:
    assert fields_of(found(page(URL, "<p>x</p>")), ALL, private=False) is None
    assert fields_of(found(trouble="robots.txt forbids"), ALL, private=False) is None
    assert fields_of(blog(robots="User-agent: *\nDisallow: /feed/\n"), ("feed",), private=False) is None
    assert fields_of(blog(robots=None), ("feed",), private=False) is None


def test_robots_that_did_not_answer_or_forbid_are_told() -> None:
    assert "did not answer, so nothing may be read" in described(blog(robots=None), ALL)[1]
    assert "forbids this address" in described(blog(robots="User-agent: *\nDisallow: /\n"), ALL)[1]
    assert described(found(trouble="no such host"), ALL) == ["https://www.corp.cn/: no such host"]


def test_an_api_that_does_not_answer_in_json_is_none() -> None:
    assert found(page(URL, HEAD), page(f"{URL}wp-json/wp/v2/posts?per_page=1", "<p>off</p>")).api is None
    assert found(page(URL, HEAD), page(f"{URL}wp-json/wp/v2/posts?per_page=1", "[]", status=401)).api is None


def test_feeds_of_a_head_are_found_and_those_of_other_hosts_left() -> None:
    text = HEAD + '<link rel="alternate" type="application/atom+xml" href="https://feeds.example.com/a">'
    assert named_feeds(page(URL, text)) == [f"{URL}feed/", "https://feeds.example.com/a"]
    assert found(page(URL, text)).feeds == (f"{URL}feed/",)
    assert named_feeds(page(URL, "")) == []


def test_what_is_asked_further_is_of_the_software_and_nothing_twice() -> None:
    robots = "Sitemap: https://www.corp.cn/wp-sitemap.xml\nSitemap: https://cdn.example.com/s.xml\n"
    assert further_questions(URL, page(URL, HEAD), robots, [URL]) == [
        f"{URL}wp-json/wp/v2/posts?per_page=1",
        f"{URL}wp-json/wp/v2/comments?per_page=1",
        f"{URL}feed/",
        f"{URL}wp-sitemap.xml",
    ]
    assert further_questions(URL, page(URL, RSS), "", [URL]) == []
    assert f"{URL}rss.xml" in further_questions(URL, page(URL, "<p>x</p>"), None, [URL])


def test_an_entry_is_yaml_whatever_its_basis_says() -> None:
    basis = 'our "own" site: \\ agreed # with 王芳'
    entry = safe_load(entry_text("news", {"software": "feed", "url": URL, "cron": '"*/30 * * * *"'}, basis))
    assert entry == {
        "news": {"site": "news", "software": "feed", "url": URL, "cron": "*/30 * * * *", "basis": basis}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "name"), [("https://bbs.corp.cn:8080/a", "bbs-corp-cn"), ("http://127.0.0.1/", "127-0-0-1")]
)
def test_a_source_is_called_after_its_host(url: str, name: str) -> None:
    assert suggested_name(url) == name


def test_an_answer_that_is_no_page_says_what_to_do() -> None:
    assert "ask its owner" in refused_words(403)
    assert "is the address right?" in refused_words(404)
