"""The mailbox of the kill loop, read by the adapter that reads every other one."""

from pathlib import Path

from alerts.replies.imap import ImapMailbox
from alerts.replies.parse import read_reply
from tests.alerts.replies.mailing import configured
from tests.faults.answering import WORDS, open_answers
from tests.faults.evidence import Mail
from tests.faults.world import LethalMailbox


def test_first_letters_are_answered_once_and_the_answers_are_read_like_any_mail(tmp_path: Path) -> None:
    letters = LethalMailbox(tmp_path)
    names = [f"<{case}.opened-acknowledge.ab.0.22222222@h>" for case in range(1, 21)]
    with open_answers(letters) as box:
        raw = {"address": "a@b.cn", "host": "127.0.0.1", "port": box.port, "tls": "none", "username": "u"}
        mailbox = ImapMailbox(configured(raw | {"password_env": "WENFENG_INBOX"}))
        for name in (*names, *names, "<1.expected-report.ab.0.22222222@h>"):
            letters.took.append(Mail(name, "zhang.min@example.com", b""))
        with mailbox.open() as inbox:
            found = list(inbox.unread(50))
            inbox.mark_read(found[0].uid)
        replies = [read_reply(one.raw) for one in found]
        with mailbox.open() as inbox:
            assert list(inbox.unread(50)) == found[1:]
    assert 3 < len(replies) < 17
    assert {one.references[0] for one in replies} < set(names)
    assert len({one.message_id for one in replies}) == len(replies)
    assert {(one.sender, one.automatic) for one in replies} == {("zhang.min@example.com", False)}
    assert {one.line for one in replies} == set(WORDS)
    assert sorted(box.names()) == sorted(one.message_id for one in replies)
