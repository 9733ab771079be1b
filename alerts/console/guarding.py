"""What holds for every request and answer: hosts, origins, sizes, and the headers of OWASP's ASVS 5.0, chapter 3."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.notify.console import ConsoleConfig

MOST_BYTES = 1 << 20  # of a request's body: a statement has some thousand characters
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})


class TooLong(Exception):
    """Raised where a body goes on beyond `MOST_BYTES`."""


class Guarding:
    """Refuses what no page of ours sends, and gives each answer its headers. Takes off the proxy's prefix."""

    def __init__(self, app: ASGIApp, console: ConsoleConfig) -> None:
        self._app = app
        self._prefix = console.prefix
        self._https = console.is_https
        own = urlsplit(console.base)
        self._origin = own.netloc
        self._hosts = {own.hostname or "", console.listen.rpartition(":")[0], *_LOCAL}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._tell(MutableHeaders(scope=message), str(scope["path"]))
            await send(message)

        if (why := self._refused(scope, headers)) is not None:
            await PlainTextResponse(why[1], why[0])(scope, receive, told)
            return
        try:
            await self._app(self._without_prefix(scope), _limited(receive), told)
        except TooLong:
            await PlainTextResponse("内容过长", 413)(scope, receive, told)

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if _host(headers.get("host", "")) not in self._hosts:
            return 421, "没有这个站点"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, "内容过长"
        if scope["method"] not in ("GET", "HEAD") and not self._is_own(headers):
            return 403, "请从本系统的页面提交"
        return None

    def _is_own(self, headers: Headers) -> bool:
        """Tells whether a browser says that a page of ours sends this; one that says nothing has the form's token."""
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in (headers.get("host"), self._origin)

    def _without_prefix(self, scope: Scope) -> Scope:
        path = str(scope["path"])
        if self._prefix and (path == self._prefix or path.startswith(f"{self._prefix}/")):
            return {**scope, "path": path[len(self._prefix) :] or "/", "raw_path": None}
        return scope

    def _tell(self, headers: MutableHeaders, path: str) -> None:
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"  # for browsers older than frame-ancestors
        headers["Referrer-Policy"] = "same-origin"  # no-referrer makes browsers send our forms with `Origin: null`
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        in_files = path.removeprefix(self._prefix).startswith("/static/")
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if in_files else "no-store"
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _host(header: str) -> str:
    host, _, port = header.rpartition(":")
    return host if host and port.isdecimal() else header


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise TooLong
        return message

    return limited
