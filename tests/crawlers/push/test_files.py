import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.push.files import BATCH, PATIENCE, ImportSummary, import_file
from stream.errors import Rejected, Retryable
from stream.log.broker import RAW, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import ScriptedClock
from stream.state.tombstones import bury
from tests.crawlers.published import published

START = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)
COLUMNS = Columns(text="内容", id="编号", published_at="时间", author="作者")
TABLE = "编号,内容,时间,作者\n1,停电了,2026-11-19 14:30,甲\n2,来电了,2026-11-19 14:31,乙\n"


class Desk:
    """One file source with its log and its memory, all embedded."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.clock = ScriptedClock(START)
        admin = SqliteAdmin(folder / "log.db")
        admin.apply([Topic(RAW)])
        admin.close()
        self.producer = SqliteProducer(folder / "log.db", self.clock)
        self.consumer = SqliteConsumer(folder / "log.db", self.clock, group="test", topics=[RAW])
        self.engine = engine

    def take(self, path: Path, *, columns: Columns = COLUMNS, internal: bool = False) -> ImportSummary:
        return import_file(
            path,
            FileSource(site="民声", basis="own data", columns=columns, internal=internal),
            name="handed-in",
            producer=self.producer,
            engine=self.engine,
            voice_key=b"k" * 32,
            clock=self.clock,
            report_to=self.folder / "rejected",
        )

    def write(self, content: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode(encoding))
        return path

    def posts(self) -> list[Post]:
        return published(self.consumer)

    def close(self) -> None:
        self.consumer.close()
        self.producer.close()


@pytest.fixture
def desk(tmp_path: Path, engine: Engine) -> Iterator[Desk]:
    opened = Desk(tmp_path, engine)
    yield opened
    opened.close()


def test_every_row_is_in_the_log_once_however_often_the_file_is_imported(desk: Desk) -> None:
    path = desk.write(TABLE, encoding="gbk")
    assert desk.take(path) == ImportSummary(rows=2, sent=2, unchanged=0, rejected=0)
    desk.clock.sleep(3600)
    assert desk.take(path) == ImportSummary(rows=2, sent=0, unchanged=2, rejected=0)
    posts = desk.posts()
    assert {(post.native_id, post.text, post.counted_at) for post in posts} == {
        ("status:1", "停电了", datetime(2026, 11, 19, 6, 30, tzinfo=UTC)),
        ("status:2", "来电了", datetime(2026, 11, 19, 6, 31, tzinfo=UTC)),
    }
    assert len({post.voice for post in posts}) == 2


def test_a_changed_row_is_sent_again_with_the_time_it_was_first_seen(desk: Desk) -> None:
    desk.take(desk.write(TABLE))
    desk.clock.sleep(3600)
    assert desk.take(desk.write(TABLE.replace("停电了", "又停电了"))).sent == 1
    (again,) = [post for post in desk.posts() if post.text == "又停电了"]
    assert (again.first_seen_at, again.observed_at) == (START, START + timedelta(hours=1))


def test_rows_without_an_id_get_one_and_never_count_towards_a_spike(desk: Desk) -> None:
    path = desk.write('{"内容": "停电"}\n{"内容": "停电"}\n{"内容": "来电", "时间": "刚刚"}\n', "a.jsonl")
    assert desk.take(path).sent == 3
    assert desk.take(path).unchanged == 3
    posts = desk.posts()
    assert len({post.id for post in posts}) == 3
    assert {post.counted_at for post in posts} == {None}


def test_rejected_rows_are_listed_by_line_and_reason_without_their_words(desk: Desk) -> None:
    path = desk.write('{"内容": "停电"}\n{"内容": ""}\n{broken\n', "a.jsonl")
    summary = desk.take(path)
    assert (summary.rows, summary.sent, summary.rejected) == (3, 1, 2)
    assert summary.reasons == {"empty": 1, "unreadable_row": 1}
    assert summary.report is not None
    listed = [json.loads(line) for line in summary.report.read_text("utf-8").splitlines()]
    assert [(one["line"], one["reason"]) for one in listed] == [(2, "empty"), (3, "unreadable_row")]
    assert desk.take(path).report is not None
    assert len(summary.report.read_text("utf-8").splitlines()) == 2


def test_an_internal_channel_keeps_nothing_about_the_writer(desk: Desk) -> None:
    desk.take(desk.write(TABLE), internal=True)
    assert {post.voice for post in desk.posts()} == {None}


def test_a_file_without_the_text_column_is_refused_before_anything_is_sent(desk: Desk) -> None:
    with pytest.raises(Rejected, match="no_text_column"):
        desk.take(desk.write("编号,正文\n1,停电\n"))
    assert desk.posts() == []


class Stubborn:
    """A log that takes nothing for a while."""

    def __init__(self, desk: Desk, refusals: int) -> None:
        self._inner = desk.producer
        self.refusals = refusals

    def publish(self, messages: Sequence[Message]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Retryable("the log is busy", after=5)
        self._inner.publish(messages)

    def close(self) -> None:
        self._inner.close()


def test_an_import_waits_for_the_log_and_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "producer", Stubborn(desk, refusals=3))
    assert desk.take(desk.write(TABLE)).sent == 2
    assert desk.clock.now() == START + timedelta(seconds=15)
    assert len(desk.posts()) == 2


def test_an_import_that_was_given_up_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.write("".join(f'{{"内容": "第{number}条"}}\n' for number in range(BATCH + 7)), "a.jsonl")
    log = Stubborn(desk, refusals=int(PATIENCE))
    monkeypatch.setattr(desk, "producer", log)
    with pytest.raises(Retryable):
        desk.take(path)
    log.refusals = 0
    assert desk.take(path).sent == BATCH + 7
    posts = desk.posts()
    assert len({post.id for post in posts}) == len(posts) == BATCH + 7
    assert {post.first_seen_at for post in posts} == {START, START + timedelta(seconds=PATIENCE)}


def test_an_erased_row_is_not_imported_again(desk: Desk) -> None:
    path = desk.write(TABLE)
    desk.take(path)
    (erased,) = [post for post in desk.posts() if post.text == "停电了"]
    bury(desk.engine, [erased.id], START, reason="request")
    assert desk.take(desk.write(TABLE.replace("停电了", "又停电了"), "b.csv")).sent == 0
    assert desk.posts() == []


@pytest.mark.skipif("WENFENG_SHARED" not in os.environ, reason="WENFENG_SHARED names no folder of shared data")
@pytest.mark.parametrize("name", ["dev_smp_usual", "dev_smp_virus"])
def test_all_of_the_shared_posts_are_imported(desk: Desk, name: str) -> None:
    path = Path(os.environ["WENFENG_SHARED"]) / "data" / "sentiment" / f"{name}.jsonl"
    summary = desk.take(path, columns=Columns(text="text"))
    assert (summary.rows, summary.sent, summary.rejected) == (2000, 2000, 0)
    assert len({post.id for post in desk.posts()}) == 2000
