"""The API of 微信客服 on loopback: an access token, and messages from a cursor on."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.crawlers.push.reception.room import CORP, SERVICE_SECRET

SENT = 1795906800  # 2026-11-28T23:00:00+08:00


def said(number: int, words: str = "停水了", **told: Any) -> dict[str, Any]:
    """A message of a customer's."""
    usual = {"msgid": f"m{number}", "open_kfid": "wk1", "external_userid": "wmCUSTOMER", "send_time": SENT + number}
    return usual | {"origin": 3, "msgtype": "text", "text": {"content": words, "menu_id": ""}} | told


class ServiceDesk(ThreadingHTTPServer):
    """Answers as the platform does. `messages` are those of all accounts, oldest first, `a_page` at once.

    `refusals` are codes that the next calls of a name are answered with; `secret` is the one that is good.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[dict[str, Any]] = []
        self.a_page = 2
        self.secret = SERVICE_SECRET
        self.refusals: dict[str, list[int]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.empty_first = False
        self.raw: Callable[[str], tuple[int, bytes] | None] = lambda _call: None
        self.tokens = 0

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/cgi-bin/"

    def calls(self) -> list[str]:
        """What was asked for since the last call."""
        names, self.asked = [call for call, _ in self.asked], []
        return names

    def answered(self, call: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((call, body))
        if codes := self.refusals.get(call):
            return {"errcode": codes.pop(0), "errmsg": "no"}
        if call == "gettoken":
            if (query.get("corpid"), query.get("corpsecret")) != (CORP, self.secret):
                return {"errcode": 40001, "errmsg": "invalid credential"}
            self.tokens += 1
            return {"errcode": 0, "errmsg": "ok", "access_token": f"access-{self.tokens}", "expires_in": 7200}
        if query.get("access_token") != f"access-{self.tokens}":
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        return self._page(body)

    def _page(self, body: dict[str, Any]) -> dict[str, Any]:
        assert (body["limit"], body["voice_format"]) == (1000, 0)
        at = int(body.get("cursor") or "0")
        if self.empty_first and at == 0:
            return {"errcode": 0, "next_cursor": "00", "has_more": 1, "msg_list": []} if "cursor" not in body else (
                self._from(0)
            )  # fmt: skip
        return self._from(at)

    def _from(self, at: int) -> dict[str, Any]:
        end = min(at + self.a_page, len(self.messages))
        more = int(end < len(self.messages))
        return {"errcode": 0, "errmsg": "ok", "next_cursor": str(end), "has_more": more,
                "msg_list": self.messages[at:end]}  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: ServiceDesk

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: dict[str, Any]) -> None:
        address = urlsplit(self.path)
        call = address.path.removeprefix("/cgi-bin/")
        query = {name: told[0] for name, told in parse_qs(address.query).items()}
        raw = self.server.raw(call)
        status, content = raw or (200, json.dumps(self.server.answered(call, query, body)).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 302:
            self.send_header("Location", "/cgi-bin/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""
