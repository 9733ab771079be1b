"""An installation moves from one database to another with real rows of every table, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, MetaData, func, select, text
from sqlalchemy.orm import Session
from yaml import safe_dump

from alerts.briefs.tables import BulletinRow
from alerts.casefile.papers import CopyRow, RemedyRow, StatementRow
from alerts.casefile.tables import EventRow, FiredTriggerRow, broken_link, insert_case, insert_task, record
from alerts.claims.claim import Claim
from alerts.claims.tables import insert_claim
from alerts.console.tables import AccessRow, SavedSearchRow, SessionRow, SpentLinkRow, ViewingRow
from alerts.detection.grades import Grade
from alerts.detection.kept import Known, Surroundings, keep, keep_judged, keep_numbers
from alerts.detection.series.waves import Told
from alerts.incidents.tables import TroubleRow
from alerts.notify.codes import ReplyKeyRow
from alerts.notify.contents.notice import Colour
from alerts.notify.holding.silences import add_silence
from alerts.notify.tables import OutboxRow
from alerts.people.accounts import AccountRow
from alerts.replies.tables import ReplyRow, note_failing
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from alerts.workflow.parts import Verdict
from crawlers.cursors import Cursors, Listed
from crawlers.health import Tally, begin, end
from crawlers.pull.politeness.manners import note_asked
from crawlers.pull.politeness.stops import stop
from crawlers.scheduling.ledger import claim
from crawlers.scheduling.timing import Due
from stream.cli.commands import main
from stream.errors import Rejected
from stream.messages import Label
from stream.state.copying import CHUNK, copy_state
from stream.state.database import reading, transaction
from stream.state.labels import Origin, PostLabel, save_labels
from stream.state.leases import take_lease
from stream.state.source_lists import SourceList
from stream.state.tombstones import bury, gone
from tests.databases import opened
from tests.stream.scored import scored

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)

GARBLE = {  # a database that keeps something else than it was given
    "postgresql": [
        "CREATE FUNCTION garble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'x'; RETURN NEW; END $$",
        "CREATE TRIGGER garble BEFORE INSERT ON alert_event FOR EACH ROW EXECUTE FUNCTION garble()",
    ],
    "sqlite": [
        "CREATE TRIGGER garble AFTER INSERT ON alert_event "
        "BEGIN UPDATE alert_event SET note = 'x' WHERE id = NEW.id; END"
    ],
}


@pytest.fixture
def lived_in(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite state with rows in every table, as the packages themselves write them."""
    with opened(f"sqlite:///{tmp_path / 'old.db'}") as engine:
        fill(engine)
        yield engine


def fill(engine: Engine) -> None:
    cursors = Cursors(engine, "论坛")
    cursors.open_board("2", NOW)
    cursors.list_threads([Listed("1", "0 甲"), Listed("2", "1 乙")], NOW)
    cursors.visited("1", NOW + HOUR, published_at=NOW, now=NOW)
    cursors.meet("1", [f"pid:{number}" for number in range(CHUNK + 5)], NOW)
    cursors.validators.keep("https://bbs.example.com/feed", etag='W/"1"', modified=None)
    for start in (NOW - 9 * HOUR, NOW):  # silent in between
        begin(engine, "forum", "论坛", start)
        end(engine, "forum", Tally(pages=1, read=3), fresh_until=lambda moment: moment + HOUR, now=start)
    bury(engine, [scored(1).id], NOW, reason="request")
    save_labels(engine, [PostLabel(label=Label.NEUTRAL, by="张敏", at=NOW, origin=Origin.TABLE, text="明天停电吗")])
    with transaction(engine) as session:
        take_lease(session, "watch", "one", NOW, HOUR)
        keep(session, "topic0", Known("d" * 32, NOW, None, (Told(NOW, NOW + HOUR),)))
        keep_numbers(session, "topic0", np.arange(6.0).reshape(2, 3), NOW)
        session.add(ReplyKeyRow(id=1, key=b"\x00\xff" * 16))
        keep_judged(session, NOW, Surroundings(frozenset({"论坛"}), frozenset({"m@1"})))
        open_cases(session)
        session.add(BulletinRow(kind="daily", day="2026-09-01 09:00", at=NOW))
        session.add(TroubleRow(key="disk:var", grade="orange", what="满", since=NOW, first_seen_at=NOW, case_id=1))
        insert_claim(session, answered())
        fill_console(session)
        session.add(SourceList(source="forum", key="2", name="停电", threads_told=9, waiting=1, read_at=NOW))
    claim(engine, "forum", Due(NOW, 1), "one", NOW)
    stop(engine, "forum", "检修", NOW)
    note_asked(engine, "bbs.example.com", 3, NOW)
    note_failing(engine, NOW, "refused")
    add_silence(engine, "topic0", NOW + HOUR, reason="检修", by="张敏", up_to=Colour.YELLOW, now=NOW)


def fill_console(session: Session) -> None:
    session.add(AccountRow(person="a", password="$argon2id$", invited_at=NOW))
    session.add(SessionRow(digest="d" * 64, person="a", began_at=NOW, seen_at=NOW, told=""))
    session.add(SpentLinkRow(digest="e" * 64, at=NOW))
    session.add(AccessRow(at=NOW, person="a", client="10.0.0.9", what="export", detail="{}"))
    session.add(SavedSearchRow(person="a", name="停电", asked="words=停电", at=NOW))
    session.add(ViewingRow(case_id=1, person="a", at=NOW))


def answered() -> Claim:
    return Claim(
        id=0, claim="变电站发生爆炸", verdict=Verdict.RUMOUR, statement="并无此事", owner="duty", evidence="",
        valid_until=NOW.date(), made_at=NOW, made_by="张敏", case_id=1,
    )  # fmt: skip


def open_cases(session: Session) -> None:
    for number in range(3):
        case = Case(
            id=0, topic=f"topic{number}", stage="screening", grade=Grade.ORANGE, opened_at=NOW, since=NOW,
            notified=12.5, peak=0.1 + 0.2, last_spike_at=NOW,
        )  # fmt: skip
        row = insert_case(session, case, '{"signal": "😀"}')
        session.add(FiredTriggerRow(topic=case.topic, trigger_key="cue:2", thing="险情", at=NOW, case_id=row.id))
        session.add(ReplyRow(message_id=f"<{row.id}@qq.com>", at=NOW, outcome="acted", letter="<1>", case_id=row.id))
        record(session, row.id, "opened", at=NOW, by="watch", note="立案")
        paper = {"case_id": row.id, "by": "张敏", "at": NOW}
        session.add(StatementRow(**paper, revision=1, text="情况说明"))
        session.add(RemedyRow(**paper, number=1, desk="duty", until=NOW + HOUR, plan="整改"))
        session.add(CopyRow(**paper, person="a"))
        record(session, row.id, "note", at=NOW + timedelta(microseconds=1), by="张敏")
        task = Task(
            case_id=row.id, step="acknowledge", turn=0, level=0, desk="duty", began_at=NOW, due_at=NOW + HOUR,
            warn_at=NOW + HOUR / 2,
        )  # fmt: skip
        session.add(
            OutboxRow(
                case_id=row.id, task_id=insert_task(session, task).id, step="opened", recipient="a@example.com",
                revision=0, person="a", channel="smtp", medium="mail", place=0,
                message_id=f"<{number}@example.com>", message=b"\x00\xff" * 9, plain=b"", queued_at=NOW,
                next_at=NOW,
            )
        )  # fmt: skip


def counts(engine: Engine) -> dict[str, int]:
    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in found.sorted_tables
            if table.name != "alembic_version" and not table.name.startswith("test_")
        }


def test_every_table_moves_whole_and_is_told_with_its_digest(lived_in: Engine, engine: Engine) -> None:
    copied = copy_state(lived_in, engine, NOW + 2 * HOUR)
    assert {one.table: one.rows for one in copied} == counts(lived_in) == counts(engine)
    assert all(counts(lived_in).values()), "a table of which the test has no row"
    assert len({one.digest for one in copied}) == len(copied)
    cursors = Cursors(engine, "论坛")
    assert cursors.due(NOW) == ["2"]
    assert cursors.meet("1", ["pid:7"], NOW + HOUR)["pid:7"].first_seen_at == NOW
    with reading(engine) as session:
        events = session.scalars(select(EventRow).where(EventRow.case_id == 2).order_by(EventRow.number)).all()
        assert broken_link(events) is None
        assert gone(session, [scored(1).id], NOW) == {scored(1).id}


def test_a_state_that_moved_back_is_what_it_was(lived_in: Engine, engine: Engine, tmp_path: Path) -> None:
    there = copy_state(lived_in, engine, NOW + 2 * HOUR)
    with opened(f"sqlite:///{tmp_path / 'back.db'}") as home:
        assert copy_state(engine, home, NOW + 2 * HOUR) == there


def test_generated_keys_go_on_behind_those_that_were_copied(lived_in: Engine, engine: Engine) -> None:
    copy_state(lived_in, engine, NOW + 2 * HOUR)
    with transaction(engine) as session:
        session.execute(text("UPDATE alert_case SET open_key = NULL"))
        session.execute(text("UPDATE alert_outbox SET message_id = 'old' || id"))
        open_cases(session)
        assert list(session.scalars(select(OutboxRow.case_id).order_by(OutboxRow.id))) == [1, 2, 3, 4, 5, 6]


def test_a_target_with_rows_is_refused_and_left_as_it_is(lived_in: Engine, engine: Engine) -> None:
    bury(engine, ["a"], NOW, reason="request")
    before = counts(engine)
    with pytest.raises(Rejected, match="rows already in tombstone"):
        copy_state(lived_in, engine, NOW + 2 * HOUR)
    assert counts(engine) == before


def test_a_state_in_use_is_refused(lived_in: Engine, engine: Engine) -> None:
    with pytest.raises(Rejected, match="one still holds watch"):
        copy_state(lived_in, engine, NOW)


def test_what_does_not_come_back_the_same_is_not_kept(lived_in: Engine, engine: Engine) -> None:
    with engine.begin() as connection:
        for statement in GARBLE[engine.dialect.name]:
            connection.execute(text(statement))
    with pytest.raises(Rejected, match="alert_event: 6 rows"):
        copy_state(lived_in, engine, NOW + 2 * HOUR)
    assert not any(counts(engine).values())


def test_the_command_copies_from_the_file_into_what_the_configuration_names(
    lived_in: Engine, state_url: str, tmp_path: Path
) -> None:
    with transaction(lived_in) as session:
        session.execute(text("UPDATE lease SET until = '2020-01-01'"))
    state = state_url.replace("sqlite:///", "sqlite:")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path), "state": state}), "utf-8")

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["state", "copy", *words, "--configs", str(tmp_path)], catch_exceptions=False)
        return done.exit_code, done.output

    code, said = run("sqlite:old.db")
    assert (code, said.splitlines()[-1]) == (0, "everything is there and the same")
    assert f"crawler_post\t{CHUNK + 5} rows" in said
    assert run("sqlite:old.db")[1].startswith("not_empty: ")
    assert run("sqlite:nowhere.db")[1].startswith("no_such_file: ")
