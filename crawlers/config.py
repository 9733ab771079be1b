"""configs/crawlers.yml: the sources by name, each with its owner's consent or its legal basis on record."""

import re
from dataclasses import field
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from crawlers.push.columns import Columns
from stream.messages import Kind
from stream.process.configuration import STRICT, Cron, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host

Key = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,60}$")]  # letters of any script, digits, _ and -
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300, pattern=r"^[^\x00-\x1f]+$")
]
Contact = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^(mailto:|https?://)?[^\s@()]+[@/.][^\s()]+$")
]
_PLACEHOLDER = re.compile(r"@?example\.(com|org|net)$|\.(invalid|test|example)$")


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
    """Whether an address names this machine."""
    return is_loopback_host(urlsplit(url).hostname or "")


WebAddress = Annotated[str, AfterValidator(_web_address)]
Encoding = Annotated[str, AfterValidator(_encoding)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Boards:
    """Which boards of a forum are read, by number: all, or those allowed, without those denied."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def wants(self, board: str) -> bool:
        """Whether a board is to be read."""
        return board not in self.deny and (not self.allow or board in self.allow)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Source:
    """One source. `site` names whose posts these are, for ever: their ids are made of it.

    `basis` says who owns the source and why we may read it. `delay` is between two requests; robots.txt may lengthen
    it. `private` allows addresses of internal networks. `verify_tls: false` accepts a certificate that nobody signed.
    `internal` channels keep nothing about the writer. `columns` are of files; `kind` is what a row or an entry is where
    it does not say so itself (status, article). `feeds` are further feeds of the same site. `pages` is how far back a
    list is followed: 50 pages of a board by default, 1 of a feed (by its links to older entries, else `?paged=`).
    """

    site: Key
    software: Literal["discuz", "feed", "file"]
    basis: Line
    url: WebAddress | None = None
    cron: Cron | None = None
    delay: Duration = timedelta(seconds=1)
    encoding: Encoding | None = None
    boards: Boards = field(default_factory=Boards)
    private: bool = False
    verify_tls: bool = True
    internal: bool = False
    enabled: bool = True
    columns: Columns | None = None
    kind: Kind | None = None
    feeds: tuple[WebAddress, ...] = ()
    pages: Annotated[int, Field(ge=1, le=2000)] | None = None

    @property
    def host(self) -> str:
        """Where it is crawled; empty for files."""
        return urlsplit(self.url or "").hostname or ""

    @model_validator(mode="after")
    def _consistent(self) -> "Source":
        if self.software == "file":
            if self.url or self.cron or self.columns is None:
                raise ValueError("a file source has columns, and neither url nor cron: files are handed in")
            return self
        if self.url is None:
            raise ValueError("url is missing: where does the crawl begin?")
        if self.columns is not None:
            raise ValueError("columns belong to software: file")
        if self.software != "feed" and self.feeds:
            raise ValueError("feeds belong to software: feed")
        if any(urlsplit(feed).netloc != urlsplit(self.url).netloc for feed in self.feeds):
            raise ValueError("feeds must be on the host of url: a feed elsewhere is a site, and a source, of its own")
        if not self.delay and not is_loopback(self.url):
            raise ValueError("delay: 0 is for servers on this machine; be a good guest elsewhere (1s is the default)")
        if is_loopback(self.url) and not self.private:
            raise ValueError("this address is not public: say private: true if it is meant")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CrawlersConfig:
    """`contact` (address or page) stands in every request, so that a site's owner can reach you.

    The voice key comes from `voice_key_file` or `voice_key_env`; `make setup` makes one.
    """

    contact: Contact
    voice_key: SecretStr
    sources: dict[Key, Source] = field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("voice_key",), info.context or {})

    @model_validator(mode="after")
    def _one_owner(self) -> "CrawlersConfig":
        owners: dict[str, str] = {}
        twice = [
            f"{name} and {owners[source.site]} are both of site {source.site!r}: one source owns a site's posts"
            for name, source in self.sources.items()
            if owners.setdefault(source.site, name) != name
        ]
        if twice:
            raise ValueError("; ".join(twice))
        return self

    @model_validator(mode="after")
    def _reachable(self) -> "CrawlersConfig":
        outward = [name for name, one in self.sources.items() if one.enabled and one.url and not is_loopback(one.url)]
        if outward and _PLACEHOLDER.search(self.contact):
            raise ValueError(
                f"contact: {self.contact} is a placeholder, and {outward[0]} would be told it: write your own"
            )
        return self

    @property
    def voice_secret(self) -> bytes:
        """The key of the voices, as bytes."""
        return self.voice_key.get_secret_value().encode()
