"""How the parts are: stages by their signs, what waits in quarantine and goes out again, versions, the sign of life."""

from datetime import datetime, timedelta
from os import utime
from pathlib import Path

import pytest
from yaml import safe_dump

from alerts.briefs.tables import BulletinRow
from alerts.casefile.context import CaseContext
from alerts.desk.overview.programs import (
    HeartbeatSigns,
    by_reason,
    list_quarantined,
    read_heartbeat,
    read_programs,
    read_versions,
    replay_quarantined,
)
from alerts.desk.versions import rules_print
from alerts.incidents.policy import HeartbeatConfig
from stream.config import StreamConfig, read_stream
from stream.engines import apply_topics, open_producer
from stream.errors import Rejected
from stream.log.broker import Partition, Record
from stream.log.quarantine import Quarantine
from stream.process.clock import ScriptedClock
from stream.process.running import StageState, registered
from stream.state.database import transaction
from stream.version import VERSION

HOUR = timedelta(hours=1)


@pytest.fixture
def stream(tmp_path: Path) -> StreamConfig:
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    return read_stream(tmp_path)


def refuse(stream: StreamConfig, clock: ScriptedClock, *reasons: str) -> None:
    """Puts a record into quarantine for each reason, an hour apart."""
    apply_topics(stream)
    producer = open_producer(stream, clock)
    quarantine = Quarantine(producer, clock, "score")
    for offset, reason in enumerate(reasons):
        record = Record(Partition("posts.raw", 0), offset, "k", b"{}", {}, clock.now())
        quarantine.put([(record, Rejected(reason, "no JSON"))])
        clock.sleep(3600)
    producer.close()


def test_each_stage_is_as_its_signs_say_and_the_console_runs_where_it_answers(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "alive").mkdir()
    (tmp_path / "alive" / "score").touch()
    utime(tmp_path / "alive" / "score", (now.timestamp() - 3600, now.timestamp() - 3600))
    with registered(tmp_path, "console"):
        found = {one.key: one for one in read_programs(tmp_path, now)}
    assert list(found) == ["crawlers", "score", "index", "alerts", "upkeep", "console"]
    assert (found["score"].name, found["score"].state, found["score"].last) == ("研判", StageState.STOPPED, now - HOUR)
    assert (found["index"].state, found["index"].last) == (StageState.NEVER, None)
    assert (found["console"].name, found["console"].state, found["console"].processes) == (
        "网页", StageState.RUNNING, 1
    )  # fmt: skip


def test_without_a_quarantine_nothing_waits(stream: StreamConfig) -> None:
    assert list_quarantined(stream) == []
    apply_topics(stream)
    assert list_quarantined(stream) == []


def test_what_waits_is_listed_the_newest_first_and_counted_by_reason(stream: StreamConfig, now: datetime) -> None:
    refuse(stream, ScriptedClock(now), "unreadable", "too_long", "unreadable")
    found = list_quarantined(stream)
    assert [(one.offset, one.reason) for one in found] == [(2, "unreadable"), (1, "too_long"), (0, "unreadable")]
    assert by_reason(found) == {"unreadable": 2, "too_long": 1}
    assert list(by_reason(found)) == ["unreadable", "too_long"]


def test_what_is_replayed_waits_no_more(stream: StreamConfig, now: datetime) -> None:
    clock = ScriptedClock(now)
    refuse(stream, clock, "unreadable", "too_long", "unreadable")
    assert replay_quarantined(stream, clock, lambda entry: entry.reason == "unreadable") == 2
    (left,) = list_quarantined(stream)
    assert left.reason == "too_long"
    assert replay_quarantined(stream, clock, lambda entry: entry.reason == "unreadable") == 0
    assert replay_quarantined(stream, clock, lambda entry: entry.id == left.id) == 1


def test_versions_are_those_of_now(context: CaseContext, quiet_weeks: None) -> None:
    found = read_versions(context.reader, context.topics)
    assert (found.program, found.model) == (VERSION, "test@1")
    assert found.rules == {"停电抢修": rules_print(context.topics.topics["outage"])}


def test_an_index_without_a_post_knows_no_model(context: CaseContext) -> None:
    assert read_versions(context.reader, context.topics).model is None


def test_the_sign_of_life_is_that_of_the_file_and_of_the_daily_mail(
    context: CaseContext, tmp_path: Path, now: datetime
) -> None:
    assert read_heartbeat(context.engine, None) == HeartbeatSigns(is_configured=False)
    file = tmp_path / "heart"
    config = HeartbeatConfig(file=file, mail="zhang_min")
    assert read_heartbeat(context.engine, config) == HeartbeatSigns(is_configured=True)
    file.touch()
    utime(file, (now.timestamp(), now.timestamp()))
    with transaction(context.engine) as session:
        session.add_all(
            [BulletinRow(kind="alive", day=str(day), at=now - day * 24 * HOUR) for day in (1, 0)]
            + [BulletinRow(kind="daily", day="x", at=now + HOUR)]
        )
    assert read_heartbeat(context.engine, config) == HeartbeatSigns(True, now, now)
