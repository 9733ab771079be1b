"""What the production profile asks of the three engines, beyond that their lines can be read.

On one machine a file and an open port are honest choices. In production they are accidents: a file is lost with its
disk, a broker alone with its records, and an open port shows every post to whoever asks. Each may be allowed by name.
"""

from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit


class Allowed(StrEnum):
    """What `allow` in stream.yml can lift."""

    SQLITE = "sqlite"  # an engine in a file of this machine
    SINGLE_BROKER = "single_broker"  # one copy of each record of the log
    PLAINTEXT = "plaintext"  # connections that others can read, or that prove not who answers
    NO_LOGIN = "no_login"  # an engine that asks nobody who he is


_INSTEAD = {
    "log": "kafka://HOST:9093,HOST:9093?…",
    "index": "https://HOST:9200",
    "state": "postgresql+psycopg://USER@HOST/DATABASE?…",
}
_GUARD = {
    "log": "add security_protocol=SASL_SSL and ssl_cafile=CA.pem to the address",
    "index": "write https:// and, unless a public authority signed its certificate, index_ca",
    "state": "add sslmode=verify-full and sslrootcert=CA.pem to the address",
}
_LOGIN = {
    "log": "add sasl_mechanism and sasl_plain_username to the address and give log_password_file, or use ssl_certfile",
    "index": "give index_api_key_file, or index_user and index_password_file",
    "state": "give state_password_file, or sslcert and sslkey in the address",
}
_VERIFIED = ("verify-ca", "verify-full")


def unsafe(key: str, address: str, *, password: bool) -> Iterator[tuple[Allowed, str]]:
    """Tells what is wrong with one engine's line in production, and how it may be allowed.

    `password`: whether one is given.

    `key` is log, index or state.
    """
    if address.startswith("sqlite:"):
        words = f"profile production keeps nothing in a file of one machine: write {_INSTEAD[key]}"
        yield Allowed.SQLITE, _or(words, Allowed.SQLITE)
        return
    options = {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
    if not _guarded(key, address, options):
        words = f"profile production sends nothing in the clear: {_GUARD[key]}"
        yield Allowed.PLAINTEXT, _or(words, Allowed.PLAINTEXT)
    if not _logs_in(key, options, password):
        yield Allowed.NO_LOGIN, _or(f"profile production asks for a login: {_LOGIN[key]}", Allowed.NO_LOGIN)


def _guarded(key: str, address: str, options: dict[str, str]) -> bool:
    if key == "log":
        return options.get("security_protocol") in ("SSL", "SASL_SSL")
    if key == "index":
        return address.startswith("https://")
    return options.get("sslmode") in _VERIFIED


def _logs_in(key: str, options: dict[str, str], password: bool) -> bool:
    if key == "log":
        return "ssl_certfile" in options or (password and options.get("security_protocol", "").startswith("SASL"))
    return password or (key == "state" and bool(options.keys() & {"sslcert", "passfile"}))


def _or(words: str, allowed: Allowed) -> str:
    return f"{words}; or allow: [{allowed}]"
