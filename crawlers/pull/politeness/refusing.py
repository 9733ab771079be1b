"""Leaving a site that refuses programs at the first sight of it: one place before all spiders, and before any patience.

What is a refusal is told by `crawlers.pages.traits.refusals`; what follows from it, by the spider.
"""

from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.pages.traits.refusals import Refused, Reply, leads_to_login, refused
from crawlers.pull.politeness.addresses import AddressRefused

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_COPIED = ("cf-mitigated", "x-amzn-waf-action", "x-sucuri-block", "x-datadome", "retry-after", "set-cookie")


class SiteRefuses(IgnoreRequest):
    """Raised when an answer is a refusal and no page; `where` is the host that asks for a log-in, if another one."""

    def __init__(self, how: Refused, where: str = "") -> None:
        super().__init__(how.value)
        self.how, self.where = how, where


class Refusals:
    """Downloader middleware behind Scrapy's unpacking and before `Patience`: a refusal is not asked again."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Refusals":
        return cls()

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises `SiteRefuses` for a refusal."""
        how = refused(_reply(response))
        if how is not None and (how.is_of_site or not request.meta.get("dont_obey_robotstxt")):
            raise SiteRefuses(how)
        return response


class Redirections:
    """Downloader middleware before Scrapy follows a redirect; one that a spider follows itself is that spider's."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Redirections":
        return cls()

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises `SiteRefuses` where it leads to a log-in, or back to the same page for want of a cookie.

        Raises `AddressRefused` where it leads to no address at all.
        """
        meta = request.meta
        own = response.status in meta.get("handle_httpstatus_list", ()) or meta.get("dont_obey_robotstxt")
        if response.status not in _REDIRECTS or own:
            return response
        target = _target(request, response)
        if leads_to_login(target) and not leads_to_login(request.url):
            there = urlsplit(target).hostname or ""
            raise SiteRefuses(Refused.LOGIN, "" if there == urlsplit(request.url).hostname else there)
        if target.partition("#")[0] == request.url and "Set-Cookie" in response.headers:
            raise SiteRefuses(Refused.COOKIE_GATE)
        return response


class FollowsUnreferred(RedirectMiddleware):
    """Scrapy's following of redirects, for crawls that send no Referer: it looks for nothing that would write one."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FollowsUnreferred":
        """Makes it without the search at the engine's start, which warns in each crawl of what is meant."""
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def handle_referer(self, request: Request, response: Response) -> None:
        """Takes off what a page's own request may have had."""
        request.headers.pop("Referer", None)


def _target(request: Request, response: Response) -> str:
    told = (response.headers.get("Location") or b"").decode("latin-1")
    try:
        target = urljoin(request.url, told)
        _ = urlsplit(target).port
    except ValueError as error:  # http://[ or a port of six digits: Scrapy would break on it
        raise AddressRefused(f"{request.url} leads to {told[:200]!r}, which is no address") from error
    return target


def _reply(response: Response) -> Reply:
    headers = {
        name: (response.headers.get(name) or b"").decode("latin-1") for name in _COPIED if name in response.headers
    }
    return Reply(status=response.status, url=response.url, headers=headers, body=response.body)
