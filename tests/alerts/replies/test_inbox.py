"""One contract for every mailbox: the real Dovecot's, and the one in memory that other tests read."""

import pytest

from alerts.replies.inbox import Mailbox
from tests.alerts.replies.mailing import DovecotMailbox, MemoryMailbox, mail

Both = tuple[MemoryMailbox | DovecotMailbox, Mailbox]


def test_an_empty_mailbox_yields_nothing(both: Both) -> None:
    _, mailbox = both
    with mailbox.open() as inbox:
        assert list(inbox.unread(10)) == []


def test_mails_come_whole_and_the_oldest_first(both: Both) -> None:
    box, mailbox = both
    mails = [mail(f"第 {number} 封\n\n>.\n.\n") for number in range(3)]
    for raw in mails:
        box.put(raw)
    with mailbox.open() as inbox:
        assert [(one.raw, one.too_long) for one in inbox.unread(10)] == [(raw, False) for raw in mails]


def test_looking_marks_nothing_and_what_is_marked_comes_no_more(both: Both) -> None:
    box, mailbox = both
    box.put(mail("一"))
    box.put(mail("二"))
    with mailbox.open() as inbox:
        first, _ = inbox.unread(10)
    assert box.left() == 2
    with mailbox.open() as inbox:
        assert next(iter(inbox.unread(10))) == first
        inbox.mark_read(first.uid)
    assert box.left() == 1
    with mailbox.open() as inbox:
        assert [one.raw for one in inbox.unread(10)] != [first.raw]


def test_marking_while_reading_disturbs_nothing(both: Both) -> None:
    box, mailbox = both
    for number in range(4):
        box.put(mail(f"{number}"))
    with mailbox.open() as inbox:
        for number, one in enumerate(inbox.unread(3)):
            assert f"{number}".encode() in one.raw.rpartition(b"\r\n\r\n")[2]
            inbox.mark_read(one.uid)
    assert box.left() == 1


def test_a_session_may_be_opened_again_and_again(both: Both) -> None:
    box, mailbox = both
    box.put(mail())
    for _ in range(12):
        with mailbox.open() as inbox:
            assert len(list(inbox.unread(1))) == 1


def test_what_goes_wrong_while_a_mail_is_dealt_with_is_not_the_mailboxs(both: Both) -> None:
    box, mailbox = both
    box.put(mail())

    def deal() -> None:
        with mailbox.open() as inbox:
            for _ in inbox.unread(1):
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deal()
    assert box.left() == 1
