from datetime import timedelta
from http import HTTPStatus

import pytest
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import DNSLookupError, TimeoutError
from twisted.python.failure import Failure

from crawlers.health import MOST_SAMPLES
from crawlers.pages.forum import Refusal
from crawlers.pages.traits.refusals import Refused
from crawlers.pull.politeness.addresses import AddressRefused
from crawlers.pull.politeness.refusing import SiteRefuses
from crawlers.pull.politeness.robots import RobotsForbid, RobotsUnreachable
from crawlers.pull.spider import REFUSING, reason_of
from stream.messages import Precision
from stream.state.source_health import SourceState
from tests.crawlers.pull.served import ServedDiscuz
from tests.crawlers.running import Crawler
from tests.crawlers.site import ROBOTS, START, Answer, Site

HOUR = timedelta(hours=1)
THREAD = "/forum.php?mod=viewthread&tid=1"


@pytest.fixture
def forum(site: Site) -> ServedDiscuz:
    made = ServedDiscuz()
    site.answer = made
    return made


@pytest.mark.parametrize("status", sorted(REFUSING))
def test_a_site_that_says_no_at_its_door_is_left_at_once(
    crawler: Crawler, forum: ServedDiscuz, site: Site, status: int
) -> None:
    forum.instead[forum.index] = Answer(b"no", status)
    tally = crawler.crawl()
    assert (tally.state(), tally.reason(), site.asked) == (SourceState.BLOCKED, f"http_{status}", [forum.index])


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS])
def test_one_page_that_is_refused_is_counted_and_the_crawl_goes_on(
    crawler: Crawler, forum: ServedDiscuz, site: Site, status: int
) -> None:
    forum.write(1, site.now - HOUR, "不给看")
    forum.write(2, site.now - HOUR, "给看")
    forum.instead[THREAD] = Answer(b"no", status)
    tally = crawler.crawl()
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {f"http_{status}": 1})
    assert [post.text for post in crawler.posts()] == ["给看"]
    forum.instead.clear()
    crawler.crawl(later=timedelta(minutes=1))
    assert [post.text for post in crawler.posts()] == ["不给看"]


def test_an_index_that_is_not_there_is_a_failure_of_the_source(crawler: Crawler, forum: ServedDiscuz) -> None:
    forum.instead[forum.index] = Answer(b"", 404)
    tally = crawler.crawl()
    assert (tally.state(), tally.broken) == (SourceState.FAILED, "http_404")


def test_a_page_that_robots_txt_forbids_costs_itself_alone(crawler: Crawler, forum: ServedDiscuz, site: Site) -> None:
    forum.write(1, site.now - HOUR, "不许看")
    forum.write(2, site.now - HOUR, "许看")
    rules = f"{ROBOTS}Disallow: {THREAD}\n".encode()
    site.robots = lambda: Answer(rules, headers={"Content-Type": "text/plain"})
    tally = crawler.crawl()
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {"robots_forbid": 1})
    assert THREAD not in site.asked


def test_the_first_reason_to_leave_is_the_one_that_is_told(crawler: Crawler, forum: ServedDiscuz, site: Site) -> None:
    for thread in range(1, 9):
        forum.write(thread, site.now - HOUR, "帖")
        kind = Refusal.CAPTCHA if thread % 2 else Refusal.FLOOD_GUARD
        forum.instead[forum.thread_path(thread)] = forum.refusal(kind)
    tally = crawler.crawl()
    assert tally.reason() in ("captcha", "flood_guard", "flood_guard: guard")


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        ("Thu, 19 Nov 2026 04:34:20 GMT", -2 * HOUR),  # a server whose clock is behind: its relative times are, too
        ("Thu, 19 Nov 2026 12:34:20 +0800", -2 * HOUR),
        ("Thu, 19 Nov 2026 04:34:20", 0 * HOUR),  # of no zone: not to be trusted
        ("yesterday", 0 * HOUR),
        ("", 0 * HOUR),
    ],
)
def test_relative_times_refer_to_the_servers_clock_and_to_ours_where_it_tells_none(
    crawler: Crawler, forum: ServedDiscuz, site: Site, date: str, offset: timedelta
) -> None:
    forum.write(1, START, "帖")
    page = forum(THREAD)
    told = page.body.replace("发表于 2026-11-19 14:34:20".encode(), "发表于 9&nbsp;分钟前".encode())
    forum.instead[THREAD] = Answer(told, headers={"Date": date})
    crawler.crawl()
    (post,) = crawler.posts()
    assert post.published_at == START + offset - timedelta(minutes=9)
    assert post.published_precision is Precision.MINUTE


def test_only_so_many_pages_are_kept_for_a_person_to_look_at(crawler: Crawler, forum: ServedDiscuz, site: Site) -> None:
    for thread in range(MOST_SAMPLES + 5):
        forum.write(thread, site.now - HOUR, "帖")
        forum.instead[forum.thread_path(thread)] = Answer(f"<p>新模板{thread}</p>".encode())
    tally = crawler.crawl()
    assert tally.failures == {"layout": MOST_SAMPLES + 5}
    assert len(list(crawler.samples.rglob("*.body"))) == MOST_SAMPLES


@pytest.mark.parametrize(
    ("error", "reason", "refusal"),
    [
        (HttpError(Response("http://bbs.invalid/", status=403)), "http_403", True),
        (HttpError(Response("http://bbs.invalid/", status=402)), "http_402", True),
        (HttpError(Response("http://bbs.invalid/", status=404)), "http_404", False),
        (HttpError(Response("http://bbs.invalid/", status=503)), "http_503", False),
        (RobotsForbid("x"), "robots_forbid", True),
        (RobotsUnreachable("x"), "robots_unreachable", False),
        (RobotsUnreachable("x", DNSLookupError()), "dns", False),
        (RobotsUnreachable("x", IgnoreRequest("max redirections reached")), "robots_unreachable", False),
        (RobotsUnreachable("x", SiteRefuses(Refused.CHALLENGE)), "challenge", True),
        (SiteRefuses(Refused.BARRED), "barred", True),
        (SiteRefuses(Refused.LOGIN, "passport.example.cn"), "login (at passport.example.cn)", True),
        (AddressRefused("x"), "address_refused", False),
        (AddressRefused("x", "www.example.cn"), "address_refused (leads to www.example.cn)", False),
        (DownloadCancelledError("x"), "too_large", False),
        (IgnoreRequest("larger than DOWNLOAD_MAXSIZE"), "too_large", False),
        (IgnoreRequest("max redirections reached"), "redirects", False),
        (DNSLookupError("bbs.invalid"), "dns", False),
        (TimeoutError(), "timeout", False),
        (ValueError("ours"), "a fault of ours: the log has it", False),
    ],
)
def test_every_failure_has_a_stable_reason_and_only_the_sites_own_no_is_a_refusal(
    error: Exception, reason: str, refusal: bool
) -> None:
    assert reason_of(Failure(error)) == (reason, refusal)
