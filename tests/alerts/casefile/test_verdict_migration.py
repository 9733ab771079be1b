"""Revision 0010 on both databases: verdicts become keys and words again, and the histories stay as they were."""

from dataclasses import replace
from datetime import datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text

from alerts.casefile.tables import AnnouncementRow, EventRow, broken_link, insert_case, record
from alerts.words import VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.parts import Verdict
from stream.state.database import MIGRATIONS, migrate, reading, transaction

BEFORE = "0009"


@pytest.fixture
def decided(engine: Engine, new_case: Case, now: datetime) -> Engine:
    """One case without a verdict and one of each, as the version before wrote them: with words, in the record, too."""
    with transaction(engine) as session:
        for number, verdict in enumerate((None, *Verdict)):
            row = insert_case(session, replace(new_case, topic=f"topic{number}", verdict=verdict), "{}")
            detail = {"stage": "responding"} | ({"verdict": VERDICT_NAMES[verdict]} if verdict else {})
            record(session, row.id, "verify", at=now, by="陈伟", note="x", detail=detail)
    downgrade(engine)
    return engine


def downgrade(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)


def verdicts(engine: Engine) -> list[str | None]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT verdict FROM alert_case ORDER BY id")))


def kept(engine: Engine) -> tuple[list[str], list[bytes]]:
    """The details of all events, and what waits for the log."""
    with reading(engine) as session:
        details = list(session.scalars(select(EventRow.detail).order_by(EventRow.id)))
        waiting = list(session.scalars(select(AnnouncementRow.message).order_by(AnnouncementRow.event_id)))
        return details, waiting


def test_words_become_keys_and_words_again(decided: Engine) -> None:
    assert verdicts(decided) == [None, *VERDICT_NAMES.values()]
    migrate(decided)
    assert verdicts(decided) == [None, *map(str, Verdict)]
    downgrade(decided)
    assert verdicts(decided) == [None, *VERDICT_NAMES.values()]


def test_histories_and_what_waits_for_the_log_stay_byte_for_byte(decided: Engine) -> None:
    before = kept(decided)
    assert all("谣言" not in one for one in before[0][:1])
    assert '"verdict": "谣言"' in before[0][1]
    migrate(decided)
    assert kept(decided) == before
    with reading(decided) as session:
        for case_id in range(1, len(Verdict) + 2):
            query = select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number)
            assert broken_link(session.scalars(query).all()) is None
