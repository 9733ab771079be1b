"""微信客服, the customer service of 企业微信: what its API answers, and which of that are customers' words. Pure.

As https://developer.work.weixin.qq.com/document/path/94670 has it: a callback says that something came, and
`kf/sync_msg` tells what, from a cursor on, for three days.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawlers.pages.observation import Observation
from crawlers.push.reception.wecom import is_seconds
from stream.errors import Rejected
from stream.messages import Kind, Precision

FROM_CUSTOMER = 3  # 4 is the system's, 5 a servicer's
_NAME = re.compile(r"[a-z_]{1,30}")

SECRET_REFUSED = "the secret of customer service is refused: renew service_secret"
ADDRESS_REFUSED = "customer service refuses this machine's address: enter it as a trusted one"
RIGHTS_MISSING = "the secret may not read customer service: give that of its own page"
#: Codes that stand until a person acts.
STANDING = {
    40001: SECRET_REFUSED, 40013: SECRET_REFUSED, 41002: SECRET_REFUSED, 41004: SECRET_REFUSED, 40091: SECRET_REFUSED,
    60020: ADDRESS_REFUSED,
    48002: RIGHTS_MISSING, 60011: RIGHTS_MISSING, 301002: RIGHTS_MISSING, 95011: RIGHTS_MISSING,
}  # fmt: skip
TOKEN_ENDED = frozenset({40014, 41001, 42001})  # the access token: a new one is to be had
EVENT_TOKEN_ENDED = frozenset({95007})  # that of an event, good for ten minutes: it may be left out
LATER = frozenset({-1, 45009, 45011, 45033})  # busy, or asked too often


class ServiceRefused(Rejected):
    """Raised when the platform answers with an error code in place of what was asked for."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(f"service_{code}", told)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedPage:
    """One answer: customers' words, by kind what of theirs has none, where to go on, and whether there is `more`."""

    observations: tuple[Observation, ...]
    wordless: Counter[str] = field(default_factory=Counter)
    cursor: str = ""
    more: bool = False


def read_access(body: bytes) -> tuple[str, float]:
    """Reads an access token and for how many seconds it is good.

    Raises `ServiceRefused`; `Rejected("not_the_api")` for what is not the platform's JSON.
    """
    told = _read(body)
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not token:
        raise Rejected("not_the_api", "no access_token in it")
    return token, float(seconds) if isinstance(seconds, int) and 0 < seconds < 10**6 else 0.0


def read_sync(body: bytes) -> SyncedPage:
    """Reads a page of messages. Raises as `read_access` does."""
    told = _read(body)
    messages = told.get("msg_list") or []
    if not isinstance(messages, list):
        raise Rejected("not_the_api", "msg_list is no list")
    theirs = [one for one in messages if isinstance(one, dict) and one.get("origin") == FROM_CUSTOMER]
    observed = [(one, _observed(one)) for one in theirs]
    wordless = Counter(_kind(one) for one, found in observed if found is None)
    cursor = told.get("next_cursor")
    return SyncedPage(
        observations=tuple(found for _, found in observed if found is not None),
        wordless=wordless,
        cursor=cursor if isinstance(cursor, str) else "",
        more=told.get("has_more") in (1, True),
    )


def _observed(told: dict[str, Any]) -> Observation | None:
    """Reads what a customer wrote; None where there are no words. Whoever it was is known to the edge alone."""
    said = told.get("text") if told.get("msgtype") == "text" else None
    words = said.get("content") if isinstance(said, dict) else None
    number, sent, customer = told.get("msgid"), told.get("send_time"), told.get("external_userid")
    if not isinstance(words, str) or not words.strip() or not isinstance(number, str) or not number.strip():
        return None
    written = str(sent) if isinstance(sent, int) else ""
    at = datetime.fromtimestamp(int(written), UTC) if is_seconds(written) else None
    return Observation(
        native_id=f"service:{number}",
        kind=Kind.SUGGESTION,
        thread=f"service:{number}",
        text=words,
        author=customer if isinstance(customer, str) and customer else None,
        published_at=at,
        published_precision=Precision.SECOND if at else Precision.UNKNOWN,
        unread_time="" if at or sent is None else str(sent)[:40],
    )


def _kind(told: dict[str, Any]) -> str:
    name = told.get("msgtype")
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "unknown"


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rejected("not_the_api", "not JSON") from error
    if not isinstance(told, dict):
        raise Rejected("not_the_api", "JSON, but no object")
    code = told.get("errcode", 0)
    if not isinstance(code, int):
        raise Rejected("not_the_api", "errcode is no number")
    if code:
        raise ServiceRefused(code, str(told.get("errmsg", ""))[:200])
    return told
