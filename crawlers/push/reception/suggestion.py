"""A suggestion as its form sends it: whose form, how often, how long, and the number its writer is given. Pure.

Nothing tells one writer from another: no cookie, no address. What is sent again, since an answer was lost, has the same
number and is the same post; other words from the same page are another one.
"""

import hmac
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from crawlers.edge import normalise
from crawlers.pages.observation import Observation
from stream.messages import Kind

VALID = timedelta(hours=24)  # how long a page may lie open
MOST_BYTES = 1 << 18  # of a form: 10,000 characters are nine bytes each on their way
LONGEST_TITLE = 60  # characters
NONCE = 12  # bytes of chance in a form
_GROUP = 4


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody typed, as typed."""

    title: str = ""
    text: str = ""


class Forms:
    """The forms that one box hands out, known again by `secret`; they outlive a restart."""

    def __init__(self, secret: bytes, source: str) -> None:
        self._key = hmac.new(secret, b"suggestion box\0" + source.encode(), sha256).digest()

    def issue(self, now: datetime, chance: bytes) -> str:
        """Makes the token of a new page out of `NONCE` bytes of chance."""
        told = f"{int(now.timestamp()):x}.{chance.hex()}"
        return f"{told}.{self._mac(told)}"

    def is_ours(self, token: str, now: datetime) -> bool:
        """Tells whether a page of ours sends this, and not one that lay open for more than `VALID`."""
        told, _, mac = token.rpartition(".")
        if not hmac.compare_digest(self._mac(told).encode(), mac.encode("utf-8", "replace")):
            return False
        issued = datetime.fromtimestamp(int(told.partition(".")[0], 16), UTC)
        return issued - timedelta(minutes=1) <= now <= issued + VALID

    def number(self, token: str, written: Written) -> str:
        """Makes the number of what was written on a page: letters and digits in groups, and of nobody."""
        told = "\0".join((token, normalise(written.title), normalise(written.text)))
        letters = b32encode(hmac.new(self._key, told.encode("utf-8", "replace"), sha256).digest()).decode()[
            : 3 * _GROUP
        ]
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))

    def _mac(self, told: str) -> str:
        return hmac.new(self._key, told.encode("utf-8", "replace"), sha256).hexdigest()[:32]


class Turnstile:
    """Lets through so many a minute of everybody together: a bucket that fills evenly."""

    def __init__(self, per_minute: int, now: datetime) -> None:
        self._most = float(per_minute)
        self._left, self._at = self._most, now

    def admit(self, now: datetime) -> bool:
        """Tells whether one more may pass now, and counts it if so."""
        gained = max(0.0, (now - self._at).total_seconds()) * self._most / 60
        self._left, self._at = min(self._most, self._left + gained), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def judge(written: Written, longest: int) -> Mapping[str, str]:
    """Finds what is wrong with what was typed: by field, a sentence for its writer; nothing where it may be sent."""
    wrong: dict[str, str] = {}
    text, title = normalise(written.text), normalise(written.title)
    if not text:
        wrong["text"] = "还没有写内容，请写下您想反映的事情。"
    elif len(text) > longest:
        wrong["text"] = f"内容写了 {len(text)} 字，超出 {len(text) - longest} 字，请删减到 {longest} 字以内。"
    if len(title) > LONGEST_TITLE:
        over = len(title) - LONGEST_TITLE
        wrong["title"] = f"题目写了 {len(title)} 字，超出 {over} 字，请删减到 {LONGEST_TITLE} 字以内。"
    return wrong


def as_observation(written: Written, number: str) -> Observation:
    """Builds the observation of a suggestion: no writer, no time but that of its coming in.

    The number stands as its board: there letters show it, and the search finds it when its writer names it.
    """
    return Observation(
        native_id=f"box:{number}",
        kind=Kind.SUGGESTION,
        thread=f"box:{number}",
        board=f"编号 {number}",
        title=written.title,
        text=written.text,
    )
