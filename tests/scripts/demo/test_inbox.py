from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from pydantic import TypeAdapter

from alerts.notify.inbox import InboxConfig
from alerts.replies.imap import ImapMailbox
from alerts.replies.inbox import InboxAway
from scripts.demo.inbox import ADDRESS, AnswerBox, open_inbox

NOW = datetime(2026, 9, 22, 6, 51, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[AnswerBox]:
    with open_inbox() as opened:
        yield opened


def reader(box: AnswerBox, password: str | None = None) -> ImapMailbox:
    raw = {
        "address": ADDRESS, "host": "127.0.0.1", "port": box.port, "tls": "none", "username": "wenfeng",
        "password_env": "WENFENG_INBOX",
    }  # fmt: skip
    config: InboxConfig = TypeAdapter(InboxConfig).validate_python(
        raw, context={"WENFENG_INBOX": password or box.password}
    )
    return ImapMailbox(config)


def letter(words: str = "请签收") -> EmailMessage:
    written = EmailMessage(policy=default)
    written["From"], written["To"] = "宣传部 <wenfeng@example.com>", "李强 <li.qiang@example.com>"
    written["Message-ID"], written["Subject"] = "<1.overdue.CODE@wenfeng.example.com>", "【逾期转请】"
    written.set_content(words)
    return written


def test_an_answer_is_read_once_by_the_reader_of_the_program(box: AnswerBox) -> None:
    box.answer(letter(), "收到", NOW)
    with reader(box).open() as inbox:
        (received,) = inbox.unread(10)
        inbox.mark_read(received.uid)
    with reader(box).open() as inbox:
        assert list(inbox.unread(10)) == []
    assert received.raw == box.mails[0]
    assert not received.too_long


def test_an_answer_refers_to_its_letter_and_quotes_it_below_the_words(box: AnswerBox) -> None:
    box.answer(letter("请签收\n【回执码 CODE】"), "收到", NOW)
    mail = message_from_bytes(box.mails[0], policy=default)
    assert mail["In-Reply-To"] == "<1.overdue.CODE@wenfeng.example.com>"
    assert (mail["From"], mail["To"]) == ("李强 <li.qiang@example.com>", ADDRESS)
    lines = mail.get_content().splitlines()
    assert lines[0] == "收到"
    assert lines[-1] == "> 【回执码 CODE】"


def test_a_wrong_password_reads_nothing(box: AnswerBox) -> None:
    box.answer(letter(), "收到", NOW)
    with pytest.raises(InboxAway), reader(box, "another").open():
        pass


def test_what_was_not_read_stays_unread(box: AnswerBox) -> None:
    box.answer(letter(), "收到", NOW)
    box.answer(letter(), "误报 演练", NOW)
    with reader(box).open() as inbox:
        inbox.mark_read(next(iter(inbox.unread(1))).uid)
    with reader(box).open() as inbox:
        assert [one.raw for one in inbox.unread(10)] == [box.mails[1]]
