"""Why a page did not come is one word of a few, however deep the cause lies."""

import ssl

import pytest
from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import (
    CertificateError,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    DNSLookupError,
    NoRouteError,
    TCPTimedOutError,
)
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from crawlers.pull.politeness.failing import word_of


def wrapped(inner: BaseException) -> DownloadFailedError:
    """As Scrapy hands on what Twisted says."""
    failed = DownloadFailedError("x")
    failed.__cause__ = ResponseFailed([Failure(inner)])  # type: ignore[no-untyped-call]
    return failed


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (CannotResolveHostError("x"), "dns"),
        (DownloadConnectionRefusedError("x"), "port_refused"),
        (ConnectionRefusedError(), "port_refused"),
        (DownloadTimeoutError("x"), "timeout"),
        (NoRouteError(), "no_route"),
        (ResponseDataLossError("x"), "cut_off"),
        (UnsupportedURLSchemeError("x"), "address_refused"),
        (wrapped(SSL.Error([("SSL routines", "", "certificate verify failed")])), "tls"),
        (wrapped(ConnectionLost()), "connection_lost"),
        (KeyError("ours"), None),
    ],
)
def test_the_way_to_a_site_fails_in_words(error: BaseException, word: str | None) -> None:
    assert word_of(error) == word


def test_causes_in_a_circle_end() -> None:
    one, other = ValueError(), ValueError()
    one.__cause__, other.__cause__ = other, one
    assert word_of(one) is None


def test_the_first_cause_of_the_table_is_told_where_several_lie_under_one_error() -> None:
    """A certificate that is refused closes the connection too: the latter is no help to anybody."""
    lost, refused = ConnectionLost(), SSL.Error([("SSL routines", "", "certificate verify failed")])
    both = ResponseFailed([Failure(lost), Failure(refused)])  # type: ignore[no-untyped-call]
    assert word_of(both) == "tls"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ssl.SSLCertVerificationError("x"), "tls"),
        (CertificateError("x"), "tls"),
        (DNSLookupError(), "dns"),
        (TCPTimedOutError(), "timeout"),
        (DownloadCancelledError("x"), "too_large"),
        (ConnectionResetError("x"), "connection_lost"),
        (ConnectionDone(), "connection_lost"),
        (PermissionError("x"), None),
    ],
)
def test_pythons_and_twisteds_own_errors_have_their_words(error: BaseException, word: str | None) -> None:
    assert word_of(error) == word
    assert word_of(wrapped(error)) == word


def test_a_cause_that_lies_too_deep_is_not_dug_for() -> None:
    error: BaseException = ConnectionLost()
    for depth in range(1, 10):
        outer = ValueError(depth)
        outer.__cause__, error = error, outer
        assert word_of(error) == ("connection_lost" if depth < 8 else None)
