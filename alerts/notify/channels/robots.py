"""What group robots and webhooks share: one POST of JSON to a secret address, at its own pace, what an answer means.

By the standard library: who is connected to must be looked at before a byte goes out, and no HTTP library shows it in
time. No redirect is followed, no proxy of the environment used, and no more of an answer is read than is told.
"""

import json
import socket
import ssl
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Lock, Timer
from time import monotonic
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr, StringConstraints, TypeAdapter, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Undeliverable, Unreachable
from stream.process.configuration import STRICT, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host, is_public

#: Whom a robot mentions with @: a user's id there, or a mobile number where it takes one.
MENTION: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}$")])
MOST = 65_536  # bytes of an answer that are read
HOLD = 60.0  # seconds that a robot is left alone that says it was called too often, and not for how long
LONGEST_HOLD = 3_600.0
_STEPS = 4  # connect, TLS, send, hear: each may use the whole timeout
_SECRET_FROM = 8  # characters: shorter parts of an address are no secrets, and the answer's words would be struck out


@checked(frozen=True, kw_only=True, config=STRICT)
class RobotConfig:
    """An address that is a secret itself, since whoever knows it can write there; `url_env` or `url_file`.

    `private` permits addresses of internal networks. `timeout` is for each of connecting, sending and hearing.
    """

    url: SecretStr = SecretStr("")
    private: bool = False
    ca_file: Path | None = None
    timeout: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=10)

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("url", "secret"), info.context or {})

    @model_validator(mode="after")
    def _guarded(self) -> "RobotConfig":
        url = self.url.get_secret_value()
        if not url:
            raise ValueError("give url_env or url_file: the address is a secret")
        try:
            place = urlsplit(url)
            host, port = place.hostname or "", place.port
        except ValueError as error:
            raise ValueError("the url is none") from error
        printable = url.isascii() and all(c.isprintable() and c != " " for c in url)
        if not printable or place.scheme not in ("https", "http") or not host or port == 0 or place.username:
            raise ValueError("the url is none: write https://host/path, on one line")
        if place.scheme == "http" and not is_loopback_host(host):
            raise ValueError("a secret is never sent without tls: https")
        if is_loopback_host(host) and not self.private:
            raise ValueError("this address is not public: say private: true if it is meant")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be in no log: the address, what it asks, and its path's last part, the longest first."""
        url = self.url.get_secret_value()
        place = urlsplit(url)
        parts = (*(value for _, value in parse_qsl(place.query)), place.path.rpartition("/")[2], place.query, url)
        return tuple(sorted((part for part in parts if len(part) >= _SECRET_FROM), key=len, reverse=True))

    @property
    def longest(self) -> timedelta:
        return self.timeout * _STEPS


@checked(frozen=True, kw_only=True, config=STRICT)
class SignedConfig(RobotConfig):
    """The same with a key that signs what is sent; `secret_env` or `secret_file`."""

    secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _signed(self) -> "SignedConfig":
        if not self.secret.get_secret_value():
            raise ValueError("give secret_env or secret_file: what is sent is signed")
        return self

    @property
    def key(self) -> bytes:
        """The key in bytes."""
        return self.secret.get_secret_value().encode()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.secret.get_secret_value(), *super().secrets)


@dataclass(slots=True)
class Pace:
    """How often a robot may be called: `most` in each window of `per`; more than one window may hold.

    Beyond it a robot is shut for many minutes, so we wait of ourselves.
    """

    windows: tuple[tuple[int, timedelta], ...]
    _sent: deque[float] = field(default_factory=deque)
    _held: float = 0.0
    _turn: Lock = field(default_factory=Lock)

    def take(self) -> None:
        """Counts a call; `Unreachable` where it would be one too many, or the far side asked to be left alone."""
        with self._turn:
            now = monotonic()
            if now < self._held:
                raise Unreachable(f"asked to wait {self._held - now:.0f} s more")
            for most, per in self.windows:
                if sum(1 for at in self._sent if now - at < per.total_seconds()) >= most:
                    raise Unreachable(f"at most {most} in {per.total_seconds():.0f} s, which are sent")
            self._sent.append(now)
            while len(self._sent) > max(most for most, _ in self.windows):
                self._sent.popleft()

    def hold(self, seconds: float) -> None:
        """Leaves the robot alone for so long."""
        with self._turn:
            self._held = max(self._held, monotonic() + min(seconds, LONGEST_HOLD))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a robot's codes mean beside 0: called too often, after which it is `shut` for so many seconds; try again."""

    too_often: frozenset[int]
    later: frozenset[int]
    shut: float = HOLD


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: its status, how long to wait where that is said, the beginning of its body."""

    status: int
    retry_after: str
    body: bytes


def post(config: RobotConfig, body: bytes, pace: Pace, headers: Mapping[str, str], query: str = "") -> bytes:
    """Posts to the address, `query` added to its own, and returns the body of an answer 2xx.

    Raises `Unreachable` for what may pass (refused, timed out, 429, 5xx) and `Undeliverable` for what will not.
    """
    pace.take()
    with _explained(config):
        answer = _exchange(config, body, headers, query)
    words = told(config, f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}")
    if answer.status == 429:
        pace.hold(_seconds(answer.retry_after))
        raise Unreachable(words)
    if answer.status >= 500 or answer.status in (408, 425):
        raise Unreachable(words)
    if not 200 <= answer.status < 300:
        raise Undeliverable(words)
    return answer.body


def read_answer(config: RobotConfig, body: bytes) -> dict[str, Any]:
    """Reads a robot's JSON; `Unreachable` for anything else, as a proxy's page is."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unreachable(told(config, f"no answer of a robot: {body[:200].decode('utf-8', 'replace')}"))
    return found


def accepted(config: RobotConfig, pace: Pace, code: object, words: str, meaning: Meaning) -> str:
    """Returns the robot's words where its code is 0; raises what the code means where it is another."""
    said = told(config, f"code {code} {words}")
    if code == 0:
        return said
    if code in meaning.too_often:
        pace.hold(meaning.shut)
    if not isinstance(code, int) or code in meaning.too_often | meaning.later:
        raise Unreachable(said)
    raise Undeliverable(said)


def told(config: RobotConfig, words: str) -> str:
    """Writes the far side's words on one line, with no secret in them."""
    for secret in config.secrets:
        words = words.replace(secret, "***")
    return " ".join(words.split())[:500]


def cut(content: bytes, most: int) -> str:
    """Decodes as much of the content as `most` bytes hold."""
    return content[:most].decode("utf-8", "ignore")


def _exchange(config: RobotConfig, body: bytes, headers: Mapping[str, str], query: str) -> HttpAnswer:
    place, timeout = urlsplit(config.url.get_secret_value()), config.timeout.total_seconds()
    host = place.hostname or ""
    port = place.port or (443 if place.scheme == "https" else 80)
    target = (place.path or "/") + "".join(f"{'&' if at else '?'}{one}" for at, one in enumerate(_asked(place, query)))
    connection = HTTPConnection(host, port, timeout=timeout)
    connection.sock = socket.create_connection((host, port), timeout)
    deadline = Timer(config.longest.total_seconds(), _cut, (connection,))
    deadline.daemon = True
    deadline.start()
    try:
        if not config.private and not is_public(connection.sock.getpeername()[0]):
            raise ConnectionRefusedError("its address is not public: say private: true if it is meant")
        if place.scheme == "https":
            context = ssl.create_default_context(cafile=config.ca_file)
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        sent = {"Content-Type": "application/json; charset=utf-8", "Connection": "close"} | dict(headers)
        connection.request("POST", target, body, sent)
        answer = connection.getresponse()
        return HttpAnswer(answer.status, answer.getheader("Retry-After", ""), answer.read(MOST))
    finally:
        deadline.cancel()
        connection.close()


def _asked(place: Any, query: str) -> Iterator[str]:
    yield from (one for one in (place.query, query) if one)


def _cut(connection: HTTPConnection) -> None:
    """Wakes whoever reads from the socket: a server that drips a byte a minute runs into no timeout."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _explained(config: RobotConfig) -> Iterator[None]:
    """Makes `Unreachable` of whatever connecting and speaking raise, with the host and no more of the address."""
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        host = urlsplit(config.url.get_secret_value()).hostname
        raise Unreachable(told(config, f"{host}: {type(error).__name__}: {error}")) from None


def _seconds(retry_after: str) -> float:
    """Reads Retry-After in seconds; a date is as good as nothing."""
    return float(retry_after) if retry_after.isdecimal() and retry_after.isascii() else HOLD
