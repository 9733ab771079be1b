"""A sign of life says that all is well; as soon as one thing is not, there is none."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import utime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.casefile.context import CaseContext
from alerts.incidents.policy import HeartbeatConfig
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.tables import OutboxRow
from alerts.rounds.heartbeat import Heartbeat, ping
from alerts.watch import Watcher
from stream.state.database import transaction

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

Queued = Callable[[], list[tuple[Any, Letter]]]


class Server(ThreadingHTTPServer):
    """Keeps the paths that were asked for; those under /not are refused, /away leads elsewhere."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)
        self.send_response({"/not": 500, "/away": 302}.get(self.path, 200))
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as one:
        thread = Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield one
        one.shutdown()
        thread.join()


class Body:
    """A watcher that looked and was audited a moment ago, unless said otherwise."""

    def __init__(self, context: CaseContext, var: Path, now: datetime) -> None:
        self.context, self.var, self.audited_at = context, var, now
        self.look(now)

    def look(self, now: datetime) -> None:
        file = self.var / "alive" / "alerts"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        utime(file, (now.timestamp(), now.timestamp()))

    def heart(self, **config: Any) -> Heartbeat:
        return Heartbeat(self.context, HeartbeatConfig(**config), "w", self.var, lambda: self.audited_at)


@pytest.fixture
def body(context: CaseContext, tmp_path: Path, now: datetime) -> Body:
    return Body(context, tmp_path / "var", now)


def test_it_beats_in_its_rhythm_as_long_as_all_is_well(body: Body, tmp_path: Path, now: datetime) -> None:
    file = tmp_path / "deep" / "heartbeat"
    heart = body.heart(file=file)
    assert heart(now) == ""
    assert file.exists()
    file.unlink()
    assert heart(now + 4 * MINUTE) is None
    assert not file.exists()
    body.look(now + 5 * MINUTE)
    body.audited_at = now + 5 * MINUTE
    assert heart(now + 5 * MINUTE) == ""
    assert file.exists()


def test_a_clock_set_back_does_not_stop_it(body: Body, tmp_path: Path, now: datetime) -> None:
    heart = body.heart(file=tmp_path / "heartbeat")
    assert heart(now) == ""
    assert heart(now - HOUR) == ""


def test_where_topics_are_not_looked_at_there_is_none(body: Body, tmp_path: Path, now: datetime) -> None:
    body.audited_at = now + 4 * MINUTE
    assert body.heart(file=tmp_path / "heartbeat")(now + 4 * MINUTE) == "topics are not looked at"
    assert not (tmp_path / "heartbeat").exists()
    (body.var / "alive" / "alerts").unlink()
    assert body.heart(file=tmp_path / "heartbeat")(now) == "topics are not looked at"


@pytest.mark.parametrize("audited", [None, datetime(2026, 9, 21, 5, tzinfo=UTC)])
def test_where_the_auditor_did_not_pass_there_is_none(
    body: Body, tmp_path: Path, now: datetime, audited: datetime | None
) -> None:
    heart = Heartbeat(body.context, HeartbeatConfig(file=tmp_path / "heartbeat"), "w", body.var, lambda: audited)
    assert heart(now) == "the auditor did not pass"
    assert not (tmp_path / "heartbeat").exists()


def test_where_letters_wait_there_is_none(
    body: Body, tmp_path: Path, now: datetime, quiet_weeks: None, rumour: Callable[..., object]
) -> None:
    rumour(30)
    Watcher(body.context, [], "w").look(now)
    later = now + 31 * MINUTE
    body.look(later)
    body.audited_at = later
    heart = body.heart(file=tmp_path / "heartbeat")
    assert heart(later) == "1 letters wait"
    with transaction(body.context.engine) as session:
        session.query(OutboxRow).update({"state": "sent"})
    assert heart(later) == ""


def test_an_address_is_asked_for_each_beat(body: Body, server: Server, now: datetime) -> None:
    heart = body.heart(url=f"{server.address}/ping/1", private=True)
    assert heart(now) == ""
    assert server.asked == ["/ping/1"]


@pytest.mark.parametrize("path", ["/not", "/away"])
def test_an_address_that_refuses_or_leads_elsewhere_is_logged_without_its_token(
    server: Server, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not ping(server.address + path, private=True)
    assert server.asked == [path]
    assert server.address not in capsys.readouterr().out


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/secret", "http://nobody.invalid/secret"])
def test_an_address_that_does_not_answer_stops_nothing(
    body: Body, now: datetime, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    heart = body.heart(url=SecretStr(url).get_secret_value(), private=True)
    assert heart(now) == ""
    assert "secret" not in capsys.readouterr().out


def test_a_name_that_leads_into_the_own_network_is_not_asked_unless_meant(server: Server) -> None:
    named = f"http://localhost:{server.server_port}/ping"
    assert not ping(named, private=False)
    assert server.asked == []
    assert ping(server.address + "/ping", private=True)


def test_a_person_gets_a_line_a_day(body: Body, now: datetime, queued: Queued) -> None:
    heart = body.heart(mail="wu_tao")
    for hour in (0, 1, 2, 23, 24):
        moment = now + hour * HOUR
        body.look(moment)
        body.audited_at = moment
        with transaction(body.context.engine) as session:
            session.query(OutboxRow).update({"state": "sent"})
        assert heart(moment) == ""
    letters = queued()
    assert [person for person, _ in letters] == ["wu_tao", "wu_tao"]
    assert isinstance(letters[0][1], Bulletin)
    assert [letter.subject for _, letter in letters if isinstance(letter, Bulletin)] == [
        "【运行正常】闻风 09月21日", "【运行正常】闻风 09月22日"
    ]  # fmt: skip


def test_a_standby_writes_no_line(body: Body, now: datetime, queued: Queued) -> None:
    Watcher(body.context, [], "other").escalate(now)
    assert body.heart(mail="wu_tao")(now) == ""
    assert queued() == []
