import gzip
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from crawlers.pull.politeness.addresses import PublicOnly, is_public
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


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("nonsense", False),
    ],
)
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


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
    assert (site.log, tally.reason()) == ([], "robots_unreachable")


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
