"""飞书 group robots, signed: a card in Markdown, a request of 20 KB, five a second and a hundred a minute
(open.feishu.cn: 自定义机器人使用指南)."""

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Form, Medium
from alerts.notify.channels.robots import Meaning, Pace, SignedConfig, accepted, cut, post, read_answer
from stream.process.clock import Clock, SystemClock
from stream.process.configuration import STRICT

LIMIT = 16_000  # bytes of Markdown: quotation marks and line breaks grow in JSON, and the card is around it
MEANING = Meaning(too_often=frozenset({9499, 11232}), later=frozenset({11233}))


@checked(frozen=True, kw_only=True, config=STRICT)
class FeishuConfig(SignedConfig):
    """The robot's address, `https://open.feishu.cn/open-apis/bot/v2/hook/…`, and its key for 签名校验."""

    @property
    def form(self) -> Form:
        return Form(Medium.MARKDOWN, most_bytes=LIMIT)


@dataclass(frozen=True, slots=True)
class FeishuChannel:
    """Writes into the robot's group; `recipient` is the open_id or user_id that is mentioned."""

    config: FeishuConfig
    name: str = "feishu"
    pace: Pace = field(default_factory=lambda: Pace(((5, timedelta(seconds=1)), (100, timedelta(minutes=1)))))
    clock: Clock = field(default_factory=SystemClock)

    @property
    def longest(self) -> timedelta:
        return self.config.longest

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Sends as the port says."""
        moment = str(int(self.clock.now().timestamp()))
        card = f"{cut(content, LIMIT)}\n<at id={recipient}></at>"
        payload = {
            "timestamp": moment,
            "sign": signature(self.config.key, moment),
            "msg_type": "interactive",
            "card": {"config": {"wide_screen_mode": True}, "elements": [{"tag": "markdown", "content": card}]},
        }
        body = json.dumps(payload, ensure_ascii=False).encode()
        answer = read_answer(self.config, post(self.config, body, self.pace, {}))
        code = answer.get("code", answer.get("StatusCode"))
        words = f"{answer.get('msg', answer.get('StatusMessage', ''))}"
        return accepted(self.config, self.pace, code, words, MEANING)


def signature(key: bytes, moment: str) -> str:
    """Signs the moment, in seconds: HMAC-SHA256 of nothing, with moment and key for its key, in Base64."""
    return b64encode(hmac.digest(moment.encode() + b"\n" + key, b"", hashlib.sha256)).decode()
