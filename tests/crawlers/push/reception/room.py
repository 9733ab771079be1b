"""A reception with its log and its memory, all embedded, and what senders send to it."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from httpx2 import Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from starlette.testclient import TestClient

from crawlers.health import all_sources
from crawlers.push.reception.app import build_reception
from crawlers.push.reception.fetching import ServiceFetcher
from crawlers.push.reception.serving import open_desk
from crawlers.push.reception.sources import ReceivedSource, SuggestionsSource, WebhookSource, WecomSource
from crawlers.push.reception.webhook import sign_delivery
from crawlers.push.reception.wecom import encipher, sign
from stream.errors import Retryable
from stream.log.broker import RAW, Message, Producer, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import ScriptedClock
from stream.state.source_health import SourceHealth
from tests.crawlers.published import published

START = datetime(2026, 11, 28, 15, 0, 30, tzinfo=UTC)
AES_KEY = "BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY"  # of bytes(range(7, 39))
KEY, CORP, TOKEN = bytes(range(7, 39)), "wwd08c8exxxx5ab44d", "tok3n"
HOOK_KEY = "0123456789abcdef" * 4
SERVICE_SECRET = "kf-secret-0123456789"
SECRETS = {
    "WENFENG_TOKEN": TOKEN, "WENFENG_AES": AES_KEY, "WENFENG_HOOK": HOOK_KEY, "WENFENG_SERVICE": SERVICE_SECRET,
}  # fmt: skip


def sources(app: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, ReceivedSource]:
    """One of each kind; `changes` are of all, `app` of the application of 企业微信 alone."""
    told: dict[str, Any] = {"basis": "a test of ours"} | changes
    wecom: dict[str, Any] = (
        {"site": "wecom", "corp_id": CORP, "token": TOKEN, "aes_key": AES_KEY} | told | dict(app or {})
    )
    return {
        "app": unresolved(WecomSource, wecom),
        "hook": unresolved(WebhookSource, {"site": "hook", "key": HOOK_KEY} | told),
        "box": SuggestionsSource(site="box", name="职工意见箱", intro="欢迎反映问题。", longest=100, **told),
    }


def unresolved(kind: type[Any], told: Mapping[str, Any]) -> Any:
    """A source whose secrets come from the environment, as in a file."""
    names = {"token": "WENFENG_TOKEN", "aes_key": "WENFENG_AES", "key": "WENFENG_HOOK"}
    names |= {"service_secret": "WENFENG_SERVICE"}
    raw = {f"{key}_env" if key in names else key: names.get(key, value) for key, value in told.items()}
    return TypeAdapter(kind).validate_python(raw, context=SECRETS)


class Sluggish:
    """A log that is away as long as it is told so."""

    def __init__(self, inner: Producer) -> None:
        self.inner, self.away = inner, False
        self.batches: list[int] = []

    def publish(self, messages: Sequence[Message]) -> None:
        if self.away:
            raise Retryable("log_away")
        self.batches.append(sum(message.topic == RAW for message in messages))
        self.inner.publish(messages)

    def close(self) -> None:
        self.inner.close()


class Room:
    """Everything that a request meets."""

    def __init__(self, folder: Path, engine: Engine, **changes: Any) -> None:
        self.engine, self.clock = engine, ScriptedClock(START)
        with closing(SqliteAdmin(folder / "log.db")) as admin:
            admin.apply([Topic(RAW), Topic("health")])
        self.log = Sluggish(SqliteProducer(folder / "log.db", self.clock))
        self._consumer = SqliteConsumer(folder / "log.db", self.clock, group="test", topics=[RAW])
        self.sources = sources(**changes)
        self.start()

    def start(self, patience: float = 4.0) -> None:
        """Starts, or starts again; what was in memory is gone."""
        given = {"producer": self.log, "engine": self.engine, "clock": self.clock}
        self.desk = open_desk(self.sources, voice_key=b"k" * 32, **given)  # type: ignore[arg-type]
        callbacks = {name: one for name, one in self.sources.items() if isinstance(one, WecomSource)}
        self.fetcher = ServiceFetcher(
            callbacks, self.desk, engine=self.engine, clock=self.clock
        )  # a test makes it look
        told = {"secret": b"k" * 32, "patience": patience}
        self.app = build_reception(self.sources, self.desk, self.fetcher, self.clock, **told)  # type: ignore[arg-type]
        self.client = TestClient(self.app, base_url="http://box.corp.cn", raise_server_exceptions=False)
        self.clock.sleep(1)

    def end(self) -> None:
        self.fetcher.close()
        self.desk.close()

    def close(self) -> None:
        self.end()
        self.log.close()
        self._consumer.close()

    def posts(self) -> list[Post]:
        """What came into the log since the last call."""
        return published(self._consumer)

    def health(self) -> dict[str, SourceHealth]:
        """How the sources are told to do, once the desk has written it down."""
        self.end()
        found = all_sources(self.engine)
        self.start()
        return found

    def say(self, words: str = "停水了", number: str = "7", **told: str) -> Response:
        """Writes to the application of 企业微信."""
        fields = {"FromUserName": "zhangsan", "MsgType": "text", "Content": words, "MsgId": number} | told
        inner = f"<xml>{''.join(f'<{key}>{value}</{key}>' for key, value in fields.items())}</xml>"
        return self.callback(encipher(KEY, inner.encode(), told.get("corp", CORP), b"r" * 16))

    def callback(self, encrypted: str, **told: str) -> Response:
        """Posts a body as 企业微信 does."""
        return self.client.post(
            "/wecom/app", params=self.signed(encrypted) | told, content=f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
        )

    def signed(self, encrypted: str) -> dict[str, str]:
        """The query of a request of 企业微信."""
        at = str(int(self.clock.now().timestamp()))
        return {"msg_signature": sign(TOKEN, at, "n", encrypted), "timestamp": at, "nonce": "n"}

    def deliver(self, body: bytes, name: str = "d-1", **changes: str) -> Response:
        """Sends a delivery to the webhook."""
        at = str(int(self.clock.now().timestamp()))
        headers = {
            "X-Wenfeng-Delivery": name,
            "X-Wenfeng-Timestamp": at,
            "X-Wenfeng-Signature": sign_delivery(HOOK_KEY, name, at, body),
        }
        return self.client.post("/hooks/hook", content=body, headers=headers | changes)

    def page(self) -> str:
        """The token of a new form."""
        return token_of(self.client.get("/box/box").text)

    def submit(self, text: str, token: str | None = None, title: str = "", **headers: str) -> Response:
        """Sends the form."""
        form = {"token": self.page() if token is None else token, "title": title, "text": text}
        return self.client.post("/box/box", data=form, headers={k.replace("_", "-"): v for k, v in headers.items()})


def token_of(page: str) -> str:
    """The token in a page's form."""
    (found,) = re.findall(r'name="token" value="([^"]+)"', page)
    return str(found)
