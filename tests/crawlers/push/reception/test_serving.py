"""The process: told to end, it writes down how it went; killed, it loses nothing that it answered."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import sleep

import pytest
from click.testing import CliRunner
from httpx2 import Client, Response, TransportError
from yaml import safe_dump

from crawlers.cli.commands import main
from crawlers.health import all_sources
from crawlers.push.reception.wecom import encipher, sign
from stream.errors import EXIT_CONFIG
from stream.log.broker import RAW
from stream.log.brokers.sqlite.client import SqliteConsumer
from stream.messages import Post
from stream.process.clock import SystemClock
from stream.process.failpoints import VARIABLE
from stream.state.database import disposing, open_state
from stream.state.source_health import SourceHealth
from tests.crawlers.published import published
from tests.crawlers.push.reception.room import AES_KEY, CORP, KEY, SERVICE_SECRET, TOKEN, token_of
from tests.crawlers.push.reception.service_desk import ServiceDesk, said


class Running:
    """`python -m crawlers receive` with one suggestion box, and an application of 企业微信 that fetches from `api`."""

    def __init__(self, folder: Path, migrated: Path, api: str) -> None:
        self.folder = folder
        key = folder / "voice.key"
        key.touch(mode=0o600)
        key.write_text("k" * 64, "utf-8")
        (folder / "var").mkdir()
        (folder / "var" / "state.db").write_bytes(migrated.read_bytes())
        (folder / "stream.yml").write_text(safe_dump({"var": str(folder / "var")}), "utf-8")
        self.port = free_port()
        box = {"site": "box", "software": "suggestions", "basis": "our own"}
        app = {"site": "wecom", "software": "wecom", "basis": "our own", "corp_id": CORP, "api": api}
        for name, secret in {"token": TOKEN, "aes_key": AES_KEY, "service_secret": SERVICE_SECRET}.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(secret, "utf-8")
            app[f"{name}_file"] = str(folder / name)
        content = {
            "contact": "ops@corp.cn",
            "voice_key_file": str(key),
            "reception": {"listen": f"127.0.0.1:{self.port}"},
            "sources": {"意见箱": box, "app": app},
        }
        (folder / "crawlers.yml").write_text(safe_dump(content, allow_unicode=True), "utf-8")
        self.process: subprocess.Popen[bytes] | None = None
        self.client = Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False)

    def start(self, failpoints: str = "") -> None:
        command = [sys.executable, "-m", "crawlers", "receive", "--configs", str(self.folder)]
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | {VARIABLE: failpoints})
        for _ in range(600):
            if self._answers():
                return
            sleep(0.05)
        raise AssertionError((self.folder / "out").read_text("utf-8"))

    def _answers(self) -> bool:
        try:
            return self.client.get("/box/意见箱").status_code == 200
        except TransportError:
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(30)

    def submit(self, text: str, token: str) -> Response:
        return self.client.post("/box/意见箱", data={"token": token, "title": "", "text": text})

    def tell(self) -> Response:
        """Sends the event of customer service."""
        words = b"<xml><MsgType>event</MsgType><Event>kf_msg_or_event</Event><OpenKfId>wk1</OpenKfId></xml>"
        sealed, at = encipher(KEY, words, CORP, b"r" * 16), str(int(SystemClock().now().timestamp()))
        asked = {"msg_signature": sign(TOKEN, at, "n", sealed), "timestamp": at, "nonce": "n"}
        return self.client.post("/wecom/app", params=asked, content=f"<xml><Encrypt>{sealed}</Encrypt></xml>")

    def posts(self) -> list[Post]:
        place = self.folder / "var" / "log.db"
        with closing(SqliteConsumer(place, SystemClock(), group="test", topics=[RAW])) as consumer:
            return published(consumer)

    def health(self) -> dict[str, SourceHealth]:
        with disposing(open_state(f"sqlite:///{self.folder / 'var' / 'state.db'}")) as engine:
            return all_sources(engine)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def running(tmp_path: Path, migrated: Path, service: ServiceDesk) -> Iterator[Running]:
    one = Running(tmp_path, migrated, service.api)
    yield one
    one.client.close()
    if one.process is not None and one.process.poll() is None:
        one.process.kill()
        one.process.wait(30)


def test_killed_between_log_and_answer_it_has_one_post_of_what_is_sent_again(running: Running) -> None:
    running.start("reception.kept=kill@1")
    token = token_of(running.client.get("/box/意见箱").text)
    with pytest.raises(TransportError):
        running.submit("三号楼漏水", token)
    assert running.process is not None
    assert running.process.wait(30) == -signal.SIGKILL
    running.start()
    assert running.submit("三号楼漏水", token).status_code == 200
    assert running.end() == 0
    assert len({post.id for post in running.posts()}) == 1
    assert [(row.state, row.read) for row in running.health().values()] == [("ok", 1)]
    assert "127.0.0.1:" not in (running.folder / "out").read_text("utf-8").replace(f"127.0.0.1:{running.port}", "")


@pytest.mark.parametrize("place", ["service.synced", "service.kept"])
def test_killed_before_the_cursor_is_kept_it_fetches_again_without_an_event_and_has_one_post(
    running: Running, service: ServiceDesk, place: str
) -> None:
    service.messages = [said(1, "三号楼停水")]
    running.start(f"{place}=kill@1")
    assert running.tell().text == "success"
    assert running.process is not None
    assert running.process.wait(30) == -signal.SIGKILL
    before = len(service.calls())
    running.start()
    for _ in range(600):
        if len(service.asked) >= before:
            break
        sleep(0.05)
    assert running.end() == 0
    posts = running.posts()
    assert {(post.text, post.voice) for post in posts} == {("三号楼停水", None)}
    assert len({post.id for post in posts}) == 1
    told = (running.folder / "out").read_text("utf-8")
    assert not any(secret in told for secret in (SERVICE_SECRET, "access-1", "wmCUSTOMER"))


def test_an_address_that_somebody_listens_on_is_a_mistake_of_the_configuration(running: Running) -> None:
    with socket.create_server(("127.0.0.1", running.port)):
        done = CliRunner().invoke(main, ["receive", "--configs", str(running.folder)])
    assert done.exit_code == EXIT_CONFIG
    assert f"reception.listen: 127.0.0.1:{running.port} cannot be listened on: Address already in use" in done.output
