"""Which software a page is of is told by what it says of itself."""

import pytest

from crawlers.pages.traits.software import same_software, software_of


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'<meta name="generator" content="Discuz! X3.5">', "Discuz!"),
        (b'<p>Powered by <a href="https://www.phpbb.com/">phpBB</a>&reg;</p>', "phpBB"),
        (b'<body id="phpbb" class="nojs">', "phpBB"),
        (b"<p>Powered By <a>MyBB</a>, 2026</p>", "MyBB"),
        (b'<meta name="generator" content="Discourse 3.4">', "Discourse"),
        (b'<div id="flarum-loading"></div>', "Flarum"),
        (b'<html id="XF" lang="zh-CN">', "XenForo"),
        (b'<link href="/wp-content/themes/x/style.css">', "WordPress"),
        (b'<?xml version="1.0"?><rss version="2.0">', "a feed"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "a feed"),
        (b"<p>We moved from phpBB to something else</p>", None),
        (b"", None),
    ],
)
def test_a_page_names_its_software(body: bytes, name: str | None) -> None:
    assert software_of(body) == name


@pytest.mark.parametrize(
    ("cookies", "name"),
    [
        ("phpbb3_abc_sid=1; path=/", "phpBB"),
        ("mybb[lastvisit]=1", "MyBB"),
        ("express.sid=1", "NodeBB"),
        ("Ab1_2132_saltkey=x", "Discuz!"),
        ("PHPSESSID=1", None),
    ],
)
def test_so_do_its_cookies(cookies: str, name: str | None) -> None:
    assert software_of(b"<p>x</p>", cookies) == name


@pytest.mark.parametrize(
    ("name", "kind", "same"),
    [("Discuz!", "discuz", True), ("a feed", "feed", True), ("phpBB", "phpbb", True), ("phpBB", "discuz", False)],
)
def test_a_source_knows_its_own_software(name: str, kind: str, same: bool) -> None:
    assert same_software(name, kind) is same


def test_a_page_is_told_before_its_cookies_and_by_its_beginning_alone() -> None:
    assert software_of(b'<body id="phpbb">', "flarum_session=1") == "phpBB"
    assert software_of(b" " * 65_536 + b'<body id="phpbb">') is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"<!-- by us --><rss>", "a feed"),
        (b'<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="x">', "a feed"),
        (b"<p>how to write <rss> feeds</p>", None),
        (b"<script>MyBB.init()</script>", "MyBB"),
        (b'<meta name="generator" content="WordPress 6.1">', "WordPress"),
        ("<p>我们从 Discuz 搬来</p>".encode(), None),
        ("<p>Powered by <a>\n phpBB</a>".encode("gb18030"), None),  # in another line: of something else
    ],
)
def test_a_sign_counts_where_the_software_itself_writes_it(body: bytes, name: str | None) -> None:
    assert software_of(body) == name
