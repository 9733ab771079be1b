"""The API of 企业微信 as far as customer service needs it: an access token that is kept, and pages of messages.

The platform wants secret and token in the address: no address, and no error that names one, goes into a log.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urljoin

from requests import RequestException, Session

from crawlers.push.reception.service import (
    EVENT_TOKEN_ENDED,
    LATER,
    TOKEN_ENDED,
    ServiceRefused,
    SyncedPage,
    read_access,
    read_sync,
)
from crawlers.push.reception.sources import WecomSource
from stream.errors import Rejected, Retryable
from stream.process.clock import Clock

AT_ONCE = 1000  # messages in an answer: the most that the platform gives
MOST_BYTES = 32 << 20  # of an answer
_TIMEOUT = (5.0, 20.0)  # seconds to connect, and between two pieces of an answer
_EARLY = 300.0  # seconds before its end at which a token is fetched anew
_WAIT = 60.0  # seconds after a refusal that passes by itself

T = TypeVar("T")


class ServiceApi:
    """One organisation's customer service. Raises `Retryable` for what passes, `ServiceRefused` for what does not."""

    def __init__(self, source: WecomSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._access: tuple[str, float] | None = None
        self._session = Session()
        self._session.trust_env = False  # no proxy of the environment, no .netrc

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def sync(self, account: str, cursor: str, event_token: str) -> SyncedPage:
        """Asks for the messages after `cursor`, of all accounts where `account` is empty.

        An access token that has ended is fetched anew, once; an `event_token` that has ended is left out.
        """
        try:
            return self._sync(account, cursor, event_token)
        except ServiceRefused as refused:
            if refused.code in TOKEN_ENDED:
                self._access = None
            elif refused.code in EVENT_TOKEN_ENDED and event_token:
                event_token = ""
            else:
                raise
        try:
            return self._sync(account, cursor, event_token)
        except ServiceRefused as refused:
            if refused.code not in TOKEN_ENDED:
                raise
            self._access = None
            raise Retryable("service_token_refused", _WAIT) from refused

    def _sync(self, account: str, cursor: str, event_token: str) -> SyncedPage:
        asked: dict[str, Any] = {"cursor": cursor, "token": event_token, "open_kfid": account}
        body = {name: told for name, told in asked.items() if told} | {"limit": AT_ONCE, "voice_format": 0}
        return self._read(read_sync, "kf/sync_msg", {"access_token": self._token()}, body)

    def _token(self) -> str:
        now = self._clock.monotonic()
        if self._access is None or self._access[1] <= now:
            asked = {"corpid": self._source.corp_id, "corpsecret": self._source.service_secret.get_secret_value()}
            token, good_for = self._read(read_access, "gettoken", asked, None)
            self._access = token, now + good_for - _EARLY
        return self._access[0]

    def _read(
        self, read: Callable[[bytes], T], call: str, asked: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> T:
        answer = self._exchange(urljoin(self._source.api, call), asked, body)
        try:
            return read(answer)
        except ServiceRefused as refused:
            if refused.code in LATER:
                raise Retryable(refused.reason, _WAIT) from refused
            raise
        except Rejected as error:  # a page of somebody on the way
            raise Retryable("service_not_understood", _WAIT) from error

    def _exchange(self, url: str, asked: Mapping[str, str], body: Mapping[str, Any] | None) -> bytes:
        """Gets an address, or posts `body` to it as JSON."""
        method = "GET" if body is None else "POST"
        try:
            with self._session.request(
                method, url, params=asked, json=body, timeout=_TIMEOUT, allow_redirects=False, stream=True
            ) as response:
                if response.status_code != 200:
                    raise Retryable(f"service_http_{response.status_code}", _WAIT)
                pieces, length = [], 0
                for piece in response.iter_content(1 << 16):
                    pieces.append(piece)
                    length += len(piece)
                    if length > MOST_BYTES:
                        raise Retryable("service_answer_too_large", _WAIT)
                return b"".join(pieces)
        except RequestException:
            raise Retryable("service_away", _WAIT) from None  # its words name the address, and that the secret
