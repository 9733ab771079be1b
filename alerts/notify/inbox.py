"""Where people's answers to letters go: the mailbox that letters name in Reply-To, and how it is read."""

from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass as checked

from alerts.people.directory import Email, Host, Words
from stream.process.configuration import STRICT, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host


@checked(frozen=True, kw_only=True, config=STRICT)
class InboxConfig:
    """A mailbox of the program's own on an IMAP server; `timeout` is for one answer of the server.

    Nobody else is to read in it: what a person has opened is not looked at any more.
    """

    address: Email
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    username: Annotated[str, Field(min_length=1, max_length=254, pattern=r"^[^\x00-\x1f\x7f]+$")]
    password: SecretStr = field(default=SecretStr(""))
    folder: Words = "INBOX"
    poll_every: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=30)
    timeout: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=20)

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("password",), info.context or {})

    @model_validator(mode="after")
    def _guarded(self) -> "InboxConfig":
        password = self.password.get_secret_value()
        if not password:
            raise ValueError("give password_env or password_file: a mailbox is read by whom it belongs to")
        if any(c in password for c in "\r\n\0"):
            raise ValueError("the password has a line break within: write it on one line")
        if self.tls == "none" and not is_loopback_host(self.host):
            raise ValueError("tls: none is for a server on this machine only (127.0.0.1)")
        return self
