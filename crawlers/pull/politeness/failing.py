"""A stable word for why a page did not come: each tells whoever sees to it where to look first."""

import ssl
from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity.exceptions import VerificationError
from twisted.internet import error as twisted
from twisted.python.failure import Failure

_DEEPEST = 8  # causes of causes
_WORDS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("tls", (SSL.Error, ssl.SSLError, VerificationError, twisted.SSLError, twisted.CertificateError)),
    ("dns", (CannotResolveHostError, twisted.DNSLookupError, twisted.UnknownHostError)),
    ("port_refused", (DownloadConnectionRefusedError, twisted.ConnectionRefusedError)),
    ("no_route", (twisted.NoRouteError,)),
    ("timeout", (DownloadTimeoutError, twisted.TimeoutError, twisted.TCPTimedOutError)),
    ("cut_off", (ResponseDataLossError,)),
    ("too_large", (DownloadCancelledError,)),
    ("address_refused", (UnsupportedURLSchemeError,)),
    ("connection_lost", (twisted.ConnectionClosed, twisted.ConnectError, ConnectionError)),
)  # fmt: skip


def word_of(error: BaseException) -> str | None:
    """Names what went wrong on the way to a site, also where it lies under other errors; None for anything else."""
    chain = list(_chain(error))
    return next((word for word, kinds in _WORDS if any(isinstance(one, kinds) for one in chain)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting = [error]
    for _ in range(_DEEPEST):
        if not waiting:
            return
        one = waiting.pop(0)
        yield one
        reasons = getattr(one, "reasons", None)  # of Twisted's ResponseFailed
        if isinstance(reasons, list):
            waiting += [reason.value for reason in reasons if isinstance(reason, Failure) and reason.value is not None]
        if one.__cause__ is not None:
            waiting.append(one.__cause__)
