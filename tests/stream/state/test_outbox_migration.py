"""Letters that the version before queued, in every state, go on with the same bytes under the same name; and back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from alerts.notify.channel import Medium, Unreachable
from alerts.notify.outbox import CaseRef
from alerts.notify.tables import OutboxRow
from stream.state.database import MIGRATIONS, migrate, open_state
from tests.alerts.notify.posting import Door, put, routing, rows, send
from tests.alerts.notify.posting import notice as a_notice

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEW, BEFORE = "0009", "0008"
NAMES = ("queued", "tried", "second", "claimed", "sent", "filed", "failed", "withdrawn")
BOTH = routing("smtp", "folder")
REF = CaseRef(1, 1, "opened-acknowledge", 0)


def letter(name: str, body: str) -> bytes:
    message = EmailMessage()
    message["Message-ID"], message["Subject"] = f"<{name}@example.com>", "舆情"
    message.set_content(body)
    return message.as_bytes() + b"\x00\xff\r\n"


def old_row(number: int, name: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "id": number, "case_id": 1, "task_id": 1, "step": "opened-acknowledge", "recipient": f"{name}@example.com",
        "revision": 0, "message_id": f"<{name}@example.com>", "message": letter(name, "引文"),
        "plain": letter(name, "无引文"), "without_text": False, "state": name, "token": None, "lease_until": None,
        "attempts": 0, "next_at": NOW, "queued_at": NOW, "sent_at": None, "second_at": None, "answer": None,
    }  # fmt: skip
    assert changes.keys() <= plain.keys()
    return plain | changes


OLD = [
    old_row(3, "queued"),
    old_row(4, "tried", state="queued", attempts=2, answer="smtp: timed out", next_at=NOW + MINUTE, without_text=True),
    old_row(5, "second", state="queued", attempts=5, answer="smtp: refused", second_at=NOW - MINUTE),
    old_row(6, "claimed", token="1f elsewhere 1", lease_until=NOW + 5 * MINUTE, attempts=1),
    old_row(7, "sent", sent_at=NOW, answer="smtp: 250 ok", attempts=1),
    old_row(8, "filed", state="sent", sent_at=NOW, answer="file: stored x.eml", attempts=1),
    old_row(9, "failed", answer="smtp: RCPT: 550 no", attempts=2, without_text=True),
    old_row(11, "withdrawn"),
]


def move(engine: Engine, revision: str, up: bool = True) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if up else command.downgrade)(config, revision)


@pytest.fixture(params=["sqlite", "postgres"])
def lived_in(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A state of the version before, with a case, a task and a letter in every state."""
    if request.param == "sqlite":
        engine = open_state(f"sqlite:///{tmp_path / 'old.db'}")
        yield filled(engine)
        engine.dispose()
        return
    with request.getfixturevalue("postgres").database(migrated=False) as url:
        engine = open_state(url)
        yield filled(engine)
        engine.dispose()


def filled(engine: Engine) -> Engine:
    migrate(engine, BEFORE)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO alert_case (id, open_key, topic, stage, grade, opened_at, since, notified, peak, "
                "last_spike_at, revision, found) VALUES (1, 'outage', 'outage', 'screening', 'yellow', :now, :now, 1, "
                "1, :now, 0, '{}')"
            ),
            {"now": stored(engine, NOW)},
        )
        connection.execute(
            text(
                "INSERT INTO alert_task (id, case_id, step, turn, level, desk, began_at, due_at, warn_at) VALUES "
                "(1, 1, 'acknowledge', 0, 0, 'publicity', :now, :now, :now)"
            ),
            {"now": stored(engine, NOW)},
        )
        columns = list(OLD[0])
        insert = f"INSERT INTO alert_outbox ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})"
        connection.execute(text(insert), [{name: stored(engine, value) for name, value in row.items()} for row in OLD])
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('alert_outbox_id_seq', 11)"))
    return engine


def stored(engine: Engine, value: Any) -> Any:
    """A time as SQLAlchemy keeps it on SQLite: in UTC, without saying so."""
    if isinstance(value, datetime) and engine.dialect.name == "sqlite":
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def by_name(engine: Engine, place: int = 0) -> dict[str, OutboxRow]:
    return {row.message_id.strip("<>").split("@")[0]: row for row in rows(engine) if row.place == place}


def test_every_row_goes_on_with_its_bytes_its_name_and_its_state(lived_in: Engine) -> None:
    move(lived_in, "head")
    found = by_name(lived_in)
    assert found.keys() == set(NAMES)
    for old in OLD:
        row = found[old["message_id"].strip("<>").split("@")[0]]
        for name in old.keys() - {"second_at"}:
            assert getattr(row, name) == old[name], name
        assert (row.medium, row.notice, row.person) == ("mail", None, None)


def test_what_had_ended_says_by_which_channel_and_what_waits_has_none_yet(lived_in: Engine) -> None:
    move(lived_in, "head")
    assert {name: row.channel for name, row in by_name(lived_in).items()} == {
        "queued": None, "tried": None, "second": None, "claimed": None, "sent": "smtp", "filed": "folder",
        "failed": "smtp", "withdrawn": None,
    }  # fmt: skip
    (copy,) = by_name(lived_in, place=1).values()
    assert (copy.message_id, copy.channel, copy.state, copy.sent_at) == (
        "<second@example.com>", "folder", "sent", NOW - MINUTE
    )  # fmt: skip


def test_what_waited_is_sent_as_it_was_written_and_what_was_sent_is_not_sent_again(lived_in: Engine) -> None:
    move(lived_in, "head")
    mail, folder = Door([True], "smtp"), Door([True], "folder")
    for minute in (0, 1, 6):
        send(lived_in, BOTH, NOW + minute * MINUTE, mail, folder)
    expected = {old["message_id"]: old for old in OLD if old["state"] in ("queued", "claimed")}
    assert {name for _, _, name in mail.taken} == expected.keys()
    assert len(mail.taken) == len(expected)
    for recipient, content, name in mail.taken:
        old = expected[name]
        assert (recipient, content) == (old["recipient"], old["plain" if old["without_text"] else "message"])
    assert folder.taken == []
    assert {row.state for row in rows(lived_in)} == {"sent", "failed", "withdrawn"}


def test_a_server_that_is_away_still_has_the_folder_behind_it_once(lived_in: Engine) -> None:
    move(lived_in, "head")
    mail, folder = Door([Unreachable("closed")], "smtp"), Door([True], "folder")
    for minute in range(0, 60, 2):
        send(lived_in, BOTH, NOW + minute * MINUTE, mail, folder)
    assert sorted(name for _, _, name in folder.taken) == [  # `second` has been there before
        "<claimed@example.com>", "<queued@example.com>", "<tried@example.com>"
    ]  # fmt: skip


def test_an_installation_with_a_folder_alone_goes_on_with_it(lived_in: Engine) -> None:
    move(lived_in, "head")
    folder, alone = Door([True], "folder"), routing("folder")
    for minute in (0, 1, 6):
        send(lived_in, alone, NOW + minute * MINUTE, folder)
    assert {name for _, _, name in folder.taken} == {
        "<queued@example.com>", "<tried@example.com>", "<claimed@example.com>"
    }  # fmt: skip
    assert by_name(lived_in)["second"].state == "queued"  # the folder has it, and mail is configured no more


def test_a_notice_under_a_name_that_was_sent_before_is_not_queued_again(lived_in: Engine) -> None:
    move(lived_in, "head")
    before = len(rows(lived_in))
    for name in NAMES:
        assert put(lived_in, BOTH, REF, a_notice(f"{name}@example.com")) == []
    assert len(rows(lived_in)) == before
    put(lived_in, BOTH, REF, a_notice("fresh@example.com"))
    assert len(rows(lived_in)) == before + 2  # with ids of their own behind the old ones
    assert len({row.id for row in rows(lived_in)}) == before + 2


def test_the_way_back_leaves_what_the_version_before_had(lived_in: Engine) -> None:
    move(lived_in, NEW)
    move(lived_in, BEFORE, up=False)
    columns = list(OLD[0])
    with lived_in.connect() as connection:
        found = connection.execute(text(f"SELECT {', '.join(columns)} FROM alert_outbox ORDER BY id")).mappings().all()
    assert [row["message_id"] for row in found] == [old["message_id"] for old in OLD]
    for row, old in zip(found, OLD, strict=True):
        for name in columns:
            value = bytes(row[name]) if isinstance(old[name], bytes) else row[name]
            assert value == stored(lived_in, old[name]), name
    move(lived_in, "head")
    assert by_name(lived_in).keys() == set(NAMES)


def test_the_way_back_keeps_the_mail_of_what_is_new_and_forgets_other_media(lived_in: Engine) -> None:
    move(lived_in, "head")
    put(lived_in, routing("chat", "smtp", "folder", media={"chat": Medium.TEXT}), REF, a_notice("new@example.com"))
    mail = next(row.message for row in rows(lived_in) if (row.person, row.channel) == ("zhang", "smtp"))
    move(lived_in, BEFORE, up=False)
    with lived_in.connect() as connection:
        query = text("SELECT message, state FROM alert_outbox WHERE message_id = '<new@example.com>'")
        (kept,) = connection.execute(query).all()
    assert (bytes(kept.message), kept.state) == (mail, "queued")
