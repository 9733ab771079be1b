"""The bounds of a crawl stand in its settings, whatever Scrapy's own defaults become."""

from datetime import timedelta

from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawlers.pull.forums.forum_source import DiscuzSource
from crawlers.pull.settings import MEGABYTE, settings_for, user_agent

URL = "https://bbs.corp.cn/forum.php"


def of(**told: object) -> Settings:
    source = DiscuzSource(**{"site": "bbs", "basis": "our own", "url": URL} | told)  # type: ignore[arg-type]
    return settings_for(source, "ops@corp.cn")


def test_a_crawl_says_who_it_is_and_whom_to_write_to() -> None:
    assert of()["USER_AGENT"] == user_agent("ops@corp.cn")
    assert "(+ops@corp.cn)" in user_agent("ops@corp.cn")


def test_one_request_a_second_and_one_at_a_time_unless_the_source_says_otherwise() -> None:
    assert (of()["DOWNLOAD_DELAY"], of()["CONCURRENT_REQUESTS"], of()["CONCURRENT_REQUESTS_PER_DOMAIN"]) == (1.0, 1, 1)
    assert of(delay=timedelta(seconds=2.5))["DOWNLOAD_DELAY"] == 2.5


def test_delays_are_never_shortened_by_chance() -> None:
    assert (of()["DOWNLOAD_DELAY_JITTER"], of().getbool("RETRY_ENABLED")) == (0, False)


def test_pages_of_any_size_or_slowness_are_bounded() -> None:
    assert of()["DOWNLOAD_MAXSIZE"] == 8 * MEGABYTE
    assert of()["DOWNLOAD_TIMEOUT"] == 30
    assert of()["REDIRECT_MAX_TIMES"] == 5
    assert of()["MEMUSAGE_LIMIT_MB"] > 1024


def test_nothing_but_the_web_is_fetched_and_nothing_kept_between_pages() -> None:
    assert set(of()["DOWNLOAD_HANDLERS"].values()) == {None}
    assert not of().getbool("COOKIES_ENABLED")
    assert not of().getbool("TELNETCONSOLE_ENABLED")


def test_certificates_are_checked_unless_the_source_says_otherwise() -> None:
    assert of()["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert of(verify_tls=False)["DOWNLOAD_VERIFY_CERTIFICATES"] is False


def test_every_middleware_of_politeness_is_there_in_place_of_scrapys_own() -> None:
    middlewares = of()["DOWNLOADER_MIDDLEWARES"]
    ours = [name for name, place in middlewares.items() if place is not None]
    assert [load_object(name).__name__ for name in ours] == [
        "OneHost",
        "FailClosedRobots",
        "Patience",
        "Refusals",
        "LenientUnpacking",
        "FollowsUnreferred",
        "Redirections",
        "KeepsManners",
    ]
    assert [middlewares[name] for name in ours] == sorted(middlewares[name] for name in ours)
    assert middlewares["scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"] is None
    assert of().getbool("ROBOTSTXT_OBEY")


def test_a_crawl_stays_where_its_source_is() -> None:
    assert of()["WENFENG_HOME"] == URL


def test_a_site_that_answers_slowly_is_asked_more_slowly_by_our_throttle_alone() -> None:
    settings = of()
    throttle, scrapys = "crawlers.pull.politeness.throttle.Throttle", "scrapy.extensions.throttle.AutoThrottle"
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
    assert (settings["EXTENSIONS"][throttle], settings["EXTENSIONS"][scrapys]) == (0, None)
    assert settings.getfloat("AUTOTHROTTLE_START_DELAY") == 0  # the source's own delay is the least


def test_nothing_of_scrapys_stands_around_what_a_page_yields_but_the_errors_of_http() -> None:
    around = of()["SPIDER_MIDDLEWARES"]
    base = of().getdict("SPIDER_MIDDLEWARES_BASE")
    assert set(around.values()) == {None}
    assert [name.rpartition(".")[2] for name in base.keys() - around.keys()] == ["HttpErrorMiddleware"]
    assert not of().getbool("DOWNLOADER_STATS")
