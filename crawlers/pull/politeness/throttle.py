"""AutoThrottle: a site that answers slowly is asked more slowly, never faster than was promised."""

from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawlers.pull.politeness.tallied import tallied


class Throttle(AutoThrottle):
    """Scrapy's, whose least delay would undercut the Crawl-delay of robots.txt: here that is the floor.

    Off where the source's delay is 0, which is allowed for servers on this machine alone.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if not crawler.settings.getfloat("DOWNLOAD_DELAY"):
            raise NotConfigured

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        slot.delay = max(slot.delay, tallied(self.crawler).tally.delay)
