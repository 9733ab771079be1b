"""Addresses whose owners do not want to be read. Pure."""

from collections.abc import Iterable
from urllib.parse import urlsplit


def refused_by(opted_out: Iterable[str], url: str) -> str | None:
    """Finds the entry that an address falls under: a host with its sub-domains, or an address with what lies below."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    for entry in opted_out:
        named = urlsplit(entry if "://" in entry else f"//{entry}")
        owner = (named.hostname or "").lower()
        same = host == owner or ("://" not in entry and host.endswith(f".{owner}"))
        if same and _below(parts.path or "/", named.path):
            return entry
    return None


def _below(path: str, top: str) -> bool:
    return not top or path == top or path.startswith(top if top.endswith("/") else f"{top}/")
