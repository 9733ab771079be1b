"""Whatever an IMAP server can do to us is "away for now", in words without the password."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest

from alerts.notify.inbox import InboxConfig
from alerts.replies.imap import ImapMailbox
from alerts.replies.inbox import LONGEST, InboxAway
from scripts.engines.dovecot import PASSWORD, guarded
from tests.alerts.replies.mailing import DovecotMailbox, configured, mail
from tests.dripping import dripping
from tests.engines import ENVIRONMENT

FAR = {"address": "wenfeng@example.com", "host": "127.0.0.1", "tls": "none", "username": "u"}
Line = Callable[[str], bytes | None]


def config_at(port: int, **changes: object) -> InboxConfig:
    return configured(FAR | {"port": port, "password_env": "WENFENG_INBOX", "timeout": "1s"} | changes)


@contextmanager
def scripted(answers: Line, greeting: bytes = b"* OK ready\r\n") -> Iterator[int]:
    """A server that answers each command as `answers` says, `%` being its tag; None drops the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, connection.makefile("rwb") as stream:
                    try:
                        stream.write(greeting)
                        stream.flush()
                        for line in stream:
                            tag, _, command = line.decode().strip().partition(" ")
                            told = answers(command)
                            if told is None:
                                break
                            stream.write(told.replace(b"%", tag.encode()))
                            stream.flush()
                    except OSError:
                        pass

        Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def usual(command: str) -> bytes | None:
    """What an ordinary server with one mail says."""
    word = command.split()[0].upper()
    if command.upper().startswith("UID SEARCH"):
        return b"* SEARCH 7\r\n% OK done\r\n"
    if "SIZE" in command:
        return b"* 1 FETCH (UID 7 RFC822.SIZE 40)\r\n% OK done\r\n"
    if command.upper().startswith("UID FETCH"):
        return b"* 1 FETCH (UID 7 BODY[]<0> {10}\r\n0123456789)\r\n% OK done\r\n"
    return b"* BYE\r\n% OK done\r\n" if word == "LOGOUT" else b"* CAPABILITY IMAP4rev1\r\n% OK done\r\n"


def instead(at: str, told: bytes | None) -> Line:
    return lambda command: told if at in command.upper() else usual(command)


def read(config: InboxConfig, **settings: timedelta) -> list[bytes]:
    with ImapMailbox(config, **settings).open() as inbox:
        found = [one.raw for one in inbox.unread(10)]
        inbox.mark_read("7")
        return found


def test_an_ordinary_server_is_read() -> None:
    with scripted(usual) as port:
        assert read(config_at(port)) == [b"0123456789"]


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("LOGIN", b"% NO [AUTHENTICATIONFAILED] wrong " + PASSWORD.encode() + b"\r\n"),
        ("LOGIN", b"% BAD what\r\n"),
        ("LOGIN", None),
        ("SELECT", b"% NO no such folder\r\n"),
        ("UID SEARCH", b"% NO busy\r\n"),
        ("UID SEARCH", b"* BYE going down\r\n"),
        ("UID SEARCH", b"* SEARCH x y\r\n% OK done\r\n"),
        ("SIZE", b"% NO busy\r\n"),
        ("SIZE", None),
        ("BODY", b"* 1 FETCH (UID 7 BODY[]<0> {1000}\r\nhalf"),
        ("BODY", b"* 1 FETCH (UID 7 BODY[]<0> {99999999}\r\n"),
        ("BODY", b"\xff\xfe\x00 nonsense\r\n"),
        ("STORE", b"% NO read-only\r\n"),
        ("STORE", None),
    ],
)
def test_whatever_a_server_answers_the_mailbox_is_away_and_the_password_is_not_told(
    at: str, told: bytes | None
) -> None:
    with scripted(instead(at, told)) as port, pytest.raises(InboxAway) as away:
        read(config_at(port))
    assert away.value.reason.startswith(f"127.0.0.1:{port}: ")
    assert PASSWORD not in f"{away.value!r}{away.value.__cause__!r}"
    assert len(away.value.reason) <= 500


@pytest.mark.parametrize("greeting", [b"* BYE overloaded\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\r\n", b"x" * 2_000])
def test_a_server_that_greets_otherwise_is_away(greeting: bytes) -> None:
    with scripted(usual, greeting) as port, pytest.raises(InboxAway):
        read(config_at(port))


def test_a_refused_connection_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(InboxAway, match="refused"):
        read(config_at(port))


def test_a_server_that_says_nothing_is_left_after_the_timeout() -> None:
    began = time.monotonic()
    with scripted(usual, greeting=b"") as port, pytest.raises(InboxAway, match=r"(?i)timed out|timeout"):
        read(config_at(port))
    assert time.monotonic() - began < 5


def test_a_server_that_drips_is_cut_off_at_the_sessions_end() -> None:
    """Each byte comes within the timeout, so none is ever met."""
    began = time.monotonic()
    with dripping(b"*", 0.1) as port, pytest.raises(InboxAway):
        read(config_at(port), session=timedelta(seconds=1))
    assert time.monotonic() - began < 5


def test_a_mail_that_is_gone_meanwhile_is_left_out() -> None:
    with scripted(instead("SIZE", b"% OK done\r\n")) as port:
        assert read(config_at(port)) == []


def test_of_a_mail_that_is_too_long_only_the_beginning_is_asked_for(dovecot: DovecotMailbox) -> None:
    dovecot.put(b"Message-ID: <long@example.com>\r\n\r\n" + b"x" * 78 * (LONGEST // 78 + 1))
    with dovecot.mailbox.open() as inbox:
        (one,) = inbox.unread(10)
    assert one.too_long
    assert len(one.raw) == 65_536
    assert one.raw.startswith(b"Message-ID: <long@example.com>")


def test_a_wrong_password_at_the_real_server_is_told_without_it(dovecot: DovecotMailbox) -> None:
    port = dovecot.config.port
    wrong = configured(FAR | {"port": port, "password_env": "WENFENG_INBOX"}, password="geheim-und-falsch")
    with pytest.raises(InboxAway, match="AUTHENTICATIONFAILED") as away:
        read(wrong)
    assert "geheim" not in str(away.value)


def test_a_user_and_password_in_chinese_are_tried_in_utf8(dovecot: DovecotMailbox) -> None:
    names = FAR | {"port": dovecot.config.port, "username": "闻风", "password_env": "WENFENG_INBOX"}
    with pytest.raises(InboxAway, match="AUTHENTICATIONFAILED"):
        read(configured(names, password="密码123"))


def test_tls_from_the_first_byte_and_starttls_reach_the_real_server(dovecot: DovecotMailbox) -> None:
    port, authority = guarded(ENVIRONMENT.parent / "dovecot")
    dovecot.put(mail())
    plain = {"username": dovecot.config.username, "folder": "Replies", "ca_file": authority, "host": "localhost"}
    for changes in ({"tls": "implicit", "port": port}, {"tls": "starttls", "port": dovecot.config.port}):
        told = configured(FAR | plain | {"password_env": "WENFENG_INBOX"} | changes)
        with ImapMailbox(told).open() as inbox:
            assert len(list(inbox.unread(10))) == 1


def test_a_certificate_that_nobody_vouches_for_is_away(dovecot: DovecotMailbox) -> None:
    port, _ = guarded(ENVIRONMENT.parent / "dovecot")
    with pytest.raises(InboxAway, match="certificate"):
        read(config_at(port, tls="implicit"))


def test_a_server_without_starttls_is_never_spoken_to_plainly() -> None:
    seen: list[str] = []

    def noted(command: str) -> bytes | None:
        seen.append(command)
        return usual(command)

    with scripted(noted) as port, pytest.raises(InboxAway):
        read(config_at(port, tls="starttls"))
    assert not [command for command in seen if "LOGIN" in command]
