"""One answer of a site, and its form in a file: a line of JSON that says what it is, then the body, packed. Pure."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from stream.messages import wire_time

LEVEL = 1  # of zlib: a page of 60 KB takes 0.4 ms for a fifth of its size; level 6 takes thrice that for a sixth
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DamagedCapture(ValueError):
    """Raised when a file is no capture, or not the one that it says it is; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What a site answered: `body` unpacked from its way here, else byte for byte; `headers` are some of them.

    `at` is when it came, by our clock. `posts` are the ids of all posts that it shows.
    """

    source: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    posts: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the body, 64 hex digits."""
        return sha256(self.body).hexdigest()

    @property
    def name(self) -> str:
        """What its file is called: the milliseconds of its time, by which files are in order, and its digest."""
        return f"{(self.at - _EPOCH) // timedelta(milliseconds=1):013d}-{self.digest}"


def time_of(name: str) -> datetime | None:
    """Reads from a file's name when it was captured; None for a file that is not of ours."""
    milliseconds, dash, _ = name.partition("-")
    if not (dash and len(milliseconds) == 13 and milliseconds.isdecimal() and milliseconds.isascii()):
        return None
    return _EPOCH + timedelta(milliseconds=int(milliseconds))


def encode(one: Capture) -> bytes:
    """Writes a capture as its file has it."""
    about = {
        "url": one.url, "status": one.status, "at": wire_time(one.at), "sha256": one.digest, "source": one.source,
        "headers": dict(one.headers), "posts": one.posts,
    }  # fmt: skip
    return json.dumps(about).encode() + b"\n" + zlib.compress(one.body, LEVEL)


def decode(raw: bytes) -> Capture:
    """Reads a capture; raises `DamagedCapture` where its body is not the one that was hashed."""
    line, _, packed = raw.partition(b"\n")
    about = about_of(line)
    try:
        one = Capture(
            source=about["source"], url=about["url"], status=about["status"], headers=about["headers"],
            body=zlib.decompress(packed), at=datetime.fromisoformat(about["at"]), posts=tuple(about["posts"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise DamagedCapture(f"not readable: {error}") from error
    if one.digest != about.get("sha256"):
        raise DamagedCapture(f"its body is not the one whose SHA-256 is {about.get('sha256')}")
    return one


def about_of(line: bytes) -> dict[str, Any]:
    """Reads the first line of a file of ours; raises `DamagedCapture` where it is none."""
    try:
        about = json.loads(line)
    except ValueError as error:
        raise DamagedCapture(f"not readable: {error}") from error
    if not isinstance(about, dict) or not isinstance(about.get("posts"), list):
        raise DamagedCapture("not readable: it does not say which posts it shows")
    return about
