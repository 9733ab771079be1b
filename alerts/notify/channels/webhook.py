"""A program of the installation's own that takes notices as JSON, signed, each by a key that tells a copy.

    POST …
    Idempotency-Key: the Message-ID, the same for every copy
    X-Wenfeng-Timestamp: seconds since 1970
    X-Wenfeng-Signature: v1=HMAC-SHA256(secret, timestamp + "." + body), in hexadecimal

    {"id": Message-ID, "to": the person's address, "medium": "text" or "markdown", "content": the notice}

Any answer 2xx is acceptance, 408, 425, 429 and 5xx mean later, every other one never.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Form, Medium
from alerts.notify.channels.robots import Pace, SignedConfig, post, told
from stream.process.clock import Clock, SystemClock
from stream.process.configuration import STRICT


@checked(frozen=True, kw_only=True, config=STRICT)
class WebhookConfig(SignedConfig):
    """The program's address and the key both know; `limit` is in characters, `per_minute` in messages."""

    medium: Literal[Medium.TEXT, Medium.MARKDOWN] = Medium.TEXT
    limit: Annotated[int, Field(ge=500)] = 4_000
    per_minute: Annotated[int, Field(ge=1)] = 600

    @property
    def form(self) -> Form:
        return Form(self.medium, self.limit)


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts to one address."""

    config: WebhookConfig
    pace: Pace
    name: str
    clock: Clock = field(default_factory=SystemClock)

    @property
    def longest(self) -> timedelta:
        return self.config.longest

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Sends as the port says."""
        payload = {
            "id": message_id, "to": recipient, "medium": str(self.config.medium),
            "content": content.decode("utf-8", "replace"),
        }  # fmt: skip
        body = json.dumps(payload, ensure_ascii=False).encode()
        moment = str(int(self.clock.now().timestamp()))
        headers = {
            "Idempotency-Key": message_id.strip("<>"),
            "X-Wenfeng-Timestamp": moment,
            "X-Wenfeng-Signature": f"v1={signature(self.config.key, moment, body)}",
        }
        answer = post(self.config, body, self.pace, headers)
        return told(self.config, f"taken {answer[:200].decode('utf-8', 'replace')}")


def open_webhook(config: WebhookConfig, name: str = "webhook") -> WebhookChannel:
    """Builds the channel with the pace that its configuration says."""
    return WebhookChannel(config, Pace(((config.per_minute, timedelta(minutes=1)),)), name)


def signature(key: bytes, moment: str, body: bytes) -> str:
    """Signs moment and body with the key."""
    return hmac.digest(key, moment.encode() + b"." + body, hashlib.sha256).hex()
