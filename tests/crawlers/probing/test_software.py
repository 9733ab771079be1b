"""Which software a page is of: by what it says of itself, and by nothing that any page may say."""

import pytest

from crawlers.probing.software import SOFTWARE, ProbedPage, Recognised, recognise, supplied_only


def page(text: str = "", **told: object) -> ProbedPage:
    return ProbedPage(**{"url": "https://corp.cn/", "status": 200, "text": text} | told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ('<meta name="generator" content="Discuz! X3.5" />', "discuz", "X3.5"),
        ('<meta content="WordPress 6.1.1" name="generator">', "wordpress", "6.1.1"),
        ('<meta name="generator" content="Discourse 3.4.0 - https://github.com/discourse">', "discourse", "3.4.0"),
        ("<p>Powered by <strong><a href='#'>Discuz!</a></strong> <em>X3.4</em></p>", "discuz", ""),
        ('<body id="phpbb" class="nojs notouch section-index">', "phpbb", ""),
        ('<p>Powered by <a href="https://mybb.com">MyBB</a></p>', "mybb", ""),
        ('<script src="/assets/nodebb.min.js?v=1"></script>', "nodebb", ""),
        ('<div id="flarum-loading"></div>', "flarum", ""),
        ("<title>V2EX</title>", "v2ex", ""),
        ("<div class='app-holder' id='mastodon'></div>", "mastodon", ""),
        ('<link href="/wp-content/themes/a.css">', "wordpress", ""),
        ('<?xml version="1.0"?>\n<rss version="2.0"><channel><generator>WordPress</generator>', "feed", ""),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><generator>Discourse</generator>', "feed", ""),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed", ""),
        ('<?xml version="1.0"?><sitemapindex xmlns="x">', "site", ""),
    ],
)
def test_a_page_is_known_by_what_it_says(text: str, name: str, version: str) -> None:
    found = recognise(page(text))
    assert found is not None
    assert (found.name, found.version.split(" ")[0]) == (name, version)


@pytest.mark.parametrize(
    ("cookies", "name"),
    [
        (("cdb_saltkey", "cdb_lastvisit"), "discuz"),
        (("phpbb3_4x1_sid",), "phpbb"),
        (("mybb[lastvisit]",), "mybb"),
        (("_forum_session",), "discourse"),
        (("flarum_session",), "flarum"),
    ],
)
def test_a_page_is_known_by_its_cookies(cookies: tuple[str, ...], name: str) -> None:
    assert recognise(page("<p>hello</p>", cookies=cookies)) == Recognised(name, "", "cookies")


def test_a_page_is_known_by_its_headers() -> None:
    assert recognise(page(headers={"x-powered-by": "NodeBB"})) == Recognised("nodebb", "", "header x-powered-by")
    link = '<https://corp.cn/wp-json/>; rel="https://api.w.org/"'
    assert recognise(page(headers={"link": link})) == Recognised("wordpress", "", "header link")
    assert recognise(page(headers={"server": "nginx", "x-powered-by": "PHP/8"})) is None


@pytest.mark.parametrize(
    "text", ["", "<p>我们用 Discuz! 还是 WordPress？</p>", "<a href='https://nodebb.org'>NodeBB</a>", "<html></html>"]
)
def test_a_page_that_only_speaks_of_a_software_is_not_of_it(text: str) -> None:
    assert recognise(page(text)) is None


def test_an_error_page_is_known_by_what_its_server_says_alone() -> None:
    assert recognise(page('<body id="phpbb">', status=404)) is None
    assert recognise(page(status=403, headers={"x-discourse-route": "list/latest"})) is not None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://weibo.com/u/1", "微博"),
        ("https://m.weibo.cn/u/1", "微博"),
        ("https://tieba.baidu.com/f?kw=x", "贴吧"),
        ("https://www.zhihu.com/question/1", "知乎"),
        ("https://notweibo.com/", None),
        ("https://www.baidu.com/", None),
    ],
)
def test_platforms_that_let_nobody_in_are_not_asked(url: str, name: str | None) -> None:
    assert supplied_only(url) == name


def test_what_answers_in_json_is_among_what_is_asked_and_few_things_are() -> None:
    for traits in SOFTWARE.values():
        assert traits.api in ("", *traits.asks)
        assert len(traits.asks) <= 4  # robots.txt, the page, redirects and feeds come on top of them: ten in all
