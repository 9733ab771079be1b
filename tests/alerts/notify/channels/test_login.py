"""Logging in at a mail server over TLS, with passwords that smtplib cannot send, and what of them is ever shown."""

import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from traceback import format_exception

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr, ValidationError

from alerts.notify.channel import Undeliverable, Unreachable
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig
from scripts.engines.certificates import certify

LETTER = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n\r\nhello\r\n"
SHORT = timedelta(seconds=5)

Serve = Callable[..., "Guarded"]


class Guarded:
    """A mail server that lets in who has the password, by the ways that it offers."""

    def __init__(self, user: str, password: str, says: str = "535 5.7.8 no") -> None:
        self.user, self.password, self.says = user, password, says
        self.kept: list[bytes] = []
        self.config: SmtpConfig

    def let_in(self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = (data.login, data.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=True) if known else AuthResult(success=False, handled=False, message=self.says)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.kept.append(envelope.content)
        return "250 kept"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    certify(folder)
    return folder


@pytest.fixture
def serve(certificate: Path) -> Iterator[Serve]:
    """Starts servers; `without` are the mechanisms that one does not offer, `typed` what we say the password is."""
    running: list[Controller] = []

    def start(
        user: str, password: str, typed: str | None = None, *, without: tuple[str, ...] = (), says: str = "535 no"
    ) -> Guarded:
        server = Guarded(user, password, says)
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "private.pem")
        controller = Controller(
            server, hostname="127.0.0.1", port=free_port(), ssl_context=context, authenticator=server.let_in,
            auth_require_tls=False, auth_exclude_mechanism=without,
        )  # fmt: skip
        controller.start()
        running.append(controller)
        server.config = SmtpConfig(
            host="127.0.0.1", port=controller.port, tls="implicit",
            ca_file=certificate / "cert.pem", username=user, password=SecretStr(password if typed is None else typed),
            timeout=SHORT, accept_timeout=SHORT,
        )  # fmt: skip
        return server

    yield start
    for one in running:
        one.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def send(server: Guarded, recipient: str = "b@example.com") -> str:
    return SmtpChannel(server.config, "a@example.com").send(recipient, LETTER, "<1@h>")


@pytest.mark.parametrize("without", [(), ("PLAIN",), ("LOGIN",)])
@pytest.mark.parametrize(("user", "password"), [("ops", "s3cret"), ("ops", "密码123"), ("告警@example.com", "s3cret")])
def test_a_login_of_any_characters_is_sent_by_whatever_the_server_offers(
    serve: Serve, user: str, password: str, without: tuple[str, ...]
) -> None:
    server = serve(user, password, without=without)
    assert send(server) == "250 kept"
    assert len(server.kept) == 1


@pytest.mark.parametrize("typed", ["wrong", "错的密码"])
def test_a_wrong_password_is_waited_with(serve: Serve, typed: str) -> None:
    server = serve("ops", "密码123", typed)
    with pytest.raises(Unreachable, match="535"):
        send(server)
    assert server.kept == []


def test_a_server_without_a_way_for_such_a_password_is_waited_with(serve: Serve) -> None:
    with pytest.raises(Unreachable, match="no login that carries characters beyond ASCII"):
        send(serve("ops", "密码123", without=("PLAIN", "LOGIN")))


@pytest.mark.parametrize("password", ["geheim99", "geheim密码"])
def test_a_password_that_the_server_says_back_is_in_no_words_of_ours(serve: Serve, password: str) -> None:
    spelt = b64encode(password.encode()).decode()
    server = serve(
        "ops", "another", password, says=f"535 no such thing as {password.encode('ascii', 'replace')!r} {spelt}"
    )
    with pytest.raises(Unreachable) as refused:
        send(server)
    words = "".join(format_exception(refused.value))
    assert "535" in words
    assert spelt not in words
    assert "geheim99" not in words


def test_a_recipient_that_no_command_carries_is_refused_for_good(serve: Serve) -> None:
    with pytest.raises(Undeliverable, match="UnicodeEncodeError"):
        send(serve("ops", "s3cret"), "张敏@example.com")


@pytest.mark.parametrize("host", ["mail..example.com", ".example.com", "a" * 70 + ".example.com"])
def test_a_host_that_no_name_server_can_be_asked_is_refused_and_else_waited_with(host: str) -> None:
    with pytest.raises(ValidationError, match="this is no host"):
        SmtpConfig(host=host)
    config = SmtpConfig(host="mail.example.com", timeout=SHORT)
    object.__setattr__(config, "host", host)  # of a configuration read before there was that rule
    with pytest.raises(Unreachable, match=r"label empty or too long|UnicodeError"):
        SmtpChannel(config, "a@example.com").send("b@example.com", LETTER, "<1@h>")


def test_a_certificate_that_is_none_is_waited_with(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing")
    for file in (tmp_path / "cert.pem", tmp_path / "absent.pem"):
        config = SmtpConfig(host="127.0.0.1", tls="implicit", ca_file=file, timeout=SHORT)
        with pytest.raises(Unreachable):
            SmtpChannel(config, "a@example.com").send("b@example.com", LETTER, "<1@h>")


def test_a_user_has_no_line_break() -> None:
    with pytest.raises(ValidationError):
        SmtpConfig(host="mail.example.com", username="a\nb", password=SecretStr("x"))
