"""Scrapy's settings for one source, computed: every bound that keeps a page from eating the machine, or us a site."""

from resource import RUSAGE_SELF, getrusage
from typing import Any

from scrapy.settings import Settings

from crawlers.source import PulledSource
from stream.version import VERSION

MEGABYTE = 1024 * 1024
MEMORY = 1024  # MiB that one crawl may take
LONGEST_CRAWL = 12 * 3600  # seconds: also bounds how old a robots.txt verdict can get (RFC 9309: a day)


def user_agent(contact: str) -> str:
    """Tells who we are and whom to write to."""
    return f"Wenfeng/{VERSION} (+{contact})"


def settings_for(source: PulledSource, contact: str) -> Settings:
    """Builds the settings of one crawl."""
    return Settings(_IDENTITY | _BOUNDS | _POLITENESS | _of(source, contact), priority="cmdline")


_BOUNDS: dict[str, Any] = {
    "DOWNLOAD_MAXSIZE": 8 * MEGABYTE,  # before and after decompression
    "DOWNLOAD_WARNSIZE": 2 * MEGABYTE,
    "DOWNLOAD_TIMEOUT": 30,
    "DOWNLOAD_FAIL_ON_DATALOSS": True,
    "REDIRECT_MAX_TIMES": 5,
    "CLOSESPIDER_TIMEOUT": LONGEST_CRAWL,
    "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
}
_IDENTITY: dict[str, Any] = {
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_ENABLED": False,  # our own set-up formats Scrapy's lines too
    "LOGSTATS_INTERVAL": 0,
    "DOWNLOADER_STATS": False,  # it writes every request out anew to count its bytes
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",  # a dozen counts a page; ours are in the tally
    "STATS_DUMP": False,
    "EXTENSIONS": {
        "crawlers.pull.progress.Progress": 0,
        "crawlers.pull.politeness.throttle.Throttle": 0,
        "scrapy.extensions.throttle.AutoThrottle": None,
        "scrapy.extensions.logcount.LogCount": None,
        "scrapy.extensions.corestats.CoreStats": None,
    },
    "SPIDER_MIDDLEWARES": {  # each is two generators more around what a page yields; what they do is not wanted here
        "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # OneHost bounds addresses
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    },
    "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "zh-CN,zh;q=0.9"},
}
_POLITENESS: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 0,  # the source's own delay is the least
    "AUTOTHROTTLE_MAX_DELAY": 30,
    "RETRY_ENABLED": False,
    "METAREFRESH_ENABLED": False,  # a page that reloads itself is a guard
    "CONCURRENT_ITEMS": 1,  # Scrapy starts so many tasks per page, and our spiders yield no items
    "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 0,  # bytes of pages in hand while the next is asked for: a kill costs those again
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "SCHEDULER": "crawlers.pull.agenda.Agenda",
    "DOWNLOAD_DELAY_JITTER": 0,  # Scrapy's half-shorter delays would break the promise of one request a second
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # OneHost is stricter
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
        "crawlers.pull.politeness.addresses.OneHost": 50,
        "crawlers.pull.politeness.robots.FailClosedRobots": 100,
        "crawlers.pull.politeness.patience.Patience": 550,
        "crawlers.pull.politeness.refusing.Refusals": 580,  # answers come from below: after 590 has unpacked them
        "crawlers.pull.politeness.unpacking.LenientUnpacking": 590,  # Scrapy's own place for it
        "crawlers.pull.politeness.refusing.FollowsUnreferred": 600,  # Scrapy's own place for it
        "crawlers.pull.politeness.refusing.Redirections": 610,  # before 600 follows them
        "crawlers.pull.politeness.manners.KeepsManners": 800,  # last: it counts what is really asked
    },
}


def _of(source: PulledSource, contact: str) -> dict[str, Any]:
    return {
        "USER_AGENT": user_agent(contact),
        "DOWNLOAD_DELAY": source.delay.total_seconds(),
        "DOWNLOAD_VERIFY_CERTIFICATES": source.verify_tls,
        "MEMUSAGE_LIMIT_MB": _taken_before() + MEMORY,
        "WENFENG_HOME": source.url,
        "WENFENG_HOSTS": source.hosts,
    }


def _taken_before() -> int:
    """Measures the MiB of the process at its largest so far.

    Scrapy looks at the whole process, which may have done other things.
    """
    return getrusage(RUSAGE_SELF).ru_maxrss // 1024  # kilobytes on Linux
