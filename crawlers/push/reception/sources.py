"""How what is sent to us over HTTP is described in crawlers.yml, and where we listen for it."""

from base64 import b64decode
from binascii import Error
from dataclasses import field
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from crawlers.source import PushedSource, WebAddress, is_loopback
from stream.messages import Kind
from stream.process.configuration import STRICT, resolve_secrets

WECOM, WECOM_VERSION = "wecom", 1
WEBHOOK, WEBHOOK_VERSION = "webhook", 1
SUGGESTIONS, SUGGESTIONS_VERSION = "suggestions", 1
WECOM_API = "https://qyapi.weixin.qq.com/cgi-bin/"
SHORTEST_KEY = 32  # characters of a webhook's key: 128 bits in hexadecimal


def _listening(address: str) -> str:
    host, _, port = address.rpartition(":")
    try:
        near = ip_address(host.strip("[]")).is_loopback
    except ValueError:
        near = False
    if not near or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(
            "write an address of this machine and a port, as in 127.0.0.1:8430: "
            "others reach it through a proxy that speaks TLS"
        )
    return address


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ReceptionConfig:
    """`reception` of crawlers.yml. Without `listen` nothing is received."""

    listen: Annotated[str, AfterValidator(_listening)] | None = None

    @property
    def bind(self) -> tuple[str, int]:
        """Address and port that the process listens on; only where `listen` is given."""
        host, _, port = (self.listen or "").rpartition(":")
        return host.strip("[]"), int(port)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ReceivedSource(PushedSource):
    """A source that comes in over HTTP. Nothing of the writer is kept unless `internal: false` says so.

    `path` is where its kind is answered, before the source's key.
    """

    path: ClassVar[str] = ""
    internal: bool = True


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WecomSource(ReceivedSource):
    """Messages that members or customers write to an application of 企业微信, as its callback sends them.

    `token` and `aes_key` (EncodingAESKey) are those of the application's page 接收消息, `corp_id` is whose they are.
    With `service_secret`, the Secret of 微信客服, what customers write there is fetched from `api`; without it an event
    of theirs is counted.
    """

    path: ClassVar[str] = "/wecom"
    software: Literal["wecom"] = "wecom"
    corp_id: Annotated[
        str,
        StringConstraints(pattern=r"^[\w-]{4,64}$"),
        Field(description="the organisation's CorpID, as 我的企业 shows it"),
    ]
    token: SecretStr = field(default=SecretStr(""))
    aes_key: SecretStr = field(default=SecretStr(""))
    service_secret: SecretStr = field(default=SecretStr(""))
    api: WebAddress = WECOM_API

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("token", "aes_key", "service_secret"), info.context or {})

    @model_validator(mode="after")
    def _whole(self) -> "WecomSource":
        if not self.token.get_secret_value():
            raise ValueError("give token_file or token_env: the Token of the application's 接收消息")
        if len(self.key) != 32:
            raise ValueError("give aes_key_file or aes_key_env: the EncodingAESKey, 43 letters and digits")
        if not self.api.endswith("/") or not (self.api.startswith("https://") or is_loopback(self.api)):
            raise ValueError(f"api is the folder of the API's calls: https, and a slash at its end, as {WECOM_API} is")
        return self

    @property
    def key(self) -> bytes:
        """The key of AES, 32 bytes."""
        try:
            return b64decode(self.aes_key.get_secret_value() + "=", validate=True)
        except (Error, ValueError):
            return b""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WebhookSource(ReceivedSource):
    """Posts that a program of somebody else's sends as JSON, signed with `key`; `kind` is what a post is by default."""

    path: ClassVar[str] = "/hooks"
    software: Literal["webhook"] = "webhook"
    key: SecretStr = field(default=SecretStr(""))
    kind: Kind = Kind.SUGGESTION

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("key",), info.context or {})

    @model_validator(mode="after")
    def _keyed(self) -> "WebhookSource":
        if len(self.key.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(
                f"give key_file or key_env, at least {SHORTEST_KEY} characters: openssl rand -hex 32 > var/webhook.key"
            )
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SuggestionsSource(ReceivedSource):
    """A form in which anybody may write without saying who; its heading is the source's `name`.

    `intro` stands below the heading. `longest` is of a text, in characters; `per_minute` is how many are taken from
    everybody together, since nobody's address is known.
    """

    path: ClassVar[str] = "/box"
    software: Literal["suggestions"] = "suggestions"
    intro: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    longest: Annotated[int, Field(ge=100, le=10_000)] = 2_000
    per_minute: Annotated[int, Field(ge=1, le=10_000)] = 30
