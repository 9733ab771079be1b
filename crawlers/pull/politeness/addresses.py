"""Which addresses are fetched at all: one host, public unless the source says otherwise, checked where we connect."""

from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from stream.process.loopback import is_public

LONGEST = 2083  # characters: what old browsers stop at


class AddressRefused(IgnoreRequest):
    """Raised when a page leads away from the source's host, as a redirect may: to `host`."""

    def __init__(self, words: str, host: str = "") -> None:
        super().__init__(words)
        self.host = host


class OneHost:
    """Downloader middleware: a crawl stays on its source's host and port, also when it is sent elsewhere.

    Further hosts are those that its kind declares (`PulledSource.hosts`), over https and on no port of their own.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._home = urlsplit(crawler.settings["WENFENG_HOME"])
        self._hosts = crawler.settings["WENFENG_HOSTS"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "OneHost":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuses any other host, and what is too long to be an address."""
        if len(request.url) > LONGEST:
            raise AddressRefused(f"{request.url[:LONGEST]}… is longer than an address")
        home, there = self._home, urlsplit(request.url)
        if there.hostname in self._hosts and (there.scheme, _port(there)) == ("https", 0):
            return
        if there.scheme not in ("http", "https") or (there.hostname, _port(there)) != (home.hostname, _port(home)):
            raise AddressRefused(f"{request.url} is not on {home.netloc}", there.netloc or there.scheme)


def _port(url: Any) -> int:
    """Reads the port, 80 and 443 being one site: many redirect from the one to the other."""
    return 0 if (url.port or 80) in (80, 443) else int(url.port)


@implementer(IHostnameResolver)
class PublicOnly:
    """Twisted resolver that withholds private addresses, so that a name cannot lead there between check and connect.

    `trusted` names hosts of sources with `private: true`.
    """

    def __init__(self, inner: Any, trusted: set[str]) -> None:
        self._inner = inner
        self.trusted = trusted

    def resolveHostName(self, receiver: Any, hostName: str, *rest: Any, **named: Any) -> Any:  # noqa: N802, N803
        """Resolves as Twisted does, with fewer addresses."""
        guarded = receiver if hostName in self.trusted else _PublicReceiver(receiver)
        return self._inner.resolveHostName(guarded, hostName, *rest, **named)


@implementer(IResolutionReceiver)
class _PublicReceiver:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - Twisted's names
        self._inner.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if is_public(address.host):
            self._inner.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._inner.resolutionComplete()
