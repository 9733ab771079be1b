"""Accounts are those of alerts.yml; the log has what was done, the newest first."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from alerts.config import AlertsConfig
from alerts.console.accounts.access import Access, note_access
from alerts.console.accounts.sessions import begin_session
from alerts.console.records import ACCESS_NAMES, AccountStanding, last_access, list_accesses, list_accounts
from alerts.people.accounts import AccountRow
from stream.state.database import reading, transaction

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_everybody_of_the_configuration_has_a_line_and_nobody_else(engine: Engine, config: AlertsConfig) -> None:
    with transaction(engine) as session:
        session.add(AccountRow(person="li_qiang", password="$argon2id$x", invited_at=NOW, changed_at=NOW))
        session.add(AccountRow(person="wang_fang", password=None, invited_at=NOW, changed_at=None))
        session.add(AccountRow(person="gone", password="$argon2id$x", invited_at=None, changed_at=NOW))
    begin_session(engine, "li_qiang", NOW - MINUTE)
    begin_session(engine, "li_qiang", NOW)
    found = {one.key: one for one in list_accounts(engine, config.people)}
    assert list(found) == list(config.people)
    assert found["li_qiang"] == AccountStanding("li_qiang", "李强", True, NOW, NOW)
    assert found["wang_fang"] == AccountStanding("wang_fang", "王芳", False, NOW, None)
    assert found["zhang_min"] == AccountStanding("zhang_min", "张敏", False, None, None)


def test_the_log_is_read_from_its_end_and_no_further_than_asked(engine: Engine) -> None:
    with transaction(engine) as session:
        for minutes in range(4):
            note_access(
                session, NOW + minutes * MINUTE, Access.SAMPLE, person="zhang_min", client="10.0.0.1",
                detail=str(minutes),
            )  # fmt: skip
    assert [(one.at, one.detail) for one in list_accesses(engine, 2)] == [
        (NOW + 3 * MINUTE, "3"), (NOW + 2 * MINUTE, "2")
    ]  # fmt: skip


def test_the_last_time_is_that_of_the_same_person_and_deed(engine: Engine) -> None:
    with transaction(engine) as session:
        note_access(session, NOW, Access.SAMPLE, person="zhang_min", client="")
        note_access(session, NOW + MINUTE, Access.RETRY, person="zhang_min", client="")
        note_access(session, NOW + MINUTE, Access.SAMPLE, person="li_qiang", client="")
    with reading(engine) as session:
        assert last_access(session, "zhang_min", Access.SAMPLE) == NOW
        assert last_access(session, "wang_fang", Access.SAMPLE) is None


def test_whatever_is_recorded_has_words() -> None:
    assert set(ACCESS_NAMES) == set(Access)
