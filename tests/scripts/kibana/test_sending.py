"""`python -m scripts.kibana import` against a server that answers as Kibana's import does."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps, loads
from pathlib import Path
from threading import Thread
from traceback import format_exception
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from scripts.kibana.__main__ import main
from scripts.kibana.sending import Login, NotTaken, send
from tests.scripts.kibana.objects import FILE, ROOT

Json = dict[str, Any]


@dataclass
class Asked:
    """A request as it came."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    name: str = ""
    lines: list[Json] = field(default_factory=list)


class Kibana(ThreadingHTTPServer):
    """Takes what Kibana's import takes and refuses what it refuses; `errors` are said at status 200, as there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.errors: list[Json] = []
        self.status = 200
        self.login = ""
        self.body: bytes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, asked: Asked) -> tuple[int, Json]:
        if self.login and asked.headers.get("authorization") != self.login:
            return 401, {"statusCode": 401, "error": "Unauthorized", "message": "security_exception"}
        if "kbn-xsrf" not in asked.headers:
            return 400, {"statusCode": 400, "message": "Request must contain a kbn-xsrf header."}
        if not asked.path.endswith("/api/saved_objects/_import"):
            return 404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}
        if not asked.name.endswith(".ndjson"):
            return 400, {"statusCode": 400, "message": f"Invalid file extension {asked.name}"}
        if self.status != 200:
            return self.status, {"statusCode": self.status, "message": "no such luck"}
        there = {(one["type"], one["id"]) for one in asked.lines}
        assert len(there) == len(asked.lines)
        enforced = {"index-pattern", "search"}
        missing = [
            {"id": one["id"], "type": one["type"], "error": {"type": "missing_references", "references": lost}}
            for one in asked.lines
            if (lost := [r for r in one["references"] if r["type"] in enforced and (r["type"], r["id"]) not in there])
        ]
        errors = missing + self.errors
        told = {"success": not errors, "successCount": len(asked.lines) - len(errors), "warnings": []}
        return 200, told | ({"errors": errors} if errors else {})


class _Handler(BaseHTTPRequestHandler):
    server: Kibana

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        asked = Asked(parts.path, parse_qs(parts.query), {name.lower(): value for name, value in self.headers.items()})
        for part in message_from_bytes(head + raw, policy=HTTP).iter_parts():
            assert part.get_param("name", header="content-disposition") == "file"
            asked.name = part.get_filename() or ""
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            asked.lines = [loads(line) for line in content.decode("utf-8").splitlines()]
        self.server.asked.append(asked)
        status, told = self.server.answer(asked)
        body = self.server.body if self.server.body is not None else dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    server = Kibana()
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


Command = Callable[..., Result]


@pytest.fixture
def run(kibana: Kibana, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name in ("USER", "PASSWORD", "API_KEY", "CA"):
        monkeypatch.delenv(f"WENFENG_KIBANA_{name}", raising=False)

    def typed(address: str = kibana.url, **login: str) -> Result:
        environment = {f"WENFENG_KIBANA_{name}": value for name, value in login.items()}
        return CliRunner().invoke(main, ["import", address, "--configs", str(ROOT / "configs")], env=environment)

    return typed


def test_everything_is_imported_over_what_is_there(kibana: Kibana, run: Command) -> None:
    done = run()
    assert (done.exit_code, done.stderr) == (0, "")
    (asked,) = kibana.asked
    assert (asked.path, asked.query) == ("/api/saved_objects/_import", {"overwrite": ["true"]})
    assert (asked.name, asked.headers["kbn-xsrf"]) == ("wenfeng.ndjson", "wenfeng")
    assert "authorization" not in asked.headers
    assert asked.lines == [loads(line) for line in FILE.read_text("utf-8").splitlines()]
    assert done.stdout == f"{len(asked.lines)} objects imported into {kibana.url}: {kibana.url}/app/dashboards\n"


def test_a_space_is_part_of_the_address(kibana: Kibana, run: Command) -> None:
    assert run(f"{kibana.url}/s/yuqing/").exit_code == 0
    assert kibana.asked[0].path == "/s/yuqing/api/saved_objects/_import"


def test_the_login_comes_from_the_environment(kibana: Kibana, run: Command) -> None:
    kibana.login = "Basic " + b64encode(b"analyst:secret").decode()
    assert run(USER="analyst", PASSWORD="secret").exit_code == 0
    kibana.login = "ApiKey abc=="
    assert run(API_KEY="abc==").exit_code == 0
    refused = run(API_KEY="wrong")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "the login is refused: correct WENFENG_KIBANA_API_KEY, or _USER and _PASSWORD\n"


def test_errors_at_status_200_are_told_object_by_object(kibana: Kibana, run: Command) -> None:
    kibana.errors = [
        {"id": "wenfeng-tag", "type": "tag", "error": {"type": "unsupported_type"}},
        {"id": "wenfeng-board-topic", "type": "dashboard", "error": {"type": "unknown", "message": "more recent"}},
    ]
    done = run()
    assert done.exit_code == 1
    assert "tag wenfeng-tag is of a type that this Kibana does not know" in done.stderr
    assert "dashboard wenfeng-board-topic more recent" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    kibana.errors *= 9
    assert "and 13 more" in run().stderr


def test_a_reference_to_nothing_is_told(kibana: Kibana) -> None:
    lines = [line for line in FILE.read_text("utf-8").splitlines() if '"index-pattern","typeM' not in line]
    with pytest.raises(NotTaken, match=r"wenfeng-search-latest refers to .* not there: index-pattern wenfeng-posts"):
        send(kibana.url, "\n".join(lines).encode(), Login())


@pytest.mark.parametrize(
    ("status", "told"),
    [(403, "may not import"), (404, "knows no import"), (503, "not ready yet"), (500, "answered 500"), (302, "302")],
)
def test_each_refusal_is_one_sentence(kibana: Kibana, run: Command, status: int, told: str) -> None:
    kibana.status = status
    done = run()
    assert done.exit_code == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("body", [b"<html>login</html>", b"", b"[]", b'{"success": true}', b"\xff\xfe"])
def test_a_server_that_is_no_kibana_is_told(kibana: Kibana, run: Command, body: bytes) -> None:
    kibana.body = body
    done = run()
    assert done.exit_code == 1
    assert "not as Kibana does" in done.stderr


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1:9", "was not reached"),
        ("http://nobody.invalid:5601", "was not reached"),
        ("127.0.0.1:5601", "no address of a Kibana"),
        ("http://127.0.0.1:5601/?x=1", "no address of a Kibana"),
        ("http://[", "no address of a Kibana"),
        ("http://me:secret@127.0.0.1:5601", "no login in the address"),
        ("http://me:secret@[", "no login in the address"),
        ("http://kibana..example.com:5601", "was not reached"),
    ],
)
def test_an_address_that_cannot_be_is_told(run: Command, address: str, told: str) -> None:
    done = run(address)
    assert done.exit_code == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("ending", ["\n", "\r\n", " \n\n"])
def test_a_line_break_at_the_end_of_a_login_is_cut_off(kibana: Kibana, run: Command, ending: str) -> None:
    kibana.login = "ApiKey abc=="
    assert run(API_KEY=f"abc=={ending}").exit_code == 0
    kibana.login = "Basic " + b64encode("分析员:密码".encode()).decode()
    assert run(USER=f"分析员{ending}", PASSWORD=f"密码{ending}").exit_code == 0


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ({"API_KEY": "geheim\nX-Evil: 1"}, "WENFENG_KIBANA_API_KEY holds a line break"),
        ({"API_KEY": "geheim密钥"}, "WENFENG_KIBANA_API_KEY: a key is of ASCII characters"),
        ({"API_KEY": "geheim\ud800"}, "WENFENG_KIBANA_API_KEY holds a line break, a control or an invisible character"),
        ({"USER": "a", "PASSWORD": "ge\theim"}, "WENFENG_KIBANA_PASSWORD holds"),
        ({"USER": "geheim:b", "PASSWORD": "x"}, "WENFENG_KIBANA_USER: no user's name has a colon"),
    ],
)
def test_a_login_that_no_request_carries_is_refused_and_not_shown(
    kibana: Kibana, login: dict[str, str], told: str
) -> None:
    with pytest.raises(NotTaken) as refused:
        Login.read({f"WENFENG_KIBANA_{name}": value for name, value in login.items()})
    words = "".join(format_exception(refused.value))
    assert told in words
    assert "heim" not in words
    assert kibana.asked == []


def test_a_header_that_the_library_refuses_is_one_sentence_without_the_key(kibana: Kibana) -> None:
    with pytest.raises(NotTaken) as refused:
        send(kibana.url, b"", Login(api_key="".join(["ge", "heim\n"])))
    assert "geheim" not in "".join(format_exception(refused.value))


def test_a_login_never_leaves_without_tls(run: Command) -> None:
    done = run("http://kibana.example.com:5601", USER="analyst", PASSWORD="secret")
    assert (done.exit_code, "never sent without TLS" in done.stderr) == (1, True)


def test_a_mistake_in_the_description_is_told_before_anything_is_sent(kibana: Kibana, tmp_path: Path) -> None:
    (tmp_path / "kibana").mkdir()
    for file in ("stream.yml", "topics.yml", "alerts.yml", "kibana/dashboards.yml"):
        (tmp_path / file).write_text((ROOT / "configs" / file).read_text("utf-8"), "utf-8")
    broken = (tmp_path / "kibana/dashboards.yml").read_text("utf-8").replace("shape: donut", "shape: cake", 1)
    (tmp_path / "kibana/dashboards.yml").write_text(broken, "utf-8")
    done = CliRunner().invoke(main, ["import", kibana.url, "--configs", str(tmp_path)])
    assert (done.exit_code, kibana.asked) == (78, [])
    assert "dashboards.overview.panels.labels" in done.stderr
