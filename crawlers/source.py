"""What every source has in common, whatever its kind; what a kind adds lies beside its reader (see kinds.py)."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from crawlers.scheduling.timing import Days, Hours, Timing, never_comes
from stream.process.configuration import STRICT, Cron, Duration
from stream.process.loopback import is_public
from stream.process.schedule import next_tick

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # from here a cron is tried: a year whose holidays are set
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


def is_private(url: str) -> bool:
    """Tells whether an address names this machine, or is a number of a private network: what no crawl asks unasked.

    A name is only known for private when it is looked up (`crawlers/pull/politeness/addresses.py`).
    """
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return is_loopback(url)
    return not is_public(host)


def _rhythm(every: timedelta) -> timedelta:
    if not every:
        raise ValueError("nothing comes every moment: write how often it comes, as in 7d, or leave it out")
    return every


WebAddress = Annotated[str, AfterValidator(_web_address)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]
Encoding = Annotated[str, AfterValidator(_encoding)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Source:
    """One source. Descriptions of keys that must be there are told to whoever leaves them out.

    `name` is what people call it, in letters and reports; without one its key stands there. `internal` channels keep
    nothing about the writer. A source that is not `enabled` is not read, and nobody waits for
    it.
    """

    site: Annotated[Key, Field(description="whose posts these are, for ever: their ids are made of it")]
    software: str
    basis: Annotated[Line, Field(description="who owns the source, and why we may read it")]
    name: Name | None = None
    internal: bool = False
    enabled: bool = True

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Tells until when a success that began then is to be trusted: two ticks on, so one may fail or be late."""
        raise NotImplementedError

    def due_at(self, started_at: datetime) -> datetime | None:
        """Tells when the next one is due after a success that began then: one tick on."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PulledSource(Source):
    """A source that is fetched.

    `delay` is between two requests; robots.txt may lengthen it. `private` allows addresses of internal networks.
    `verify_tls: false` accepts a certificate that nobody signed. Ticks of `cron` count within `hours` and `days`, and
    are put off by up to `jitter`; in the hours of `avoid` nothing is asked, whoever wants it. `requests_per_day` is
    what the host may be asked in a day of Beijing, by all sources together.
    """

    url: Annotated[WebAddress, Field(description="where the crawl begins")]
    cron: Cron | None = None
    hours: Hours | None = None
    days: Days | None = None
    jitter: Duration = timedelta(0)
    avoid: Hours | None = None
    requests_per_day: Annotated[int, Field(ge=1)] | None = None
    delay: Duration = timedelta(seconds=1)
    private: bool = False
    verify_tls: bool = True

    @property
    def host(self) -> str:
        """Where it is crawled."""
        return urlsplit(self.url).hostname or ""

    @property
    def hosts(self) -> frozenset[str]:
        """Further hosts that are asked too, over https. A kind declares them; no configuration can."""
        return frozenset()

    @property
    def asked_hosts(self) -> frozenset[str]:
        """Every host that a crawl asks, of all of which it has the turn meanwhile."""
        return self.hosts | {self.host}

    @property
    def timing(self) -> Timing | None:
        """When it is crawled by itself; None without a `cron`."""
        if self.cron is None:
            return None
        return Timing(cron=self.cron, hours=self.hours, days=self.days, jitter=self.jitter)

    def avoided(self, now: datetime) -> bool:
        """Tells whether the site is left alone at this time of day."""
        return self.avoid is not None and self.avoid.hold(now)

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Counts two ticks of `cron` on; None without one, or where none comes any more."""
        timing = self.timing
        following = timing.following(started_at) if timing is not None else None
        second = timing.following(following) if timing is not None and following is not None else None
        return None if second is None else second + self.jitter

    def due_at(self, started_at: datetime) -> datetime | None:
        """Finds when it is due next; None without a `cron`."""
        following = self.timing.following(started_at) if self.timing is not None else None
        return None if following is None else following + self.jitter

    @model_validator(mode="after")
    def _polite(self) -> "PulledSource":
        if not self.delay and not is_loopback(self.url):
            raise ValueError("delay: 0 is for servers on this machine; be polite elsewhere (1s is the default)")
        if is_private(self.url) and not self.private:
            raise ValueError("this address is not public: say private: true if it is meant")
        return self

    @model_validator(mode="after")
    def _comes(self) -> "PulledSource":
        if self.avoid is not None and self.avoid.begins == self.avoid.ends:
            raise ValueError("avoid is the whole day, so nothing would ever be asked: shorten it, or enabled: false")
        timing = self.timing
        if timing is None:
            if self.hours is not None or self.days is not None or self.jitter:
                raise ValueError("hours, days and jitter are of a cron, and there is none: write one")
            return self
        first = timing.following(_ANY_DAY)
        if first is None:
            raise ValueError(never_comes(timing))
        following = next_tick(timing.cron, first)
        if following is not None and self.jitter >= following - first:
            raise ValueError(f"jitter must be shorter than the {following - first} between two ticks of the cron")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PushedSource(Source):
    """A source that is handed in, by a person or a program; `every` is how often that is usual, if it is."""

    every: Annotated[Duration, AfterValidator(_rhythm)] | None = None

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Counts twice `every` on; None where nothing is usual."""
        return None if self.every is None else started_at + 2 * self.every

    def due_at(self, started_at: datetime) -> datetime | None:
        """Counts `every` on; None where nothing is usual."""
        return None if self.every is None else started_at + self.every


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PolledSource(PushedSource):
    """A source that others hand in at a place of ours, where we look by `cron`, or whenever `take` is typed.

    To have looked and found nothing is to have read it.
    """

    cron: Cron | None = None

    @property
    def place(self) -> str:
        """Where it is looked into; what one source takes there another one never sees."""
        raise NotImplementedError

    @property
    def timing(self) -> Timing | None:
        """When it is looked into by itself; None without a `cron`."""
        return None if self.cron is None else Timing(cron=self.cron)

    def fresh_until(self, started_at: datetime) -> datetime | None:
        """Counts two ticks of `cron` on; without one as whatever else is handed in."""
        if self.cron is None:
            return PushedSource.fresh_until(self, started_at)
        following = next_tick(self.cron, started_at)
        return next_tick(self.cron, following) if following is not None else None

    def due_at(self, started_at: datetime) -> datetime | None:
        """Tells the next tick of `cron`; without one as whatever else is handed in."""
        return PushedSource.due_at(self, started_at) if self.cron is None else next_tick(self.cron, started_at)

    @model_validator(mode="after")
    def _one_rhythm(self) -> "PolledSource":
        if self.cron is not None and self.every is not None:
            raise ValueError("cron says how often it is looked at, and every would be for what a person does: keep one")
        return self


TimedSource = PulledSource | PolledSource
"""What is read by the clock, if it has a `cron`."""
