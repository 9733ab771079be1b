"""One contract for every channel, and the classification of whatever a mail server can do to SMTP."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.notify.channel import AnswerLost, Channel, Form, Medium, Undeliverable, Unreachable
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig

NAME = "<1.opened.ab.0@h>"
LETTER = (
    b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nMessage-ID: <1.opened.ab.0@h>\r\n\r\n"
    + b"\r\n.\r\n.dot\r\nlast"
)


class Server:
    """A mail server that keeps what it accepts and misbehaves as told: `fault` is a command and what it does there."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.fault: tuple[str, str] = ("", "")

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._at("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._at("RCPT") or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        command, what = self.fault
        if command == "DATA" and what == "drop_before":
            self._drop(server)
            return "250 never heard"
        if command == "DATA" and what[:1] in "45" and what:
            return what
        assert isinstance(envelope.content, bytes)
        self.kept.append(envelope.content)
        if what == "drop_after":
            self._drop(server)
        if what == "hang":
            await asyncio.sleep(3)
        return "250 kept as 1"

    def _at(self, command: str) -> str:
        return self.fault[1] if self.fault[0] == command else ""

    def _drop(self, server: SMTP) -> None:
        transport: Any = server.transport
        transport.abort()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(port: int) -> Iterator[Server]:
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def smtp(server: Server, port: int) -> SmtpChannel:
    return SmtpChannel(patient(port), "wenfeng@example.com")


def patient(port: int, **changes: Any) -> SmtpConfig:
    short = timedelta(seconds=1)
    return SmtpConfig(
        **{"host": "127.0.0.1", "port": port, "tls": "none", "timeout": short, "accept_timeout": short} | changes
    )


@pytest.fixture(params=["smtp", "folder"])
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Channel, Callable[[], list[bytes]]]:
    if request.param == "folder":
        folder = tmp_path / "letters"
        return FolderChannel(FolderConfig(path=folder)), lambda: [path.read_bytes() for path in folder.glob("*.eml")]
    server, channel = request.getfixturevalue("server"), request.getfixturevalue("smtp")
    return channel, lambda: server.kept


def test_an_accepted_letter_arrives_byte_for_byte(mailbox: tuple[Channel, Callable[[], list[bytes]]]) -> None:
    channel, kept = mailbox
    assert channel.send("b@example.com", LETTER, NAME)
    assert [letter.rstrip(b"\r\n") for letter in kept()] == [LETTER]


def test_two_notices_and_two_recipients_are_three_letters(
    mailbox: tuple[Channel, Callable[[], list[bytes]]],
) -> None:
    channel, kept = mailbox
    channel.send("b@example.com", LETTER, NAME)
    channel.send("c@example.com", LETTER, NAME)
    channel.send("b@example.com", LETTER.replace(b"<1.", b"<2."), NAME.replace("<1.", "<2."))
    assert len(kept()) == 3


def test_a_letter_that_was_accepted_may_be_sent_again_and_is_the_same(
    mailbox: tuple[Channel, Callable[[], list[bytes]]],
) -> None:
    channel, kept = mailbox
    for _ in range(2):
        channel.send("b@example.com", LETTER, NAME)
    assert {letter.rstrip(b"\r\n") for letter in kept()} == {LETTER}


def test_the_answer_is_one_line_for_the_record(mailbox: tuple[Channel, Callable[[], list[bytes]]]) -> None:
    channel, _ = mailbox
    answer = channel.send("b@example.com", LETTER, NAME)
    assert len(answer.splitlines()) == 1
    assert len(answer) <= 500


def test_a_channel_says_its_name_and_how_long_it_may_take(mailbox: tuple[Channel, Callable[[], list[bytes]]]) -> None:
    channel, _ = mailbox
    assert channel.name in ("smtp", "folder")
    assert channel.longest > timedelta(0)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["450 later", "451 later", "452 full", "421 closing"])
def test_a_temporary_answer_is_unreachable(smtp: SmtpChannel, server: Server, command: str, answer: str) -> None:
    server.fault = (command, answer)
    with pytest.raises(Unreachable, match=answer[:3]):
        smtp.send("b@example.com", LETTER, NAME)
    assert server.kept == []


@pytest.mark.parametrize(
    ("command", "answer"), [("RCPT", "550 no such user"), ("DATA", "554 spam"), ("DATA", "552 big")]
)
def test_a_final_answer_is_undeliverable(smtp: SmtpChannel, server: Server, command: str, answer: str) -> None:
    server.fault = (command, answer)
    with pytest.raises(Undeliverable, match=answer):
        smtp.send("b@example.com", LETTER, NAME)


def test_an_answer_about_ourselves_is_not_the_letters_fault(smtp: SmtpChannel, server: Server) -> None:
    server.fault = ("MAIL", "530 authentication required")
    with pytest.raises(Unreachable):
        smtp.send("b@example.com", LETTER, NAME)


@pytest.mark.parametrize(("what", "copies"), [("drop_before", 0), ("drop_after", 1), ("hang", 1)])
def test_a_lost_answer_is_unreachable_whether_kept_or_not(
    smtp: SmtpChannel, server: Server, what: str, copies: int
) -> None:
    """It is told apart from a closed door: the letter may have arrived."""
    server.fault = ("DATA", what)
    with pytest.raises(AnswerLost, match="no answer after the whole message"):
        smtp.send("b@example.com", LETTER, NAME)
    assert len(server.kept) == copies


def test_a_closed_port_is_unreachable(port: int) -> None:
    with pytest.raises(Unreachable) as found:
        SmtpChannel(patient(port), "a@example.com").send("b@example.com", LETTER, NAME)
    assert not isinstance(found.value, AnswerLost)


def test_a_server_that_answers_the_whole_message_with_later_has_lost_no_answer(
    smtp: SmtpChannel, server: Server
) -> None:
    server.fault = ("DATA", "421 closing")
    with pytest.raises(Unreachable) as found:
        smtp.send("b@example.com", LETTER, NAME)
    assert not isinstance(found.value, AnswerLost)


def test_a_server_that_never_speaks_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = patient(silent.getsockname()[1], timeout=timedelta(milliseconds=200))
        with pytest.raises(Unreachable):
            SmtpChannel(config, "a@example.com").send("b@example.com", LETTER, NAME)


def test_without_starttls_nothing_is_sent(server: Server, port: int) -> None:
    config = patient(port, tls="starttls")
    with pytest.raises(Unreachable, match="STARTTLS"):
        SmtpChannel(config, "a@example.com").send("b@example.com", LETTER, NAME)
    assert server.kept == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mail.example.com", "tls": "none"},
        {"host": "mail.example.com", "username": "u"},
        {"host": "127.0.0.1", "tls": "none", "username": "u", "password": "p"},
    ],
)
def test_an_unguarded_connection_is_refused_at_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"none|password"):
        SmtpConfig(**wrong)


def test_a_folder_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file in the way")
    with pytest.raises(Unreachable):
        FolderChannel(FolderConfig(path=tmp_path / "letters")).send("b@example.com", LETTER, NAME)


def test_a_second_copy_of_a_letter_is_the_same_file(tmp_path: Path) -> None:
    channel = FolderChannel(FolderConfig(path=tmp_path))
    channel.send("b@example.com", LETTER, NAME)
    channel.send("b@example.com", LETTER, NAME)
    channel.send("c@example.com", LETTER, NAME)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("medium", "ending"), [("mail", "eml"), ("text", "txt"), ("markdown", "md")])
def test_a_folder_keeps_each_medium_under_its_own_ending(tmp_path: Path, medium: Medium, ending: str) -> None:
    config = FolderConfig(path=tmp_path / "new" / "folder", medium=medium, limit=2_000)
    assert config.form == Form(Medium(medium), 2_000)
    answer = FolderChannel(config, "notes").send("b@example.com", "【请办理】".encode(), NAME)
    (kept,) = config.path.iterdir()
    assert kept.read_text("utf-8") == "【请办理】"
    assert answer == f"stored {kept.name}"
    assert re.fullmatch(rf"1\.opened\.ab\.0\.[0-9a-f]{{8}}\.{ending}", kept.name)


@pytest.mark.parametrize("name", ["<../../etc/passwd@h>", "<a/b\\c@h>", "<\u202e文@h>", "<>", ""])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    FolderChannel(FolderConfig(path=inside)).send("../b", LETTER, name)
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [inside]


def test_half_a_file_is_never_taken_for_a_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    channel = FolderChannel(FolderConfig(path=tmp_path))
    monkeypatch.setattr("alerts.notify.channels.folder.os.fsync", full)
    with pytest.raises(Unreachable, match="No space left"):
        channel.send("b@example.com", LETTER, NAME)
    assert list(tmp_path.glob("*.eml")) == []
