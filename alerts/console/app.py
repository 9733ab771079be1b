"""The console as an ASGI application: who came is found out before a view is called, and every answer has its headers.

Views are plain functions and run in Starlette's threads: engines block.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from secrets import token_hex
from threading import Lock
from time import perf_counter

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from structlog import get_logger

from alerts.console.accounts.proxies import came_from, named_by_proxy
from alerts.console.accounts.sessions import form_token, is_form_token, read_session, tell_next
from alerts.console.door import Admitted, Answer, Call, Door, Missing, Moved, OpenDoor, Premises, Shown, Visit, address
from alerts.console.guarding import Guarding
from alerts.console.looks import meter
from alerts.console.rendering import STATIC, render
from alerts.notify.codes import installation_key
from alerts.notify.console import ConsoleConfig
from alerts.workflow.cases import Refused
from stream.errors import Retryable
from stream.process.clock import Clock
from stream.state.database import transaction

MOST_FIELDS = 300  # of a form; the largest, that of corrections, has some fifty
SIGN_IN = "/signin"

log = get_logger()


def build_app(premises: Premises, doors: Sequence[Door | OpenDoor], clock: Clock) -> Starlette:
    """Builds the application over the doors; opens nothing."""
    house = _House(premises, clock)
    routes = [Route(door.path, house.endpoint(door), methods=sorted(door.methods)) for door in doors]
    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))],
        middleware=[Middleware(Guarding, console=premises.console)],
        exception_handlers={HTTPException: house.unknown},
    )


def cookie_name(console: ConsoleConfig) -> str:
    """Names the cookie of a session; browsers take `__Host-` over TLS alone, from this host and nobody else."""
    return "__Host-wenfeng" if console.is_https else "wenfeng"


def with_cookie(response: Response, console: ConsoleConfig, token: str) -> Response:
    """Gives the browser its session. Lax: a link in a letter is to find who signed in; acts need the form's token."""
    response.set_cookie(cookie_name(console), token, path="/", secure=console.is_https, httponly=True, samesite="lax")
    return response


class _House:
    """Answers at every door."""

    def __init__(self, premises: Premises, clock: Clock) -> None:
        self._premises = premises
        self._clock = clock
        self._turn, self._key = Lock(), b""

    def endpoint(self, door: Door | OpenDoor) -> Callable[[Request], Awaitable[Response]]:
        """Builds what Starlette calls for a door."""

        async def answer(request: Request) -> Response:
            try:
                form = (
                    await request.form(max_files=0, max_fields=MOST_FIELDS) if request.method == "POST" else FormData()
                )
            except ClientDisconnect:
                return Response(status_code=400)
            began = perf_counter()
            answered = await run_in_threadpool(self._answer, door, request, form)
            meter(self._premises).note(door.path, request.method, answered.status_code, perf_counter() - began)
            return answered

        return answer

    async def unknown(self, request: Request, error: Exception) -> Response:
        """Answers where there is no door, or none for this method."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else ""
        headers = error.headers if isinstance(error, HTTPException) else None
        shown = Shown("trouble.html", {"status": status, "why": detail, "code": ""}, status)
        return await run_in_threadpool(self._page, shown, self._call(request, FormData()), "", headers)

    def _answer(self, door: Door | OpenDoor, request: Request, form: FormData) -> Response:
        call, cookie = self._call(request, form), request.cookies.get(cookie_name(self._premises.console), "")
        try:
            call = self._known(call, request, cookie)
            return self._finish(self._enter(door, call, cookie), call, cookie)
        except Missing as missing:
            shown = Shown("trouble.html", {"status": 404, "why": missing.what, "code": ""}, 404)
        except Refused as refused:
            shown = Shown("trouble.html", {"status": 409, "why": refused.detail, "code": ""}, 409)
        except Retryable as error:
            log.warning("console_waits", path=call.at, reason=error.reason)
            shown = Shown("trouble.html", {"status": 503, "why": error.reason, "code": ""}, 503)
        except Exception:
            code = token_hex(4)
            log.exception("console_failed", path=call.at, code=code)
            shown = Shown("trouble.html", {"status": 500, "why": "", "code": code}, 500)
        return self._page(shown, call, cookie)

    def _call(self, request: Request, form: FormData) -> Call:
        return Call(
            premises=self._premises, now=self._clock.now(), method=request.method, at=request.url.path,
            path={key: str(value) for key, value in request.path_params.items()}, query=request.query_params,
            form=form, client=came_from(self._premises.console, request.headers, _caller(request)),
            seen=request.headers.get("user-agent", "")[:200],
        )  # fmt: skip

    def _known(self, call: Call, request: Request, cookie: str) -> Call:
        """Finds out who calls: by the session, or by the word of a proxy that is believed."""
        people = call.context.config.people
        if (key := named_by_proxy(self._premises.console, people, request.headers, _caller(request))) is not None:
            return _visit(call, key, session="", told="")
        found = read_session(call.context.engine, cookie, call.now) if cookie else None
        if found is None or found.person not in people:  # who left alerts.yml is signed out
            return call
        return _visit(call, found.person, session=cookie, told=found.told)

    def _enter(self, door: Door | OpenDoor, call: Call, cookie: str) -> Answer:
        if isinstance(door, OpenDoor):
            open_view = door.act if call.method == "POST" else door.show
            assert open_view is not None, "the route has the door's methods alone"
            return open_view(call)
        if not isinstance(call, Visit):
            return self._stranger(call)
        if door.who is Admitted.ADMINISTRATORS and not call.is_administrator:
            return Shown("trouble.html", {"status": 403, "why": "", "code": ""}, 403)
        if call.method == "POST" and not is_form_token(cookie or self._without_cookie(call), call.field("form_token")):
            return Shown("trouble.html", {"status": 400, "why": "", "code": ""}, 400)
        view = door.act if call.method == "POST" else door.show
        assert view is not None, "the route has the door's methods alone"
        return view(call)

    def _stranger(self, call: Call) -> Answer:
        """Sends who has not signed in to do so; what was typed into a form is kept on the way."""
        if call.method != "POST":
            return Moved(
                address(SIGN_IN, then=address(call.at, **{name: call.query.getlist(name) for name in call.query}))
            )
        kept = [(name, value) for name, value in call.form.multi_items() if isinstance(value, str)]
        kept = [(name, value) for name, value in kept if name != "form_token"]
        why = "登录已过期，您填写的内容还在"
        facts = {"then": call.at, "kept": kept, "resend": True, "why": why, "name": ""}
        return Shown("signin.html", facts, 401)

    def _finish(self, answer: Answer, call: Call, cookie: str) -> Response:
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, Shown):
            return self._page(answer, call, cookie)
        if answer.told and isinstance(call, Visit) and call.session:
            tell_next(call.context.engine, call.session, answer.told)
        return RedirectResponse(self._premises.console.prefix + answer.to, 303)

    def _page(self, shown: Shown, call: Call, cookie: str, headers: object = None) -> Response:
        known_by = cookie or (self._without_cookie(call) if isinstance(call, Visit) else "")
        html = render(shown, call, form_token(known_by))
        return HTMLResponse(html, shown.status, headers=dict(headers) if isinstance(headers, dict) else None)

    def _without_cookie(self, visit: Visit) -> str:
        """Makes what stands in for the cookie of somebody whom a proxy named: as hard to guess, the same for ever."""
        with self._turn:
            if not self._key:
                with transaction(visit.context.engine) as session:
                    self._key = installation_key(session)
        return hmac.digest(self._key, f"forms of {visit.key}".encode(), hashlib.sha256).hex()


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""


def _visit(call: Call, key: str, *, session: str, told: str) -> Visit:
    return Visit(
        premises=call.premises, now=call.now, method=call.method, at=call.at, path=call.path, query=call.query,
        form=call.form, client=call.client, seen=call.seen, person=call.context.config.people[key], key=key,
        session=session, told=told,
    )  # fmt: skip
