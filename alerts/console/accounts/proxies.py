"""Who a reverse proxy says signed in with it, where the configuration believes it."""

from collections.abc import Mapping
from ipaddress import ip_address

from starlette.datastructures import Headers

from alerts.notify.console import ConsoleConfig
from alerts.people.directory import Ambiguous, Person, find_person, key_of


def named_by_proxy(console: ConsoleConfig, people: Mapping[str, Person], headers: Headers, client: str) -> str | None:
    """Finds the key of who the proxy names; None where none is believed, or names nobody of alerts.yml."""
    if console.header is None or not _is_proxy(console, client):
        return None
    named = headers.getlist(console.header)
    if len(named) != 1:  # twice: somebody put in one of their own
        return None
    try:
        found = find_person(people, named[0].strip())
    except Ambiguous:
        return None
    return key_of(people, found) if found else None


def came_from(console: ConsoleConfig, headers: Headers, client: str) -> str:
    """Finds the address that a request came from: what a proxy that is believed says last, else the one that calls."""
    said = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if not said or not _is_proxy(console, client):
        return client
    try:
        return str(ip_address(said))
    except ValueError:
        return client


def _is_proxy(console: ConsoleConfig, client: str) -> bool:
    try:
        return ip_address(client) in console.proxies
    except ValueError:
        return False
