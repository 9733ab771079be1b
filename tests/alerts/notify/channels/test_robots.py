"""Group robots and webhooks against a far side that checks what it is sent and misbehaves as told."""

import hashlib
import hmac
import json
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import TypeAdapter, ValidationError

from alerts.notify.channel import Channel, Form, Medium, Undeliverable, Unreachable
from alerts.notify.channels.dingtalk import DingtalkChannel, DingtalkConfig
from alerts.notify.channels.feishu import FeishuChannel, FeishuConfig
from alerts.notify.channels.robots import HOLD, Pace, RobotConfig, SignedConfig, post
from alerts.notify.channels.webhook import WebhookConfig, open_webhook
from alerts.notify.channels.wecom import LIMIT, WecomChannel, WecomConfig
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead
from stream.process.clock import ScriptedClock
from tests.alerts.notify.channels.hooks import Far, serving
from tests.alerts.notify.posting import notice
from tests.dripping import dripping
from tests.stream.tls import tls_before

NAME = "<1.opened.ab.0@h>"
KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
SECRET = "SEC000-known-to-two"
WORDS = "**[舆情·较大] 事件 1**\n**发现负面信息**\n\n**请您办理**\n> 张敏：收到确认"
NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
PATHS = {
    "wecom": f"/cgi-bin/webhook/send?key={KEY}", "dingtalk": f"/robot/send?access_token={KEY}",
    "feishu": f"/open-apis/bot/v2/hook/{KEY}", "webhook": f"/hooks/{KEY}",
}  # fmt: skip
CONFIGS: dict[str, Any] = {
    "wecom": WecomConfig, "dingtalk": DingtalkConfig, "feishu": FeishuConfig, "webhook": WebhookConfig,
}  # fmt: skip
ROBOTS = ["wecom", "dingtalk", "feishu"]

Open = Callable[..., Channel]


@pytest.fixture
def far() -> Iterator[Far]:
    with serving(Far()) as far:
        yield far


def configured(kind: str, address: str, /, **changes: object) -> Any:
    raw: dict[str, object] = {"url_env": "WENFENG_URL", "private": True, "timeout": "500ms"}
    raw |= {} if kind == "wecom" else {"secret_env": "WENFENG_SECRET"}
    environ = {"WENFENG_URL": address, "WENFENG_SECRET": SECRET}
    told = {name: value for name, value in (raw | changes).items() if value is not None}
    return TypeAdapter(CONFIGS[kind]).validate_python(told, context=environ)


def opened(kind: str, port: int, **changes: object) -> Channel:
    config, clock = configured(kind, f"http://127.0.0.1:{port}{PATHS[kind]}", **changes), ScriptedClock(NOW)
    match kind:
        case "wecom":
            return WecomChannel(config)
        case "dingtalk":
            return DingtalkChannel(config, clock=clock)
        case "feishu":
            return FeishuChannel(config, clock=clock)
    return open_webhook(config)


every = pytest.mark.parametrize("kind", [*ROBOTS, "webhook"])
robots = pytest.mark.parametrize("kind", ROBOTS)


@every
def test_a_notice_that_is_taken_is_answered_with_one_line_for_the_record(far: Far, kind: str) -> None:
    channel = opened(kind, far.port)
    answer = channel.send("zhangmin", WORDS.encode(), NAME)
    assert len(answer.splitlines()) == 1
    assert (channel.name, len(far.seen)) == (kind, 1)
    assert channel.longest == timedelta(seconds=2)
    assert far.seen[0].headers["content-type"] == "application/json; charset=utf-8"


def test_wecom_is_sent_markdown_that_mentions_the_person(far: Far) -> None:
    opened("wecom", far.port).send("zhangmin", WORDS.encode(), NAME)
    (seen,) = far.seen
    assert seen.path == PATHS["wecom"]
    assert seen.told == {"msgtype": "markdown", "markdown": {"content": f"{WORDS}\n<@zhangmin>"}}


def test_dingtalk_is_sent_a_signature_that_its_side_can_check(far: Far) -> None:
    opened("dingtalk", far.port).send("13800000000", WORDS.encode(), NAME)
    opened("dingtalk", far.port).send("zhangmin", b"", NAME)
    first, second = far.seen
    asked = parse_qs(urlsplit(first.path).query)
    assert asked["access_token"] == [KEY]
    assert asked["timestamp"] == [str(int(NOW.timestamp() * 1_000))]
    signed = hmac.digest(SECRET.encode(), f"{asked['timestamp'][0]}\n{SECRET}".encode(), hashlib.sha256)
    assert asked["sign"] == [b64encode(signed).decode()]
    assert first.told["markdown"]["title"] == "[舆情·较大] 事件 1"
    assert first.told["markdown"]["text"].startswith("**[舆情·较大] 事件 1**  \n**发现负面信息**\n\n**请您办理**  \n> ")
    assert first.told["markdown"]["text"].endswith("\n\n@13800000000")
    assert first.told["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}
    assert second.told["at"] == {"atUserIds": ["zhangmin"], "isAtAll": False}
    assert second.told["markdown"]["title"] == "舆情通知"


def test_feishu_is_sent_a_card_with_its_signature(far: Far) -> None:
    opened("feishu", far.port).send("ou_1", WORDS.encode(), NAME)
    (seen,) = far.seen
    moment = seen.told["timestamp"]
    signed = hmac.digest(f"{moment}\n{SECRET}".encode(), b"", hashlib.sha256)
    assert (seen.path, moment, seen.told["sign"]) == (
        PATHS["feishu"], str(int(NOW.timestamp())), b64encode(signed).decode()
    )  # fmt: skip
    (element,) = seen.told["card"]["elements"]
    assert (seen.told["msg_type"], element) == (
        "interactive", {"tag": "markdown", "content": f"{WORDS}\n<at id=ou_1></at>"}
    )  # fmt: skip


def test_a_webhook_is_sent_json_signed_over_time_and_body_with_a_key_for_copies(far: Far) -> None:
    channel = opened("webhook", far.port, medium="markdown")
    for _ in range(2):
        channel.send("zhang min/7", WORDS.encode(), NAME)
    first, second = far.seen
    moment = first.headers["x-wenfeng-timestamp"]
    signed = hmac.digest(SECRET.encode(), moment.encode() + b"." + first.body, hashlib.sha256).hex()
    assert first.headers["x-wenfeng-signature"] == f"v1={signed}"
    assert first.told == {"id": NAME, "to": "zhang min/7", "medium": "markdown", "content": WORDS}
    assert {one.headers["idempotency-key"] for one in (first, second)} == {"1.opened.ab.0@h"}


@pytest.mark.parametrize(
    ("kind", "answer", "raised"),
    [
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, Unreachable),
        ("wecom", {"errcode": -1, "errmsg": "system busy"}, Unreachable),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, Undeliverable),
        ("wecom", {"errcode": 40058, "errmsg": "content exceed max length"}, Undeliverable),
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, Unreachable),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, Undeliverable),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, Undeliverable),
        ("dingtalk", {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in whitelist"}, Undeliverable),
        ("dingtalk", {"errcode": 300001, "errmsg": "token is not exist"}, Undeliverable),
        ("feishu", {"code": 9499, "msg": "too many request"}, Unreachable),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, Undeliverable),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, Undeliverable),
        ("feishu", {"StatusCode": 19001, "StatusMessage": "param invalid"}, Undeliverable),
        ("feishu", {"code": "odd"}, Unreachable),
        ("wecom", {}, Unreachable),
    ],
)
def test_what_a_robot_answers_is_classified_with_its_words(
    far: Far, kind: str, answer: dict[str, Any], raised: type[Exception]
) -> None:
    far.says(**answer)
    with pytest.raises(raised) as told:
        opened(kind, far.port).send("zhangmin", WORDS.encode(), NAME)
    words = answer.get("errmsg", answer.get("msg", answer.get("StatusMessage", "")))
    assert words in str(told.value)


@robots
@pytest.mark.parametrize("body", [b"<html>login</html>", b"", b"[1]", b"[" * 100_000, b"\xff\xfe"])
def test_an_answer_that_is_no_robots_is_away(far: Far, kind: str, body: bytes) -> None:
    far.answer = body
    with pytest.raises(Unreachable, match="no answer of a robot"):
        opened(kind, far.port).send("zhangmin", WORDS.encode(), NAME)


@every
@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (429, Unreachable), (408, Unreachable), (500, Unreachable), (503, Unreachable), (301, Undeliverable),
        (400, Undeliverable), (401, Undeliverable), (403, Undeliverable), (404, Undeliverable),
    ],
)  # fmt: skip
def test_a_status_is_classified_and_no_redirect_followed(
    far: Far, kind: str, status: int, raised: type[Exception]
) -> None:
    far.status, far.answer, far.headers = status, "限制".encode(), {"Location": f"http://127.0.0.1:{far.port}/x"}
    with pytest.raises(raised, match=f"{status} 限制"):
        opened(kind, far.port).send("zhangmin", WORDS.encode(), NAME)
    assert len(far.seen) == 1


@every
def test_who_asks_to_be_left_alone_is_left_alone_for_so_long(far: Far, kind: str) -> None:
    far.status, far.headers = 429, {"Retry-After": "1"}
    channel = opened(kind, far.port)
    for words in ("429", "asked to wait 1 s more"):
        with pytest.raises(Unreachable, match=words):
            channel.send("zhangmin", WORDS.encode(), NAME)
    assert len(far.seen) == 1
    far.status = 200
    time.sleep(1.05)
    assert channel.send("zhangmin", WORDS.encode(), NAME)


@pytest.mark.parametrize("retry_after", ["", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "１"])
def test_a_wait_that_is_no_number_is_a_minute(far: Far, retry_after: str) -> None:
    far.status, far.headers = 429, {"Retry-After": retry_after.encode("utf-8").decode("latin-1")}
    channel = opened("wecom", far.port)
    with pytest.raises(Unreachable):
        channel.send("zhangmin", WORDS.encode(), NAME)
    with pytest.raises(Unreachable, match=f"asked to wait {HOLD:.0f} s more"):
        channel.send("zhangmin", WORDS.encode(), NAME)


@every
def test_a_refused_connection_a_dropped_one_and_one_that_hangs_are_away(far: Far, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: ConnectionRefusedError"):
        opened(kind, port).send("zhangmin", WORDS.encode(), NAME)
    far.drop = True
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: "):
        opened(kind, far.port).send("zhangmin", WORDS.encode(), NAME)
    far.drop, far.hang = False, 2.0
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"(?i)timed ?out"):
        opened(kind, far.port).send("zhangmin", WORDS.encode(), NAME)
    assert time.monotonic() - began < 1.9


def test_a_far_side_that_drips_is_cut_off() -> None:
    began = time.monotonic()
    with dripping(b"H", 0.05) as port, pytest.raises(Unreachable):
        opened("wecom", port, timeout="200ms").send("zhangmin", b"x", NAME)
    assert time.monotonic() - began < 4


@every
def test_no_secret_is_in_what_is_raised_or_printed(far: Far, kind: str) -> None:
    far.status, far.answer = 400, f"no robot {KEY} at {PATHS[kind]} with {'' if kind == 'wecom' else SECRET}".encode()
    channel = opened(kind, far.port)
    with pytest.raises(Undeliverable) as refused:
        channel.send("zhangmin", WORDS.encode(), NAME)
    for told in (f"{refused.value!r}{refused.value.detail}", repr(channel)):
        assert KEY not in told
        assert SECRET not in told
    assert "no robot ***" in refused.value.detail


@every
def test_over_tls_the_far_side_must_be_vouched_for(far: Far, kind: str, tmp_path: Path) -> None:
    with tls_before(far.port, tmp_path) as (port, authority):
        url = f"https://localhost:{port}{PATHS[kind]}"
        trusted = configured(kind, url, ca_file=authority)
        assert post(trusted, b"{}", Pace(((1, timedelta(1)),)), {})
        with pytest.raises(Unreachable, match="certificate"):
            post(configured(kind, url), b"{}", Pace(((1, timedelta(1)),)), {})


def test_a_private_address_behind_a_public_name_is_never_spoken_to(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the name leads to at the moment of connecting decides, not what it led to before."""
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda place, timeout: connect(("127.0.0.1", far.port), timeout))
    config = configured("wecom", f"https://qyapi.example.cn{PATHS['wecom']}", private=False)
    with pytest.raises(Unreachable, match="its address is not public"):
        WecomChannel(config).send("zhangmin", b"x", NAME)
    assert far.seen == []


def test_twenty_are_sent_in_a_minute_and_the_next_one_waits(far: Far) -> None:
    channel = opened("wecom", far.port)
    for _ in range(20):
        channel.send("zhangmin", b"x", NAME)
    with pytest.raises(Unreachable, match="at most 20 in 60 s"):
        channel.send("zhangmin", b"x", NAME)
    assert len(far.seen) == 20


def test_a_pace_of_two_windows_keeps_both_and_goes_on_when_they_are_over() -> None:
    pace = Pace(((2, timedelta(seconds=0.2)), (3, timedelta(hours=1))))
    pace.take()
    pace.take()
    with pytest.raises(Unreachable, match="at most 2 in 0 s"):
        pace.take()
    time.sleep(0.25)
    pace.take()
    with pytest.raises(Unreachable, match="at most 3 in 3600 s"):
        pace.take()


@pytest.mark.parametrize("size", [1, 100, 4_000])
def test_a_notice_fits_into_wecoms_bytes_with_the_mention(far: Far, size: int) -> None:
    channel = opened("wecom", far.port)
    config = configured("wecom", "https://qyapi.example.cn/x?key=1234567")
    long = notice(reasons=tuple(f"理由{number}" * 5 for number in range(size)))
    content = render(long, config.form, Letterhead("a@b.cn", "b.cn"), "zhangmin").content
    channel.send("z" * 64, content, NAME)
    sent = far.seen[0].told["markdown"]["content"]
    assert len(sent.encode()) <= LIMIT
    assert "请您办理" in sent


@pytest.mark.parametrize("medium", [Medium.TEXT, Medium.MARKDOWN])
@pytest.mark.parametrize("most", [0, 1, 50, 600, 2_000, 100_000])
def test_a_form_of_bytes_is_kept_whatever_the_notice(medium: Medium, most: int) -> None:
    wide = notice(reasons=("😀㐂" * 300,))
    rendered = render(wide, Form(medium, 4_000, most), Letterhead("a@b.cn", "b.cn"), "x")
    assert all(len(one) <= most for one in (rendered.content, rendered.plain))
    assert "涉停电抢修信息·较大" in rendered.content.decode() or most < 100


@pytest.mark.parametrize("kind", ["wecom", "webhook"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "url: the environment variable|WENFENG_URL is not set"),
        ("ftp://a.example.cn/x", "the url is none"),
        ("https:///x", "the url is none"),
        ("https://a b/x", "the url is none"),
        ("https://a.example.cn/\nx", "holds a line break"),
        ("https://用户.cn/x", "the url is none"),
        ("https://u:p@a.example.cn/x", "the url is none"),
        ("https://a.example.cn:0/x", "the url is none"),
        ("https://a.example.cn:99999/x", "the url is none"),
        ("http://a.example.cn/x", "never sent without tls"),
    ],
)
def test_an_address_that_is_none_is_refused_without_being_told(kind: str, url: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        configured(kind, url)
    if url:
        assert url not in "".join(one["msg"] for one in refused.value.errors())


def test_this_machine_is_meant_only_where_that_is_said() -> None:
    with pytest.raises(ValidationError, match="say private: true if it is meant"):
        configured("wecom", "http://127.0.0.1:1/x", private=None)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "webhook"])
def test_what_is_signed_needs_a_key(kind: str) -> None:
    with pytest.raises(ValidationError, match="give secret_env or secret_file"):
        configured(kind, "https://a.example.cn/x", secret_env=None)


def test_an_address_is_a_secret_and_never_written_into_the_file() -> None:
    with pytest.raises(ValidationError, match="url must not be written here: use url_env"):
        configured("wecom", "https://a.example.cn/x", url="https://a.example.cn/x", url_env=None)
    with pytest.raises(ValidationError, match="give url_env or url_file"):
        configured("wecom", "https://a.example.cn/x", url_env=None)


def test_the_parts_of_an_address_that_are_secrets_are_known() -> None:
    config: RobotConfig = configured("feishu", f"https://open.example.cn/open-apis/bot/v2/hook/{KEY}?k={KEY}2")
    assert isinstance(config, SignedConfig)
    assert {KEY, f"{KEY}2", SECRET} <= set(config.secrets)
    assert "bot" not in config.secrets
    assert json.dumps(KEY) not in repr(config)
