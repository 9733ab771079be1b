"""A mailbox read over IMAP: what is in the log, what is marked read, and when."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from imaplib import IMAP4
from pathlib import Path
from secrets import token_hex
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Engine

from crawlers.health import all_sources
from crawlers.push.mailbox.imap import LONGEST, MailboxAway
from crawlers.push.mailbox.source import MailboxSource
from crawlers.push.mailbox.taking import MailboxSummary, take_mailbox
from scripts.engines.dovecot import PASSWORD as DOVECOTS
from stream.errors import Retryable
from stream.log.broker import RAW, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import ScriptedClock
from stream.process.failpoints import arm
from stream.state.source_health import SourceHealth
from tests.crawlers.published import published
from tests.crawlers.push.mailbox.post_office import PASSWORD, PostOffice, mail
from tests.engines import engine

START = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)


class Reader:
    """One mailbox as it is read, with its log and its memory."""

    def __init__(self, folder: Path, state: Engine, office: PostOffice) -> None:
        self.office, self.engine, self.clock = office, state, ScriptedClock(START)
        with closing(SqliteAdmin(folder / "log.db")) as admin:
            admin.apply([Topic(RAW)])
        self.producer = SqliteProducer(folder / "log.db", self.clock)
        self._consumer = SqliteConsumer(folder / "log.db", self.clock, group="test", topics=[RAW])

    def take(self, **changes: Any) -> MailboxSummary:
        told: dict[str, Any] = {
            "site": "yijian", "basis": "our own", "host": "127.0.0.1", "port": self.office.port, "tls": "none",
            "username": "yijian", "password_env": "WENFENG_MAIL", "timeout": "5s", "cron": "*/5 * * * *",
        }  # fmt: skip
        context = {"WENFENG_MAIL": changes.pop("password", PASSWORD)}
        source = TypeAdapter(MailboxSource).validate_python(told | changes, context=context)
        return take_mailbox(
            "mail", source, producer=self.producer, engine=self.engine, voice_key=b"k" * 32, clock=self.clock
        )

    def posts(self) -> list[Post]:
        return published(self._consumer)

    def health(self) -> SourceHealth:
        return all_sources(self.engine)["mail"]

    def close(self) -> None:
        self.producer.close()
        self._consumer.close()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    server = PostOffice()
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def reader(tmp_path: Path, state: Engine, office: PostOffice) -> Iterator[Reader]:
    one = Reader(tmp_path, state, office)
    yield one
    one.close()


def test_mails_come_into_the_log_oldest_first_and_are_marked_read(reader: Reader) -> None:
    reader.office.put(mail("一"), mail("二"))
    assert reader.take() == MailboxSummary(read=2, sent=2)
    assert sorted(post.text for post in reader.posts()) == ["一", "二"]
    fetched = [line for line in reader.office.heard if "FETCH" in line]
    assert fetched == [f"UID FETCH {uid} (BODY.PEEK[]<0.{LONGEST}>)" for uid in (1, 2)]
    assert reader.office.read == {0, 1}
    assert reader.take() == MailboxSummary()
    row = reader.health()
    assert (row.state, row.pages, row.fresh_until) == ("ok", 1, START + timedelta(minutes=10))


def test_nothing_of_the_writer_is_kept_and_the_message_id_neither(reader: Reader) -> None:
    reader.office.put(mail())
    reader.take()
    (post,) = reader.posts()
    assert (post.title, post.text, post.voice, post.kind, post.crawl.parser) == (
        "停水", "三号楼停水了", None, "suggestion", "mailbox",
    )  # fmt: skip
    assert post.published_at == datetime(2026, 11, 28, 14, 58, tzinfo=UTC)
    for told in ("zhang", "张三", "corp.cn"):
        assert told not in repr(post)


def test_a_mailbox_that_is_not_internal_keeps_a_voice(reader: Reader) -> None:
    reader.office.put(mail("一"), mail("二"), mail("三", From="ls@corp.cn"))
    reader.take(internal=False)
    voices = {post.text: post.voice for post in reader.posts()}  # in what order, their ids decide
    assert (voices["一"] == voices["二"] is not None, voices["三"] not in (None, voices["一"])) == (True, True)


def test_a_mail_that_comes_twice_is_one_post(reader: Reader) -> None:
    twice = mail(Message_ID="<1@a>")
    reader.office.put(twice, twice)
    assert reader.take() == MailboxSummary(read=2, sent=1)
    assert (len(reader.posts()), reader.office.read) == (1, {0, 1})


def test_what_no_person_wrote_is_skipped_counted_and_marked(reader: Reader) -> None:
    reader.office.put(
        mail(Auto_Submitted="auto-replied"), mail(Return_Path="<>"), mail(" ", Subject=""), mail("好"),
    )  # fmt: skip
    assert reader.take() == MailboxSummary(read=4, sent=1, skipped={"auto_reply": 1, "bounce": 1, "empty": 1})
    assert ([post.text for post in reader.posts()], len(reader.office.read)) == (["好"], 4)
    assert reader.health().state == "ok"


def test_words_that_are_in_no_form_that_is_read_make_the_source_partial(reader: Reader) -> None:
    reader.office.put(b"From: a@corp.cn\r\nSubject: water\r\nContent-Type: application/ms-tnef\r\n\r\nAAAA")
    assert reader.take().sent == 1
    assert (reader.health().state, reader.health().reason) == (
        "partial",
        "1 × words_not_read (application/ms-tnef: look into the mailbox)",
    )


@pytest.mark.parametrize("place", ["crawl.sent", "mailbox.taken"])
def test_a_death_before_the_mark_makes_one_post_of_the_next_look(reader: Reader, place: str) -> None:
    reader.office.put(mail())
    arm(f"{place}=raise@1")
    with pytest.raises(RuntimeError):
        reader.take()
    assert reader.office.read == set()
    assert reader.take().read == 1
    assert len({post.id for post in reader.posts()}) == 1
    assert reader.office.read == {0}


def test_a_log_that_is_away_leaves_the_mail_unread(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.office.put(mail())
    arm("publish.sent=raise@1")
    with pytest.raises(RuntimeError):
        reader.take()
    assert (reader.office.read, reader.posts()) == (set(), [])
    assert reader.health().state == "failed"


def test_a_connection_that_breaks_midway_is_told_and_the_rest_is_read_next_time(reader: Reader) -> None:
    reader.office.put(mail("一"), mail("二"))
    reader.office.dropped_at = "UID STORE"
    with pytest.raises(MailboxAway) as caught:
        reader.take()
    assert f"127.0.0.1:{reader.office.port}: " in caught.value.reason
    assert (reader.health().state, "127.0.0.1" in reader.health().reason) == ("failed", True)
    reader.office.dropped_at = ""
    assert reader.take().read == 2
    assert {post.text for post in reader.posts()} == {"一", "二"}


def test_a_wrong_password_is_told_without_it(reader: Reader) -> None:
    with pytest.raises(Retryable) as caught:
        reader.take(password="wrong-word")
    assert "AUTHENTICATIONFAILED" in caught.value.reason
    assert "wrong-word" not in caught.value.reason


def test_of_a_huge_mail_the_beginning_is_read(reader: Reader) -> None:
    huge = mail("附上照片")
    huge.add_attachment(b"\0" * LONGEST, maintype="image", subtype="jpeg", filename="现场.jpg")
    reader.office.put(huge)
    assert reader.take() == MailboxSummary(read=1, sent=1)
    assert reader.posts()[0].text == "附上照片\n附件：现场.jpg"


def test_another_folder_is_opened_by_its_name(reader: Reader) -> None:
    reader.take(folder="意见")
    assert any(line.startswith("SELECT") and "&" in line for line in reader.office.heard)


def test_a_real_server_is_read_too(reader: Reader) -> None:
    """Dovecot, which makes a mailbox for whoever logs in first."""
    port = urlsplit(engine("WENFENG_TEST_DOVECOT")).port
    user, told = f"u{token_hex(6)}", {"port": port, "password": DOVECOTS, "folder": "意见"}
    with IMAP4("127.0.0.1", port or 0, timeout=10) as client:
        client.login(user, DOVECOTS)
        client.create("&YQ+JwQ-")
        for words in ("一", "二"):
            client.append("&YQ+JwQ-", "", "", mail(words).as_bytes())
    assert reader.take(username=user, **told) == MailboxSummary(read=2, sent=2)
    assert sorted(post.text for post in reader.posts()) == ["一", "二"]
    assert reader.take(username=user, **told) == MailboxSummary()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password_env": None}, "give password_file or password_env"),
        ({"host": "mail.corp.cn"}, "tls: none is for a server on this machine only"),
        ({"every": "7d"}, "cron says how often"),
    ],
)
def test_a_mailbox_that_cannot_be_meant_is_refused(reader: Reader, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        reader.take(**changes)
