"""The reception as an ASGI application: each kind of source at its path, each answer after the log has what came.

Nothing here knows who calls: no address is read, and none is in a log or in the state.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawlers.pages.observation import Observation
from crawlers.push.reception.desk import Desk
from crawlers.push.reception.fetching import ServiceFetcher
from crawlers.push.reception.pages import form_page, policy, thanks_page, trouble_page
from crawlers.push.reception.sources import ReceivedSource, SuggestionsSource, WebhookSource, WecomSource
from crawlers.push.reception.suggestion import MOST_BYTES as LARGEST_FORM
from crawlers.push.reception.suggestion import NONCE, Forms, Turnstile, Written, as_observation, judge
from crawlers.push.reception.webhook import MOST_BYTES, Deliveries, Delivery, check_delivery, read_posts
from crawlers.push.reception.wecom import (
    ServiceEvent,
    check,
    decipher,
    encrypted_part,
    read_message,
    read_service_event,
)
from stream.errors import Rejected, Retryable
from stream.process.clock import Clock

ANSWERED_WITHIN = 4.0  # seconds: 企业微信 hangs up after five
_BODY_WITHIN = 10.0  # seconds for a body to come in
_AGAIN = {"Retry-After": "60"}
_PAGE_AWAY = "暂时收不下。请过一分钟再按“提交”。"
_PAGE_BUSY = "现在提交的人很多。请过一分钟再按“提交”。"
_PAGE_OLD = "这个页面打开太久了。请再按一次“提交”。"
_TROUBLE = {404: "没有这个页面，请核对网址。", 413: "内容过长，请返回上一页删减后再提交。"}


def build_reception(
    sources: Mapping[str, ReceivedSource], desk: Desk, fetcher: ServiceFetcher, clock: Clock, *, secret: bytes,
    patience: float = ANSWERED_WITHIN,
) -> Starlette:  # fmt: skip
    """Builds the application over an open desk. `secret` makes the forms' tokens."""
    entrance = _Entrance(desk, fetcher, clock, patience)
    routes: list[Route] = []
    for name, source in sources.items():
        at = f"{source.path}/{name}"
        if isinstance(source, WecomSource):
            callback = _Callback(name, source, entrance)
            routes += [Route(at, callback.prove, methods=["GET"]), Route(at, callback.take, methods=["POST"])]
        elif isinstance(source, WebhookSource):
            routes.append(Route(at, _Hook(name, source, entrance).take, methods=["POST"]))
        elif isinstance(source, SuggestionsSource):
            box = _Box(name, source, entrance, Forms(secret, name))
            routes += [Route(at, box.show, methods=["GET"]), Route(at, box.take, methods=["POST"])]
    return Starlette(routes=routes, exception_handlers={HTTPException: _unknown, Exception: _unknown})


@dataclass(frozen=True, slots=True)
class _Entrance:
    """What every kind of source needs of the outside."""

    desk: Desk
    fetcher: ServiceFetcher
    clock: Clock
    patience: float

    async def body(self, request: Request, most: int) -> bytes:
        """Reads a body; one that is too long is not read to its end, one that drips is not waited for."""
        pieces, length = [], 0
        try:
            async with asyncio.timeout(_BODY_WITHIN):
                async for piece in request.stream():
                    pieces.append(piece)
                    length += len(piece)
                    if length > most:
                        raise HTTPException(413)
        except TimeoutError as error:
            raise HTTPException(408) from error
        except ClientDisconnect as error:
            raise HTTPException(400) from error
        return b"".join(pieces)

    async def kept(self, source: str, observations: Sequence[Observation]) -> bool:
        """Waits until the log has them; False where it has not within the time that a sender waits."""
        done = asyncio.wrap_future(self.desk.hand_in(source, observations))
        finished, _ = await asyncio.wait([done], timeout=self.patience)
        return bool(finished) and done.result() is None

    async def announced(self, source: str, event: ServiceEvent) -> bool:
        """Waits until it is written down that there is something to fetch; False as for `kept`."""
        noted = asyncio.ensure_future(asyncio.to_thread(self.fetcher.announce, source, event))
        finished, _ = await asyncio.wait([noted], timeout=self.patience)
        if not finished:
            return False
        error = noted.exception()
        if error is not None and not isinstance(error, Retryable):
            raise error
        return error is None


@dataclass(frozen=True, slots=True)
class _Callback:
    """An application of 企业微信."""

    name: str
    source: WecomSource
    entrance: _Entrance

    async def prove(self, request: Request) -> Response:
        """Answers the question that 企业微信 asks when the address is entered there."""
        try:
            _refuse_unsigned(request)
            return PlainTextResponse(self._read(request, request.query_params.get("echostr", "")))
        except Rejected as error:
            return self._refused(error)

    async def take(self, request: Request) -> Response:
        """Answers `success` once the log has what somebody wrote."""
        body = await self.entrance.body(request, MOST_BYTES)
        try:
            _refuse_unsigned(request)
            message = self._read(request, encrypted_part(body))
            event = read_service_event(message)
            observation = read_message(message)
        except Rejected as error:
            return self._refused(error)
        if event is not None and not await self.entrance.announced(self.name, event):
            return PlainTextResponse("", 503, headers=_AGAIN)
        if observation is not None and not await self.entrance.kept(self.name, [observation]):
            return PlainTextResponse("", 503, headers=_AGAIN)
        return PlainTextResponse("success")

    def _read(self, request: Request, encrypted: str) -> bytes:
        told, source = request.query_params, self.source
        check(
            source.token.get_secret_value(),
            signature=told.get("msg_signature", ""),
            timestamp=told.get("timestamp", ""),
            nonce=told.get("nonce", ""),
            encrypted=encrypted,
            now=self.entrance.clock.now(),
        )
        return decipher(source.key, encrypted, source.corp_id)

    def _refused(self, error: Rejected) -> Response:
        if error.reason == "unsigned":  # whoever scans the network: nothing of the source's
            return PlainTextResponse("", 403)
        self.entrance.desk.refuse(self.name, error.reason)
        if error.reason == "unknown_message" or error.reason.startswith("without_words"):
            return PlainTextResponse("success")  # 企业微信 sent it, and would only send it again
        return PlainTextResponse("", 400 if error.reason == "no_message" else 403)


def _refuse_unsigned(request: Request) -> None:
    if "msg_signature" not in request.query_params:
        raise Rejected("unsigned")


class _Hook:
    """A program that sends signed JSON; docs/reception.md tells it how."""

    def __init__(self, name: str, source: WebhookSource, entrance: _Entrance) -> None:
        self._name = name
        self._source = source
        self._entrance = entrance
        self._deliveries = Deliveries(entrance.clock.now())

    async def take(self, request: Request) -> Response:
        """Answers once the log has the posts; what was wrong is said in a sentence."""
        delivery = _delivery(request.headers, await self._entrance.body(request, MOST_BYTES))
        if delivery is None:
            return _told(401, "unsigned", "give X-Wenfeng-Delivery, X-Wenfeng-Timestamp and X-Wenfeng-Signature")
        now = self._entrance.clock.now()
        try:
            check_delivery(self._source.key.get_secret_value(), delivery, now)
            if self._deliveries.is_known(self._name, delivery, now):
                return JSONResponse({"taken": True, "again": True})
            posts = read_posts(delivery.body, delivery.id, self._source.kind)
        except Rejected as error:
            return self._refused(error)
        if not await self._entrance.kept(self._name, posts):
            return _told(503, "away", "the log takes nothing now: send it again", _AGAIN)
        self._deliveries.remember(self._name, delivery, now)
        return JSONResponse({"taken": True, "posts": len(posts)})

    def _refused(self, error: Rejected) -> Response:
        if error.reason == "signed_too_early":
            return _told(503, error.reason, error.detail, {"Retry-After": "1"})
        self._entrance.desk.refuse(self._name, error.reason)
        status = {"forged_signature": 401, "stale_signature": 401, "replayed": 409}.get(error.reason, 422)
        return _told(status, error.reason, error.detail)


class _Box:
    """A suggestion box."""

    def __init__(self, name: str, source: SuggestionsSource, entrance: _Entrance, forms: Forms) -> None:
        self._name = name
        self._source = source
        self._entrance = entrance
        self._forms = forms
        self._turnstile = Turnstile(source.per_minute, entrance.clock.now())

    async def show(self, _request: Request) -> Response:
        """Shows the empty form."""
        return self._form(Written(), {})

    async def take(self, request: Request) -> Response:
        """Says thanks once the log has it; until then what was typed stays in the page."""
        if not _is_own(request.headers):
            return _page(trouble_page("请从意见箱的页面提交。"), 403)
        form = _fields(await self._entrance.body(request, LARGEST_FORM))
        written = Written(form.get("title", ""), form.get("text", ""))
        token, now = form.get("token", ""), self._entrance.clock.now()
        if wrong := judge(written, self._source.longest):
            return self._form(written, wrong, 422, token)
        if not self._forms.is_ours(token, now):
            return self._form(written, {"page": _PAGE_OLD}, 422)
        if not self._turnstile.admit(now):
            return self._form(written, {"page": _PAGE_BUSY}, 429, token)
        number = self._forms.number(token, written)
        if not await self._entrance.kept(self._name, [as_observation(written, number)]):
            return self._form(written, {"page": _PAGE_AWAY}, 503, token)
        return _page(thanks_page(self._source, number), 200)

    def _form(self, written: Written, wrong: Mapping[str, str], status: int = 200, token: str = "") -> Response:
        now = self._entrance.clock.now()
        token = token if self._forms.is_ours(token, now) else self._forms.issue(now, token_bytes(NONCE))
        return _page(form_page(self._source, token, written, wrong), status, _AGAIN if status in (429, 503) else {})


async def _unknown(request: Request, error: Exception) -> Response:
    """Answers where nothing is, or a body is not to be had: a page for people, nothing for programs."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not request.url.path.startswith(f"{SuggestionsSource.path}/"):
        return PlainTextResponse("", status)
    return _page(trouble_page(_TROUBLE.get(status, "出了问题，您写的没有收下。请返回上一页，过一会儿再提交。")), status)


def _page(html: str, status: int, more: Mapping[str, str] | None = None) -> Response:
    headers = {
        "Content-Security-Policy": policy(),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",  # no-referrer makes browsers send our form with `Origin: null`
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(html, status, headers={**headers, **(more or {})})


def _told(status: int, reason: str, words: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"taken": False, "reason": reason, "words": words}, status, headers=headers)


def _fields(body: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10))
    except ValueError as error:
        raise HTTPException(400) from error


def _delivery(headers: Headers, body: bytes) -> Delivery | None:
    told = [headers.get(f"x-wenfeng-{name}", "") for name in ("delivery", "timestamp", "signature")]
    if not all(told) or len(told[0]) > 200:
        return None
    return Delivery(id=told[0], timestamp=told[1], signature=told[2], body=body)


def _is_own(headers: Headers) -> bool:
    """Tells whether a browser says that a page of ours sends this, or says nothing of where it comes from."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == headers.get("host")
    except ValueError:  # http://[ and its like
        return False
