"""Where people act on a page of ours: the console's address, what it listens on, and who sees to it."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from stream.process.configuration import STRICT

PORT = 8420  # none of IANA's registered ones


def _without_login(address: Any) -> Any:
    if isinstance(address, str) and "@" in address:  # nothing of it is shown: a password may be in it
        raise PydanticCustomError("secret", "no login here: people log in themselves")
    return address


Site = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*/?$", max_length=200),
    BeforeValidator(_without_login),
]


def _listening(found: str) -> str:
    host, _, port = found.rpartition(":")
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        raise PydanticCustomError(
            "listen", "write ADDRESS:PORT with a number for the address: 127.0.0.1:8420"
        ) from None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise PydanticCustomError("listen", "the port is a number from 1 to 65535: 127.0.0.1:8420")
    return found


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ConsoleConfig:
    """`console` of alerts.yml; an address alone may stand there as well.

    `address` is what people's browsers open, through a reverse proxy with a path of its own if need be; letters link
    there, and to nothing where it is None. `listen` is where the process itself answers: beyond the loopback only
    behind a proxy that speaks TLS. `header` names the header in which such a proxy says who signed in with it (a key,
    name or address of people); it is believed from `proxies` alone. `administrators` are the keys of people who see to
    accounts, quarantine and samples.
    """

    address: Site | None = None
    listen: Annotated[str, AfterValidator(_listening)] = f"127.0.0.1:{PORT}"
    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$", max_length=60)] | None = None
    proxies: Annotated[tuple[IPv4Address | IPv6Address, ...], Field(min_length=1)] = (IPv4Address("127.0.0.1"),)
    administrators: tuple[str, ...] = ()

    @property
    def listens_beyond(self) -> bool:
        """Whether other machines reach the process itself."""
        return not ip_address(self.bind[0]).is_loopback

    @property
    def bind(self) -> tuple[str, int]:
        """Address and port that the process listens on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def base(self) -> str:
        """What people's browsers open, without a slash at its end."""
        return (self.address or f"http://{self.listen}").rstrip("/")

    @property
    def prefix(self) -> str:
        """The path below which a reverse proxy has the console; "" for none."""
        return urlsplit(self.base).path

    @property
    def is_https(self) -> bool:
        return self.base.startswith("https:")


def doubtful(console: ConsoleConfig) -> Iterator[tuple[str, str]]:
    """Yields what is allowed and likely not meant: the key, and what to do."""
    if console.listens_beyond and not console.is_https:
        yield (
            "listen",
            f"{console.listen} answers other machines without TLS, passwords included: put a proxy that speaks TLS "
            "before it and write its https address under address",
        )
    elif console.address and not console.is_https and not _is_near(console.address):
        yield "address", f"{console.address}: passwords travel in the clear: use https"
    believes_nobody_else = all(one.is_loopback for one in console.proxies)
    if console.header and console.listens_beyond and believes_nobody_else:
        yield "header", f"{console.header} is believed from this machine alone: name the proxy's address under proxies"
    if console.header and not console.address:
        yield "header", f"{console.header} comes from a proxy, and address does not say where it answers: write it"
    if console.address and not console.administrators:
        yield "administrators", "nobody sees to accounts, quarantine and samples: name keys of people"


def _is_near(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _short(found: Any) -> Any:
    return {"address": found} if isinstance(found, str) else found


#: As it stands in alerts.yml.
ConsoleRow = Annotated[ConsoleConfig, BeforeValidator(_short)]
