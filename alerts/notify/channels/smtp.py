"""Mail by SMTP: one connection and one transaction per letter, so that one refusal is one recipient's.

An answer lost after the message's last line looks the same whether the server kept the message or not: it counts as
unreachable, the letter goes again, and its Message-ID tells the copy.

A timeout is for one read, and a server that drips a byte a minute never runs into it. So a connection is cut after
`longest`, which is also how long its letter stays claimed.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Form, Medium, Undeliverable, Unreachable
from alerts.people.directory import Host
from stream.process.configuration import STRICT, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host

_COMMANDS = 8  # connect, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA: each may use the whole timeout


@checked(frozen=True, kw_only=True, config=STRICT)
class SmtpConfig:
    """The mail server. `timeout` is per command, `accept_timeout` after the last line (RFC 5321 4.5.3.2.6)."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
    made_up: bool = False
    timeout: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=60)
    accept_timeout: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=10)

    @property
    def form(self) -> Form:
        return Form(Medium.MAIL)

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("password",), info.context or {})

    @model_validator(mode="after")
    def _guarded(self) -> "SmtpConfig":
        if self.tls == "none" and not is_loopback_host(self.host):
            raise ValueError("tls: none is for a server on this machine only (127.0.0.1)")
        if (self.username is None) != (self.password is None):
            raise ValueError("give username and password_env or password_file, or none of them")
        if self.tls == "none" and self.password is not None:
            raise ValueError("a password is never sent without tls")
        return self


class _Plain(smtplib.SMTP):
    """A connection that is cut `longest` seconds after it was begun, whatever the server does meanwhile."""

    def __init__(self, *args: Any, longest: float, **settings: Any) -> None:
        self._deadline = Timer(longest, self._cut)
        self._deadline.daemon = True
        self._deadline.start()
        try:
            super().__init__(*args, **settings)
        except BaseException:
            self._deadline.cancel()
            raise

    def close(self) -> None:
        self._deadline.cancel()
        super().close()

    def _cut(self) -> None:
        """Wakes whoever reads from the socket; to close it would not."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _Tls(_Plain, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """Speaks to one server. Never falls back to an unencrypted connection."""

    config: SmtpConfig
    sender: str
    name: str = "smtp"

    @property
    def longest(self) -> timedelta:
        return self.config.timeout * _COMMANDS + self.config.accept_timeout

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Sends as the port says. Only the server's own answers, 500 to 599, about this letter are `Undeliverable`."""
        try:
            connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"{self._where}: {_words(error)}") from error
        try:
            return self._transact(connection, recipient, content)
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"{self._where}: {_words(error)}") from error
        finally:
            connection.close()

    @property
    def _where(self) -> str:
        return f"{self.config.host}:{self.config.port}"

    def _connect(self) -> smtplib.SMTP:
        """Connects, ready for a letter.

        A wrong password is a thing to mend, not the letter's fault: the letter waits.
        """
        context = ssl.create_default_context(cafile=self.config.ca_file)
        limits = {"timeout": self.config.timeout.total_seconds(), "longest": self.longest.total_seconds()}
        connection: smtplib.SMTP
        if self.config.tls == "implicit":
            connection = _Tls(self.config.host, self.config.port, context=context, **limits)
        else:
            connection = _Plain(self.config.host, self.config.port, **limits)
        try:
            if self.config.tls == "starttls":
                connection.starttls(context=context)
            if self.config.username is not None and self.config.password is not None:
                connection.login(self.config.username, self.config.password.get_secret_value())
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    def _transact(self, connection: smtplib.SMTP, recipient: str, content: bytes) -> str:
        _accepted(connection.mail(self.sender), "MAIL")
        _accepted(connection.rcpt(recipient), "RCPT")
        if connection.sock is not None:
            connection.sock.settimeout(self.config.accept_timeout.total_seconds())
        try:
            reply = connection.data(content)
        except smtplib.SMTPDataError as error:  # the server did not even want to hear the message
            told = error.smtp_error
            reply = (max(error.smtp_code, 400), told if isinstance(told, bytes) else told.encode())
        return _accepted(reply, "DATA")


def _accepted(reply: tuple[int, bytes], command: str) -> str:
    code, told = reply
    words = f"{code} {told.decode('utf-8', 'replace')}"[:500]
    if 200 <= code < 300:
        return words
    if 500 <= code < 600 and code not in (502, 503, 530, 535, 538):  # those are about us, not about the letter
        raise Undeliverable(f"{command}: {words}")
    raise Unreachable(f"{command}: {words}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
