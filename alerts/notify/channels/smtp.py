"""Mail by SMTP: one connection and one transaction per letter, so that one refusal is one recipient's.

An answer lost after the message's last line looks the same whether the server kept the message or not: the letter goes
again, and its Message-ID tells the copy. It is told apart from a closed door, so that a server that always loses its
answer is not given copy after copy.

A timeout is for one read, and a server that drips a byte a minute never runs into it. So a connection is cut after
`longest`, which is also how long its letter stays claimed.
"""

import smtplib
import ssl
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import AnswerLost, Form, Medium, Undeliverable, Unreachable
from alerts.notify.cut import CutShort
from alerts.people.directory import Host
from stream.process.configuration import STRICT, WITHOUT_CONTROLS, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host

_COMMANDS = 8  # connect, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA: each may use the whole timeout


@checked(frozen=True, kw_only=True, config=STRICT)
class SmtpConfig:
    """The mail server. `timeout` is per command, `accept_timeout` after the last line (RFC 5321 4.5.3.2.6)."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    ca_file: Path | None = None
    username: Annotated[str, Field(pattern=WITHOUT_CONTROLS)] | None = None
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


class _Plain(CutShort, smtplib.SMTP):
    """A connection that is cut after a while and knows what it sent last."""

    handed_over = False  # whether the whole message was sent last: what fails from there on may have been kept

    def send(self, s: Any) -> None:
        super().send(s)
        self.handed_over = isinstance(s, bytes) and s.endswith(b"\r\n.\r\n")

    def close(self) -> None:
        self.in_time()
        super().close()


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
        """Sends as the port says. `Undeliverable` are the server's own answers, 500 to 599, about this letter, and an
        address that no command of SMTP can carry. Whatever else the libraries raise may pass, or be mended."""
        try:
            connection = self._connect()
        except Exception as error:  # also UnicodeError for a host, ValueError for a certificate
            raise Unreachable(f"{self._where}: {self._words(error)}") from None
        try:
            return self._transact(connection, recipient, content)
        except (Undeliverable, Unreachable):
            raise
        except ValueError as error:  # UnicodeError is one
            raise Undeliverable(f"{self._where}: {self._words(error)}") from None
        except Exception as error:
            if connection.handed_over:
                words = f"no answer after the whole message: {self._words(error)}"
                raise AnswerLost(f"{self._where}: {words}") from None
            raise Unreachable(f"{self._where}: {self._words(error)}") from None
        finally:
            connection.close()

    def _words(self, error: Exception) -> str:
        """Says what happened, without the password, which a server may have said back."""
        words, password = f"{type(error).__name__}: {error}", self.config.password
        for secret in _spellings(password.get_secret_value()) if password else ():
            words = words.replace(secret, "***")
        return words[:500]

    @property
    def _where(self) -> str:
        return f"{self.config.host}:{self.config.port}"

    def _connect(self) -> _Plain:
        """Connects, ready for a letter.

        A wrong password is a thing to mend, not the letter's fault: the letter waits.
        """
        context = ssl.create_default_context(cafile=self.config.ca_file)
        limits = {"timeout": self.config.timeout.total_seconds(), "longest": self.longest.total_seconds()}
        connection: _Plain
        if self.config.tls == "implicit":
            connection = _Tls(self.config.host, self.config.port, context=context, **limits)
        else:
            connection = _Plain(self.config.host, self.config.port, **limits)
        try:
            if self.config.tls == "starttls":
                connection.starttls(context=context)
            if self.config.username is not None and self.config.password is not None:
                _log_in(connection, self.config.username, self.config.password.get_secret_value())
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


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    """Logs in as the server offers; what is not ASCII goes in UTF-8 (RFC 4616), which smtplib cannot."""
    if user.isascii() and password.isascii():
        connection.login(user, password)
        return
    connection.ehlo_or_helo_if_needed()
    offered = connection.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, told = connection.docmd("AUTH", f"PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}")
    elif "LOGIN" in offered:
        code, told = connection.docmd("AUTH", f"LOGIN {_base64(user)}")
        if code == 334:
            code, told = connection.docmd(_base64(password))
    else:
        raise smtplib.SMTPNotSupportedError("the server offers no login that carries characters beyond ASCII")
    if code not in (235, 503):  # 503: it knows us already
        raise smtplib.SMTPAuthenticationError(code, told)


def _base64(words: str) -> str:
    return b64encode(words.encode()).decode()


def _spellings(password: str) -> tuple[str, ...]:
    """Lists the forms in which a server might say a password back, alone or as part of a word too short to tell."""
    return (password, _base64(password)) if len(password) > 3 else ()
