"""An installation of the version before the wings opens, and goes on where it was.

tests/earlier/0.1 holds its three files, made by that version's own code (commit 0e53eea), and `expected.json` what lay
in them: two open cases, one with a verdict; letters sent, refused, taken back, waiting and claimed by a process that is
no more; a label, an erased post, a file's memory, a source that was retired.
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from alerts.casefile.deliveries import note_attempt
from alerts.casefile.tables import AnnouncementRow, CaseRow, EventRow, broken_link
from alerts.config import AlertsConfig
from alerts.desk.audit import ChangedHistory, audit
from alerts.desk.cases import list_cases, read_details
from alerts.desk.register import Register
from alerts.notify.delivery import deliver
from alerts.notify.kinds import open_channels
from alerts.notify.tables import OutboxRow
from alerts.workflow.parts import Verdict
from crawlers.cursors import Cursors
from stream.config import StreamConfig
from stream.engines import open_consumer, open_event_reader, open_index_reader, open_log_admin, open_state_engine
from stream.index.port import Query
from stream.log.broker import CASES
from stream.process.clock import ScriptedClock
from stream.process.configuration import Configuration
from stream.state.database import reading, transaction
from stream.state.labels import latest_labels
from stream.state.source_health import SourceHealth
from stream.topics import TopicsConfig

ROOT = Path(__file__).parents[1]
EARLIER = ROOT / "tests" / "earlier" / "0.1"
EXPECTED: dict[str, Any] = json.loads((EARLIER / "expected.json").read_text("utf-8"))
NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def stream(tmp_path: Path) -> StreamConfig:
    """The configuration of an installation on copies of the files."""
    for packed in EARLIER.glob("*.xz"):
        (tmp_path / packed.stem).write_bytes(lzma.decompress(packed.read_bytes()))
    return StreamConfig(var=tmp_path)


@pytest.fixture
def engine(stream: StreamConfig) -> Iterator[Engine]:
    """Its state, migrated by being opened."""
    engine = open_state_engine(stream)
    yield engine
    engine.dispose()


@pytest.fixture
def register(engine: Engine, tmp_path: Path) -> Register:
    example = Configuration(ROOT / "configs" / "example", {})
    alerts, topics = example.add("alerts.yml", AlertsConfig), example.add("topics.yml", TopicsConfig)
    return Register(engine, alerts(), topics())


def letters(engine: Engine) -> list[OutboxRow]:
    with reading(engine) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_cases_are_as_they_were_and_verdicts_have_keys_now(register: Register) -> None:
    found = [summary.case for summary in reversed(list_cases(register, also_ended=True))]
    words = {"谣言": Verdict.RUMOUR, None: None}
    assert [(case.id, case.topic, case.stage, case.verdict, str(case.grade)) for case in found] == [
        (number, topic, stage, words[verdict], grade) for number, topic, stage, verdict, grade in EXPECTED["cases"]
    ]


def test_histories_are_the_same_to_the_last_digest(register: Register) -> None:
    with reading(register.engine) as session:
        events = list(session.scalars(select(EventRow).order_by(EventRow.id)))
    assert [[one.case_id, one.number, one.kind, one.digest] for one in events] == EXPECTED["events"]
    for case_id in {one.case_id for one in events}:
        assert broken_link([one for one in events if one.case_id == case_id]) is None
    assert not [one for one in audit(register, NOW) if isinstance(one, ChangedHistory)]
    assert read_details(register, 2).history[6].verdict is Verdict.RUMOUR  # of an event that has the word


def test_what_a_case_was_opened_for_can_still_be_read(register: Register) -> None:
    details = read_details(register, 1)
    assert details.snapshot.signal.negative == 30
    assert [task.task.step for task in details.tasks] == ["judge"]
    assert details.actions


def test_no_letter_is_lost_doubled_or_changed(register: Register, engine: Engine, tmp_path: Path) -> None:
    rows = letters(engine)
    assert [
        [row.case_id, row.step, row.recipient, row.state, row.attempts, row.message_id, sha256(row.message).hexdigest()]
        for row in rows
    ] == EXPECTED["letters"]

    folder = tmp_path / "mailbox"
    config = AlertsConfig(
        organisation="x", sender="s@example.com", host="example.com", people=register.config.people,
        desks=register.config.desks, ladder=register.config.ladder, folder=folder,
    )  # fmt: skip
    channels = open_channels(config.in_use, config.routing.letterhead)
    attempts = deliver(engine, channels, config.routing, LATER, note_attempt)
    waiting = [row for row in rows if row.state in ("queued", "claimed")]
    assert sorted(one.message_id for one in attempts) == sorted(row.message_id for row in waiting)
    written = {sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.eml")}
    assert written == {sha256(row.message).hexdigest() for row in waiting}
    assert deliver(engine, channels, config.routing, LATER + timedelta(hours=1), note_attempt) == []


def test_history_still_to_be_told_is_told(engine: Engine) -> None:
    with reading(engine) as session:
        assert list(session.scalars(select(AnnouncementRow.event_id))) == EXPECTED["announcements"]


def test_labels_memory_and_sources_are_kept(engine: Engine) -> None:
    (label,) = latest_labels(engine)
    assert (label.label, label.by, label.case_id) == ("neutral", "张敏", 1)
    known = Cursors(engine, "hotline").meet("", ["status:1", "status:2"], LATER)
    assert [one.post is not None for one in known.values()] == [True, True]
    with reading(engine) as session:
        assert {row.source: row.retired_at for row in session.scalars(select(SourceHealth))} == {
            "bbs": None, "retired": None,
        }  # fmt: skip


def test_the_index_finds_what_it_found_and_not_what_was_erased(stream: StreamConfig) -> None:
    with closing(open_index_reader(stream)) as reader:
        assert len(reader.search(Query(), 500).posts) == EXPECTED["posts"]
        assert reader.count(Query(topics=("rumour",))) == 279
    with closing(open_event_reader(stream)) as told:
        assert {event.case_id: event.verdict for event in told.cases()} == {1: None, 2: "谣言"}


def test_the_log_goes_on_from_the_offsets_that_were_committed(stream: StreamConfig) -> None:
    with closing(open_log_admin(stream)) as admin:
        assert sum(end - start for start, end in admin.ends(CASES).values()) == 10
    with closing(open_consumer(stream, ScriptedClock(LATER), "wenfeng.events", [CASES])) as consumer:
        assert consumer.poll(100, 0.0) == []


def test_new_work_goes_on_in_the_old_state(engine: Engine) -> None:
    with transaction(engine) as session:
        case = session.scalars(select(CaseRow).order_by(CaseRow.id)).first()
        assert case is not None
        case.verdict = "true"
    with reading(engine) as session:
        assert session.scalars(select(CaseRow.verdict).order_by(CaseRow.id)).all() == ["true", "rumour"]
