"""企业微信 group robots: Markdown of 4,096 bytes, 20 messages a minute (its developers' page 91770)."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Form, Medium
from alerts.notify.channels.robots import Meaning, Pace, RobotConfig, accepted, cut, post, read_answer
from stream.process.configuration import STRICT

LIMIT = 4_096  # bytes of `content`
MENTIONING = 80  # of them for `<@userid>`
MEANING = Meaning(too_often=frozenset({45009, 45033}), later=frozenset({-1}))


@checked(frozen=True, kw_only=True, config=STRICT)
class WecomConfig(RobotConfig):
    """The robot's address, `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…`."""

    @property
    def form(self) -> Form:
        return Form(Medium.MARKDOWN, most_bytes=LIMIT - MENTIONING)


@dataclass(frozen=True, slots=True)
class WecomChannel:
    """Writes into the robot's group; `recipient` is the userid that is mentioned."""

    config: WecomConfig
    name: str = "wecom"
    pace: Pace = field(default_factory=lambda: Pace(((20, timedelta(minutes=1)),)))

    @property
    def longest(self) -> timedelta:
        return self.config.longest

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Sends as the port says."""
        words = f"{cut(content, LIMIT - MENTIONING)}\n<@{recipient}>"
        body = json.dumps({"msgtype": "markdown", "markdown": {"content": words}}, ensure_ascii=False)
        answer = read_answer(self.config, post(self.config, body.encode(), self.pace, {}))
        return accepted(self.config, self.pace, answer.get("errcode"), f"{answer.get('errmsg', '')}", MEANING)
