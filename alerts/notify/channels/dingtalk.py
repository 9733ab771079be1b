"""钉钉 group robots, signed: Markdown of 20,000 bytes, 20 messages a minute (open.dingtalk.com: 自定义机器人接入)."""

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Form, Medium
from alerts.notify.channels.robots import Meaning, Pace, SignedConfig, accepted, cut, post, read_answer
from stream.process.clock import Clock, SystemClock
from stream.process.configuration import STRICT

LIMIT = 18_000  # bytes of Markdown: what is around it, and a line's two blanks, count too
TITLE = "舆情通知"
LONGEST_TITLE = 60  # characters, which the list of chats shows
MEANING = Meaning(too_often=frozenset({130101, 410100}), later=frozenset({-1}), shut=600)


@checked(frozen=True, kw_only=True, config=STRICT)
class DingtalkConfig(SignedConfig):
    """The robot's address, `https://oapi.dingtalk.com/robot/send?access_token=…`, and its key for 加签."""

    @property
    def form(self) -> Form:
        return Form(Medium.MARKDOWN, most_bytes=LIMIT)


@dataclass(frozen=True, slots=True)
class DingtalkChannel:
    """Writes into the robot's group; `recipient` is the mobile number or the userid that is mentioned."""

    config: DingtalkConfig
    name: str = "dingtalk"
    pace: Pace = field(default_factory=lambda: Pace(((20, timedelta(minutes=1)),)))
    clock: Clock = field(default_factory=SystemClock)

    @property
    def longest(self) -> timedelta:
        return self.config.longest

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Sends as the port says."""
        words = cut(content, LIMIT)
        text = words.replace("\n\n", "\0").replace("\n", "  \n").replace("\0", "\n\n")  # a lone break shows as a blank
        title = (words.strip("*\n ") or TITLE).splitlines()[0].strip("*")[:LONGEST_TITLE]
        at = {"atMobiles" if recipient.isdecimal() else "atUserIds": [recipient], "isAtAll": False}
        markdown = {"title": title, "text": f"{text}\n\n@{recipient}"}
        payload = {"msgtype": "markdown", "markdown": markdown, "at": at}
        body = json.dumps(payload, ensure_ascii=False).encode()
        moment = str(int(self.clock.now().timestamp() * 1_000))
        query = urlencode({"timestamp": moment, "sign": signature(self.config.key, moment)})
        answer = read_answer(self.config, post(self.config, body, self.pace, {}, query))
        return accepted(self.config, self.pace, answer.get("errcode"), f"{answer.get('errmsg', '')}", MEANING)


def signature(key: bytes, moment: str) -> str:
    """Signs the moment, in milliseconds, with the key: HMAC-SHA256 over both, in Base64."""
    return b64encode(hmac.digest(key, moment.encode() + b"\n" + key, hashlib.sha256)).decode()
