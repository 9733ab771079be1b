"""How a mailbox is described in crawlers.yml."""

from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from crawlers.source import PolledSource
from stream.messages import Kind
from stream.process.configuration import STRICT, WITHOUT_CONTROLS, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host
from stream.process.mail import HostName

MAILBOX, MAILBOX_VERSION = "mailbox", 1

_Words = Annotated[str, StringConstraints(min_length=1, max_length=254, pattern=WITHOUT_CONTROLS)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MailboxSource(PolledSource):
    """A folder of an IMAP mailbox that nobody else reads: what a person has opened is not looked at any more.

    `timeout` is for one answer of the server, `kind` is what a mail is.
    """

    software: Literal["mailbox"] = "mailbox"
    host: Annotated[HostName, Field(description="the IMAP server")]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    username: Annotated[_Words, Field(description="who logs in, most often the mail address")]
    password: SecretStr = field(default=SecretStr(""))
    folder: _Words = "INBOX"
    timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(minutes=5))] = timedelta(seconds=20)
    kind: Kind = Kind.SUGGESTION
    internal: bool = True

    @property
    def place(self) -> str:
        """The mailbox and the folder in it, in one spelling; of folders only INBOX is one in any (RFC 3501)."""
        folder = "INBOX" if self.folder.upper() == "INBOX" else self.folder
        return f"{folder} of {self.username.lower()} at {self.host.lower()}"

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("password",), info.context or {})

    @model_validator(mode="after")
    def _guarded(self) -> "MailboxSource":
        if not self.password.get_secret_value():
            raise ValueError("give password_file or password_env: the mailbox's own, or the 授权码 of its provider")
        if self.tls == "none" and not is_loopback_host(self.host):
            raise ValueError("tls: none is for a server on this machine only (127.0.0.1)")
        return self
