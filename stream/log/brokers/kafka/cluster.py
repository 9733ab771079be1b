"""Which Kafka cluster, how to reach it, and what its errors mean to a caller."""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from kafka import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    IncompatibleBrokerVersion,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnknownBrokerIdError,
    UnsupportedVersionError,
)

from stream.errors import ConfigError, Mistake, Retryable
from stream.log.broker import UnknownTopic

PATIENCE = 10.0  # seconds for a cluster to answer at first
REQUEST = 15.0  # seconds for it to answer later
OVERHEAD = 65536  # bytes that a batch of one record, its headers and lz4 may add to `MAX_RECORD`
FILE, KEY = "configs/stream.yml", "log"
_FILES = ("ssl_cafile", "ssl_certfile", "ssl_keyfile")
PASSED_ON = (
    "security_protocol",
    "sasl_mechanism",
    "sasl_plain_username",
    *_FILES,
)
_REFUSALS: dict[type[Exception], str] = {
    AuthorizationError: "the cluster refuses us: grant this user read, write and describe on our topics and groups",
    SaslAuthenticationFailedError: "the cluster refuses the login: check sasl_plain_username and the password",
    IncompatibleBrokerVersion: "the cluster is too old: Kafka 3.0 or newer is needed",
    UnsupportedVersionError: "the cluster is too old: Kafka 3.0 or newer is needed",
    KafkaConfigurationError: "the client refuses its options",
}

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the brokers are. `prefix` goes before each topic and group, for a cluster shared with others."""

    servers: tuple[str, ...]
    prefix: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str, password: str | None = None) -> "Cluster":
        """Reads `kafka://host:9092,host:9092?option=value`; raises `ConfigError` for an option not in `PASSED_ON`."""
        if find_spec("crc32c") is None:
            raise refusal("the package crc32c is missing, and checksums in Python are too slow: make setup")
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        prefix = options.pop("prefix", "")
        if unknown := sorted(options.keys() - set(PASSED_ON)):
            raise refusal(f"unknown option {unknown[0]}: known are prefix, {', '.join(PASSED_ON)}")
        for name, value in options.items():
            if name in _FILES and not Path(value).is_file():
                raise refusal(f"{name}: {value} is not there: correct the path")
        return cls(tuple(parts.netloc.split(",")), prefix, options, password)

    def refuse_unknown_hosts(self) -> None:
        """Raises `ConfigError` where none of the hosts has an address: to be asked once, at the start.

        Later a name that is not found may be a name server's bad hour, and is waited for.
        """
        hosts = [server.rpartition(":")[0] for server in self.servers]
        if not any(map(_known, hosts)):
            raise refusal(f"there is no host {' or '.join(hosts)}: correct the address")

    def open(self, client: Callable[..., Client], **settings: object) -> Client:
        """Opens a client of kafka-python, connected; raises `Retryable` while no broker answers."""
        login = {"sasl_plain_password": self.password} if self.password is not None else {}
        what = f"no Kafka answers at {', '.join(self.servers)}"
        with answering(what), _reasons() as reasons:
            try:
                return client(
                    bootstrap_servers=list(self.servers),
                    bootstrap_timeout_ms=_ms(PATIENCE),
                    reconnect_backoff_max_ms=1000,  # a broker that is back is found within a second
                    **{**self.options, **login, **settings},
                )
            except KafkaTimeoutError as error:
                if not reasons:
                    raise
                if "CERTIFICATE_VERIFY_FAILED" in (last := str(reasons[-1])):
                    raise refusal(f"the brokers' certificate is not trusted: check ssl_cafile ({last})") from None
                if final := [reason for reason in reasons if not reason.retriable]:
                    raise refusal(_sentence(final[0])) from error
                raise Retryable(f"{what}: {reasons[-1]}") from error

    def partitions(self, admin: KafkaAdminClient, topics: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Reads what the cluster says of the partitions of each of `topics` that it has."""
        found = admin.describe_topics([self.prefix + topic for topic in topics])
        return {one["name"].removeprefix(self.prefix): one["partitions"] for one in found if not one["error_code"]}

    def require(self, topics: Sequence[str]) -> None:
        """Raises `UnknownTopic` unless all of `topics` exist: the clients themselves would wait a minute for them."""
        admin = self.open(KafkaAdminClient, request_timeout_ms=_ms(REQUEST))
        try:
            with answering("the topics"):
                known = self.partitions(admin, topics)
        finally:
            admin.close()
        for topic in topics:
            if topic not in known:
                raise UnknownTopic(topic)


def refusal(problem: str) -> ConfigError:
    """Builds the error that names what a person must mend in stream.yml."""
    return ConfigError([Mistake(FILE, KEY, problem)])


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Turns Kafka's errors into ours: refused for good is a mistake of set-up, what may pass is `Retryable`."""
    try:
        yield
    except KafkaError as error:
        if any(isinstance(error, kind) for kind in _REFUSALS):
            raise refusal(_sentence(error)) from error
        if not error.retriable and not isinstance(error, UnknownBrokerIdError):  # the latter: named, not yet there
            raise
        raise Retryable(f"{what}: {error}") from error


def _sentence(error: Exception) -> str:
    known = (problem for kind, problem in _REFUSALS.items() if isinstance(error, kind))
    return f"{next(known, 'the cluster refuses us')} ({error})"


@contextmanager
def _reasons() -> Iterator[list[KafkaError]]:
    """Collects why attempts to connect fail: the client only logs it, and raises that its time was up."""
    found: list[KafkaError] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if isinstance(record.args, tuple):
                found.extend(one for one in record.args if isinstance(one, KafkaError) and _tells_more(one))

    handler = Handler(logging.WARNING)
    logging.getLogger("kafka.net").addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger("kafka.net").removeHandler(handler)


def _known(host: str) -> bool:
    """Tells whether a host has an address, or its name server is to blame that we cannot tell."""
    try:
        socket.getaddrinfo(host.strip("[]"), None)
    except socket.gaierror as error:
        return error.errno == socket.EAI_AGAIN
    return True


def _tells_more(error: KafkaError) -> bool:
    return not isinstance(error, KafkaTimeoutError)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
