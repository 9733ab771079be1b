"""What every source has in common, whatever its kind; what a kind adds lies beside its reader (see kinds.py)."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT, Cron, Duration
from stream.process.schedule import next_tick

Key = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,60}$")]  # letters of any script, digits, _ and -
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300, pattern=r"^[^\x00-\x1f]+$")
]


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"{url!r} is no web address: write http:// or https://, a host, and no password")
    return url


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:
        raise ValueError(f"{name!r} is no encoding, as utf-8, gbk or big5 are") from error
    return name


def is_loopback(url: str) -> bool:
    """Tells whether an address names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _rhythm(every: timedelta) -> timedelta:
    if not every:
        raise ValueError("nothing comes every moment: write how often it comes, as in 7d, or leave it out")
    return every


WebAddress = Annotated[str, AfterValidator(_web_address)]
Encoding = Annotated[str, AfterValidator(_encoding)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Source:
    """One source. Descriptions of keys that must be there are told to whoever leaves them out.

    `internal` channels keep nothing about the writer. A source that is not `enabled` is not read, and nobody waits for
    it.
    """

    site: Annotated[Key, Field(description="whose posts these are, for ever: their ids are made of it")]
    software: str
    basis: Annotated[Line, Field(description="who owns the source, and why we may read it")]
    internal: bool = False
    enabled: bool = True

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Tells until when a success that began then is to be trusted: two ticks on, so one may fail or be late."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PulledSource(Source):
    """A source that is fetched.

    `delay` is between two requests; robots.txt may lengthen it. `private` allows addresses of internal networks.
    `verify_tls: false` accepts a certificate that nobody signed.
    """

    url: Annotated[WebAddress, Field(description="where the crawl begins")]
    cron: Cron | None = None
    delay: Duration = timedelta(seconds=1)
    private: bool = False
    verify_tls: bool = True

    @property
    def host(self) -> str:
        """Where it is crawled."""
        return urlsplit(self.url).hostname or ""

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Counts two ticks of `cron` on; None without one, or where none comes any more."""
        following = next_tick(self.cron, started_at) if self.cron is not None else None
        return next_tick(self.cron, following) if self.cron is not None and following is not None else None

    @model_validator(mode="after")
    def _polite(self) -> "PulledSource":
        if not self.delay and not is_loopback(self.url):
            raise ValueError("delay: 0 is for servers on this machine; be polite elsewhere (1s is the default)")
        if is_loopback(self.url) and not self.private:
            raise ValueError("this address is not public: say private: true if it is meant")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PushedSource(Source):
    """A source that is handed in, by a person or a program; `every` is how often that is usual, if it is."""

    every: Annotated[Duration, AfterValidator(_rhythm)] | None = None

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Counts twice `every` on; None where nothing is usual."""
        return None if self.every is None else started_at + 2 * self.every
