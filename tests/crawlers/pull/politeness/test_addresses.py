import gzip
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler

from crawlers.pull.politeness.addresses import AddressRefused, OneHost, PublicOnly
from stream.state.source_health import SourceState

EMPTY = b'<a href="forum.php?mod=forumdisplay&fid=3">a</a><table id="threadlisttableid"><p class="emp"></p></table>'
INDEX = b'<a href="forum.php?mod=forumdisplay&fid=3">a</a>'


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.0)
        yield listener


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except BlockingIOError:
        return True
    return False


class Address:
    def __init__(self, host: str) -> None:
        self.host = host


class Resolver:
    def resolveHostName(self, receiver: Any, *_: Any) -> None:  # noqa: N802 - Twisted's name
        receiver.resolutionBegan(None)
        for host in ("10.0.0.1", "8.8.8.8"):
            receiver.addressResolved(Address(host))
        receiver.resolutionComplete()


class Receiver:
    def __init__(self) -> None:
        self.hosts: list[str] = []

    def resolutionBegan(self, _resolution: Any) -> None:  # noqa: N802
        """Nothing to do."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Nothing to do."""


def test_a_name_that_resolves_to_a_private_address_leads_nowhere_unless_trusted() -> None:
    guard, open_, trusted = PublicOnly(Resolver(), {"intranet"}), Receiver(), Receiver()
    guard.resolveHostName(open_, "bbs.example")
    guard.resolveHostName(trusted, "intranet")
    assert (open_.hosts, trusted.hosts) == (["8.8.8.8"], ["10.0.0.1", "8.8.8.8"])


def test_a_private_host_is_never_connected_to_unless_the_source_says_so(
    crawler: Any, site: Any, elsewhere: socket.socket
) -> None:
    name = socket.gethostname()  # a name for this machine that is not localhost
    crawler.settings |= {"url": f"http://{name}:{site.server_port}/forum.php", "private": False}
    crawler.settings.pop("delay")
    tally = crawler.crawl()
    assert (site.log, tally.reason()) == ([], "dns")


@pytest.mark.parametrize("where", ["http://127.0.0.1:{port}/x", "http://169.254.169.254/latest", "file:///etc/passwd"])
def test_a_redirect_elsewhere_is_not_followed(crawler: Any, site: Any, elsewhere: socket.socket, where: str) -> None:
    answer = type(site.answer("/"))
    target = where.format(port=elsewhere.getsockname()[1])
    site.answer = lambda _path: answer(status=302, headers={"Location": target})
    assert crawler.crawl().state() is SourceState.FAILED
    assert nobody_came(elsewhere)
    assert site.asked == ["/forum.php"]


def test_a_redirect_loop_ends(crawler: Any, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda path: answer(status=302, headers={"Location": f"{path}?x" if len(path) < 60 else "/forum.php"})
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.FAILED, "redirects")
    assert len(site.asked) <= 7


def test_a_redirect_is_followed_without_a_referer_and_no_crawl_warns_that_nothing_writes_one(
    crawler: Any, site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer, usual = type(site.answer("/")), site.answer
    moved = answer(status=302, headers={"Location": "/moved/forum.php"})
    site.answer = lambda path: moved if path == "/forum.php" else usual(path)
    crawler.crawl()
    assert "/moved/forum.php" in site.asked
    assert [one.getMessage() for one in caplog.records if "Referer" in one.getMessage()] == []


@pytest.mark.parametrize("packed", [False, True], ids=["10MB", "gzip-bomb"])
def test_a_huge_page_is_dropped_and_the_crawl_goes_on(crawler: Any, site: Any, packed: bool) -> None:
    answer = type(site.answer("/"))
    huge = b"<p>" + b"x" * 10_000_000
    boards = INDEX + INDEX.replace(b"=3", b"=4")
    headers = {"Content-Encoding": "gzip"} if packed else {}

    def serve(path: str) -> Any:
        if "fid=3" in path:
            return answer(gzip.compress(huge) if packed else huge, headers=headers)
        return answer(EMPTY if "fid=4" in path else boards)

    site.answer = serve
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.PARTIAL, "1 × too_large")
    assert any("fid=4" in path for path in site.asked)


def allowed(url: str, home: str, *hosts: str) -> bool:
    crawler = Crawler(Spider, {"WENFENG_HOME": home, "WENFENG_HOSTS": frozenset(hosts)})
    try:
        OneHost(crawler).process_request(Request(url))
    except AddressRefused:
        return False
    return True


@pytest.mark.parametrize("bridge", ["http://rss.corp.cn:4000/feeds/1.atom", "https://rss.corp.cn/feeds/1.atom"])
def test_a_host_that_a_kind_declares_is_asked_over_https_alone_and_no_other_one_is(bridge: str) -> None:
    article = "https://mp.weixin.qq.com/s/AbCdEfGhIjKl"
    assert allowed(article, bridge, "mp.weixin.qq.com")
    assert allowed(bridge, bridge, "mp.weixin.qq.com")
    assert not allowed(article, bridge)
    for near in (
        "http://mp.weixin.qq.com/s/AbCdEfGhIjKl",
        "https://mp.weixin.qq.com:8443/s/AbCdEfGhIjKl",
        "https://mp.weixin.qq.com.evil.cn/s/AbCdEfGhIjKl",
        "https://weixin.qq.com/s/AbCdEfGhIjKl",
        "https://evil.cn/?mp.weixin.qq.com",
    ):
        assert not allowed(near, bridge, "mp.weixin.qq.com")


@pytest.mark.parametrize(
    ("url", "is_home"),
    [
        ("https://bbs.corp.cn/x", True),  # 80 and 443 are one site
        ("http://BBS.corp.cn:80/x", True),
        ("https://bbs.corp.cn:443/x", True),
        ("http://bbs.corp.cn:8080/x", False),
        ("http://www.bbs.corp.cn/x", False),
        ("http://bbs.corp.cn@evil.cn/x", False),
        ("http://evil.cn/bbs.corp.cn", False),
        ("ftp://bbs.corp.cn/x", False),
        ("data:,x", False),
    ],
)
def test_a_crawl_stays_on_its_host_and_port_however_the_address_is_written(url: str, is_home: bool) -> None:
    assert allowed(url, "http://bbs.corp.cn/forum.php") is is_home


def test_a_port_of_its_own_is_part_of_where_a_site_is() -> None:
    assert allowed("http://bbs.corp.cn:8080/x", "http://bbs.corp.cn:8080/")
    assert not allowed("http://bbs.corp.cn/x", "http://bbs.corp.cn:8080/")


@pytest.mark.parametrize(("url", "host"), [("http://evil.cn:81/x", "evil.cn:81"), ("file:///etc/passwd", "file")])
def test_where_it_would_have_led_is_told(url: str, host: str) -> None:
    crawler = Crawler(Spider, {"WENFENG_HOME": "http://bbs.corp.cn/", "WENFENG_HOSTS": frozenset()})
    with pytest.raises(AddressRefused, match=r"is not on bbs\.corp\.cn") as caught:
        OneHost(crawler).process_request(Request(url))
    assert caught.value.host == host


def test_what_is_longer_than_an_address_is_not_asked_for() -> None:
    home = "http://bbs.corp.cn/forum.php?"
    assert allowed(home + "x" * (2083 - len(home)), home)
    assert not allowed(home + "x" * (2084 - len(home)), home)


def test_a_name_of_private_addresses_alone_resolves_to_nothing() -> None:
    class Inner(Resolver):
        def resolveHostName(self, receiver: Any, *_: Any) -> None:  # noqa: N802
            for host in ("127.0.0.1", "169.254.169.254", "fd00::1", "::ffff:10.0.0.1", "100.64.0.1", "0.0.0.0"):
                receiver.addressResolved(Address(host))

    seen = Receiver()
    PublicOnly(Inner(), set()).resolveHostName(seen, "rebinding.example")
    assert seen.hosts == []
