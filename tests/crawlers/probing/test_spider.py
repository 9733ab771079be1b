"""A probe asks politely: robots.txt first, who we are, one host, few requests; a trial keeps nothing of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectionRefusedError, DNSLookupError

from crawlers.probing.findings import Findings
from crawlers.probing.spider import MOST_REQUESTS, probe, trouble_of
from crawlers.probing.trial import first_posts
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.robots import RobotsForbid, RobotsUnreachable
from stream.process.clock import ScriptedClock

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
HEAD = b'<meta name="generator" content="WordPress 6.1"><link rel="alternate" type="application/rss+xml" href="/feed/">'
ITEM = b"<item><guid>g%d</guid><title>t%d</title><link>http://x.cn/%d</link><description>power cut</description></item>"
FEED = b'<rss version="2.0"><channel>' + b"".join(ITEM % (n, n, n) for n in range(5)) + b"</channel></rss>"


@pytest.fixture
def served(site: Any) -> Any:
    answer = type(site.answer("/"))
    pages = {
        "/": answer(HEAD, headers={"Set-Cookie": "a=1; path=/"}),
        "/feed/": answer(FEED, headers={"Content-Type": "application/rss+xml"}),
        "/wp-json/wp/v2/posts?per_page=1": answer(b"[]", headers={"Content-Type": "application/json"}),
        "/wp-json/wp/v2/comments?per_page=1": answer(status=302, headers={"Location": "/away"}),
        "/away": answer(status=302, headers={"Location": "/away/again"}),
        "/away/again": answer(b"", status=302, headers={"Location": "http://localhost:1/"}),
    }
    site.answer = lambda path: pages.get(path, answer(status=404))
    return site


def asked(served: Any, loop: CrawlLoop, url: str, **told: Any) -> Findings:
    return probe(url, loop=loop, contact="ops@corp.cn", clock=ScriptedClock(NOW), private=True, **told)


def test_a_probe_reads_robots_first_says_who_asks_and_stays_on_the_host(served: Any, crawl_loop: CrawlLoop) -> None:
    served.robots = lambda: type(served.answer("/"))(b"User-agent: *\nDisallow: /feed/\nSitemap: /s.xml\n")
    found = asked(served, crawl_loop, f"{served.root}/")
    assert found.software is not None
    assert (found.software.name, found.software.version) == ("wordpress", "6.1")
    assert found.pages[0].cookies == ("a",)
    assert found.api == f"{served.root}/wp-json/wp/v2/posts?per_page=1"
    assert found.refused == (f"{served.root}/feed/",)
    assert found.robots is not None
    paths = [path for path, _, _ in served.log]
    assert paths[:2] == ["/robots.txt", "/"]
    assert "/feed/" not in paths
    assert len(paths) <= MOST_REQUESTS
    assert all("(+ops@corp.cn)" in agent for _, _, agent in served.log)


def test_a_site_that_shuts_us_out_is_told_and_asked_nothing_more(served: Any, crawl_loop: CrawlLoop) -> None:
    answer = type(served.answer("/"))
    served.robots = lambda: answer(b"User-agent: *\nDisallow: /\n")
    assert "robots.txt forbids" in asked(served, crawl_loop, f"{served.root}/").trouble
    assert [path for path, _, _ in served.log] == ["/robots.txt"]
    found = asked(served, crawl_loop, f"{served.root}/", opted_out=("127.0.0.1",))
    assert "does not want to be read" in found.trouble or "did not answer" in found.trouble
    assert len(served.log) == 1


def test_a_trial_shows_three_posts_and_ends(served: Any, crawl_loop: CrawlLoop) -> None:
    source = FeedSource(
        site="news",
        basis="a test",
        url=f"{served.root}/feed/",
        private=True,
        delay="0s",  # type: ignore[arg-type]
    )
    trial = first_posts("news", source, loop=crawl_loop, contact="ops@corp.cn", clock=ScriptedClock(NOW))
    assert [post.title for post in trial.posts] == ["t0", "t1", "t2"]
    assert trial.tally.blocked == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DNSLookupError(), "no such host, or one of a private network"),
        (RobotsForbid("x"), "robots.txt forbids"),
        (RobotsUnreachable("x"), "robots.txt did not answer"),
        (ConnectionRefusedError(), "is the address right, and the site up?"),
    ],
)
def test_what_went_wrong_is_a_sentence(error: Exception, words: str) -> None:
    assert words in trouble_of(error)


def test_an_answer_that_is_no_page_is_a_sentence(site: Any) -> None:
    class Answered:
        status = 403

    assert "does not let programs in (HTTP 403)" in trouble_of(HttpError(Answered(), "x"))  # type: ignore[arg-type]
