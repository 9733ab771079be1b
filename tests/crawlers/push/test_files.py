import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crawlers.cursors import Cursors
from crawlers.health import all_sources
from crawlers.push import files
from crawlers.push.columns import Columns, ReadRow, RowReader
from crawlers.push.file_source import FileSource
from crawlers.push.files import BATCH, PATIENCE, ImportSummary, import_file
from stream.errors import Rejected, Retryable
from stream.log.broker import RAW, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Crawl, Post, Precision
from stream.process.clock import ScriptedClock
from stream.process.failpoints import VARIABLE, arm
from stream.state.source_health import SourceState
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

    def take(self, path: Path, *, columns: Columns | None = COLUMNS, **told: Any) -> ImportSummary:
        return import_file(
            path,
            FileSource(site="民声", basis="own data", columns=columns, **told),
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
    arm("")


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
    path = desk.write('{"内容": "停电"}\n{"内容": "停电"}\n{"内容": "来电", "时间": "2026-11-19 14:30"}\n', "a.jsonl")
    assert desk.take(path).sent == 3
    assert desk.take(path).unchanged == 3
    posts = desk.posts()
    assert len({post.id for post in posts}) == 3
    assert {post.counted_at for post in posts} == {None}


def test_rejected_rows_are_listed_by_line_and_reason_without_their_words(desk: Desk) -> None:
    path = desk.write('{"内容": "停电"}\n{"内容": ""}\n{broken\n', "a.jsonl")
    summary = desk.take(path, columns=Columns(text="内容"))
    assert (summary.rows, summary.sent, summary.rejected) == (3, 1, 2)
    assert summary.reasons == {"empty": 1, "unreadable_row": 1}
    assert summary.report is not None
    listed = [json.loads(line) for line in summary.report.read_text("utf-8").splitlines()]
    assert [(one["line"], one["reason"]) for one in listed] == [(2, "empty"), (3, "unreadable_row")]
    assert desk.take(path, columns=Columns(text="内容")).report is not None
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


def test_a_changed_row_bears_the_time_the_change_was_noticed_and_keeps_it(desk: Desk) -> None:
    desk.take(desk.write(TABLE))
    desk.clock.sleep(3600)
    changed = desk.write(TABLE.replace("停电了", "又停电了"))
    desk.take(changed)
    desk.clock.sleep(3600)
    assert desk.take(changed).unchanged == 2
    assert {(post.text, post.edited_at) for post in desk.posts()} == {
        ("停电了", None),
        ("来电了", None),
        ("又停电了", START + timedelta(hours=1)),
    }


def test_a_post_says_that_nothing_was_fetched_for_it(desk: Desk) -> None:
    desk.take(desk.write(TABLE))
    assert {post.crawl for post in desk.posts()} == {
        Crawl(robots="not_applicable", rate=None, parser="file", version=2)
    }


def test_an_id_that_comes_twice_with_other_words_hides_none_of_them_and_is_told(desk: Desk) -> None:
    path = desk.write(TABLE + "1,又停电了,2026-11-19 14:30,甲\n")
    summary = desk.take(path)
    assert (summary.rows, summary.sent, summary.unchanged, summary.rejected) == (3, 3, 0, 0)
    assert summary.remarks == {"id_twice": 1}
    assert summary.examples["id_twice"].endswith("known by its words, line 4")
    assert {(post.text, post.counted_at is not None) for post in desk.posts()} == {
        ("停电了", True),
        ("又停电了", False),
        ("来电了", True),
    }
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.reason.startswith("1 × id_twice (an id that an earlier row has")) == ("partial", True)
    assert (desk.take(path).sent, desk.posts()) == (0, [])


def test_a_table_that_counts_from_one_each_day_writes_over_nothing(desk: Desk) -> None:
    desk.take(desk.write(TABLE, "monday.csv"))
    tuesday = desk.write(
        "编号,内容,时间,作者\n1,食堂的饭菜是冷的,2026-11-20 09:30,丙\n2,来电了,2026-11-19 14:31,乙\n", "tuesday.csv"
    )
    summary = desk.take(tuesday)
    assert (summary.sent, summary.unchanged, summary.remarks) == (1, 1, {"id_twice": 1})
    assert summary.examples["id_twice"] == "an id that an earlier file has for another post: known by its words, line 2"
    assert {(post.native_id.partition(":")[0], post.text, post.edited_at) for post in desk.posts()} == {
        ("status", "停电了", None),
        ("status", "来电了", None),
        ("text", "食堂的饭菜是冷的", None),
    }
    assert all_sources(desk.engine)["handed-in"].state == "partial"
    assert (desk.take(tuesday).sent, desk.posts()) == (0, [])


@pytest.mark.parametrize(
    ("row", "edited"),
    [
        ("1,停电了 物业答复：已抢修,2026-11-20 09:30,甲", True),  # what was added to it, dated anew
        ("1,停电了,2026-11-20 09:30,甲", False),  # a corrected time alone is no edit
        ("1,又停电了，很久,2026-11-19 14:30,甲", True),  # other words, and the time stayed
    ],
)
def test_a_row_of_a_known_id_that_goes_on_or_keeps_its_time_is_its_post(desk: Desk, row: str, edited: bool) -> None:
    desk.take(desk.write(TABLE))
    summary = desk.take(desk.write(f"编号,内容,时间,作者\n{row}\n", "b.csv"))
    assert (summary.sent, summary.remarks) == (1, {})


def test_orders_that_are_worded_alike_under_one_number_are_two(desk: Desk) -> None:
    words = "来电人反映{}小区停水三天没有通知，要求尽快处理并回复"
    for day, place in (("19", "东苑"), ("20", "西苑")):
        row = f"1,{words.format(place)},2026-11-{day} 09:30,甲"
        summary = desk.take(desk.write(f"编号,内容,时间,作者\n{row}\n", f"{day}.csv"))
    assert (summary.sent, summary.remarks) == (1, {"id_twice": 1})
    assert len({post.id for post in desk.posts()}) == 2


def test_a_row_that_comes_twice_in_a_file_is_one_post(desk: Desk) -> None:
    summary = desk.take(desk.write(TABLE + "1,停电了,2026-11-19 14:30,甲\n"))
    assert (summary.rows, summary.sent, summary.unchanged, summary.remarks) == (3, 2, 1, {})


def test_rows_whose_ids_excel_cut_short_are_all_there(desk: Desk) -> None:
    path = desk.write("编号,内容,时间\n4.95E+15,停电,2026-11-19 14:30\n4.95E+15,来电,2026-11-19 14:31\n")
    summary = desk.take(path)
    assert (summary.sent, summary.unchanged, summary.remarks) == (2, 0, {"id_cut_short": 2})
    assert sorted(post.text for post in desk.posts()) == ["停电", "来电"]


def test_rows_that_do_not_fit_and_headers_in_the_middle_are_told_by_line_in_the_source_and_in_the_report(
    desk: Desk,
) -> None:
    summary = desk.take(
        desk.write("编号,内容,时间\n1,停,电,2026-11-19 14:30\n2,来电,2026-11-19 14:31\n编号,内容,时间\n3,修好了\n")
    )
    assert (summary.rows, summary.sent, summary.rejected) == (4, 1, 3)
    assert summary.reasons == {"does_not_fit": 2, "header_again": 1}
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.reason) == (
        "partial",
        "2 × does_not_fit (4 cells under 3 names, line 2), 1 × header_again (the header's names once more, line 4)",
    )
    assert summary.report is not None
    listed = [json.loads(line) for line in summary.report.read_text("utf-8").splitlines()]
    assert [(one["line"], one["reason"], one["detail"]) for one in listed] == [
        (2, "does_not_fit", "4 cells under 3 names"),
        (4, "header_again", "the header's names once more"),
        (5, "does_not_fit", "2 cells under 3 names"),
    ]


def test_without_a_column_map_the_header_is_guessed_and_told(desk: Desk) -> None:
    path = desk.write("微博id,微博正文,发布时间,设备\n5001,停电了,2026-11-19 14:30,x\n")
    summary = desk.take(path, columns=None)
    assert (summary.sent, summary.unused) == (1, ("设备",))
    assert summary.guessed == Columns(text="微博正文", id="微博id", published_at="发布时间")
    (post,) = desk.posts()
    assert (post.native_id, post.text) == ("status:5001", "停电了")


def test_a_header_that_is_not_known_is_a_failed_import_that_asks(desk: Desk) -> None:
    with pytest.raises(Rejected, match=r"(?s)its header: 甲列, 乙列.*text: THE COLUMN OF THE TEXT"):
        desk.take(desk.write("甲列,乙列\n1,停电\n"), columns=None)
    assert all_sources(desk.engine)["handed-in"].reason == "which_columns"


def test_the_encoding_of_a_source_acts_on_its_files(desk: Desk) -> None:
    path = desk.write("番号,本文\n1,停電しました。復旧を待っています\n", encoding="shift_jis")
    assert desk.take(path, columns=Columns(text="本文", id="番号"), encoding="shift_jis").sent == 1
    assert [post.text for post in desk.posts()] == ["停電しました。復旧を待っています"]


def test_the_last_of_two_rows_of_one_id_says_whether_it_counts(desk: Desk) -> None:
    desk.take(desk.write("编号,内容,时间\n1,停电,\n1,停电,2026-11-19 14:30\n2,停电,2026-11-19 14:30\n2,停电,\n"))
    assert [post.counted_at is not None for post in desk.posts()] == [True, False]


def test_what_was_handed_in_is_written_down_as_a_crawl_is_and_without_a_rhythm_never_stale(desk: Desk) -> None:
    desk.take(desk.write(TABLE))
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.site, row.pages, row.read, row.new) == (SourceState.OK, "民声", 1, 2, 2)
    assert (row.started_at, row.succeeded_at, row.fresh_until) == (START, START, None)


def test_a_source_with_a_rhythm_is_silent_when_two_of_its_files_did_not_come(desk: Desk) -> None:
    desk.take(desk.write(TABLE), every=timedelta(days=7))
    assert all_sources(desk.engine)["handed-in"].fresh_until == START + timedelta(days=14)
    desk.clock.sleep(24 * 3600)
    desk.take(desk.write(TABLE), every=timedelta(days=7))
    assert all_sources(desk.engine)["handed-in"].fresh_until == START + timedelta(days=15)


def test_rows_that_cannot_be_read_are_failures_of_the_source_and_a_file_of_them_is_no_success(desk: Desk) -> None:
    desk.take(desk.write('{"内容": "停电"}\n{"内容": ""}\n', "a.jsonl"), columns=Columns(text="内容"))
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.reason, row.failures) == (
        SourceState.PARTIAL,
        "1 × empty (neither text nor title, line 2)",
        1,
    )
    desk.clock.sleep(3600)
    desk.take(desk.write('{"内容": ""}\n', "b.jsonl"), columns=Columns(text="内容"))
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.reason) == (
        SourceState.FAILED,
        "no row could be read; 1 × empty (neither text nor title, line 1)",
    )
    assert row.succeeded_at == START


def test_a_file_that_is_refused_is_a_failed_import_and_the_last_success_stays(desk: Desk) -> None:
    desk.take(desk.write(TABLE))
    desk.clock.sleep(3600)
    with pytest.raises(Rejected):
        desk.take(desk.write("编号,正文\n1,停电\n", "b.csv"))
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.reason, row.succeeded_at) == (SourceState.FAILED, "no_text_column", START)


def test_an_import_waits_for_the_state_as_for_the_log(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter([Retryable("state database: locked", after=5), Retryable("state database: locked", after=5)])
    keep = Cursors.keep

    def kept(self: Cursors, *given: Any) -> None:
        if (error := next(refusals, None)) is not None:
            raise error
        keep(self, *given)

    monkeypatch.setattr(Cursors, "keep", kept)
    assert desk.take(desk.write(TABLE)).sent == 2
    assert desk.clock.now() == START + timedelta(seconds=10)
    posts = desk.posts()
    assert len({post.id for post in posts}) == 2
    assert {post.first_seen_at for post in posts} == {START}
    assert desk.take(desk.write(TABLE)).unchanged == 2


STEPS = ("crawl.met", "publish.sent", "crawl.sent", "crawl.noted")
ROWS = "".join(f'{{"编号": "{number}", "内容": "第{number}条", "时间": "2026-11-19 14:30"}}\n' for number in range(7))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("hit", [1, 2, 3])
def test_an_import_that_dies_anywhere_is_imported_again_and_nothing_is_lost_or_doubled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str, hit: int
) -> None:
    monkeypatch.setattr(files, "BATCH", 3)
    path = desk.write(ROWS, "a.jsonl")
    arm(f"{step}=raise@{hit}")
    with pytest.raises(RuntimeError):
        desk.take(path)
    assert all_sources(desk.engine)["handed-in"].state == SourceState.FAILED
    desk.take(path)
    posts = desk.posts()
    assert len(posts) - 7 == (min(3, 7 - 3 * (hit - 1)) if step == "crawl.sent" else 0)  # sent twice, the same post
    assert len({(post.id, post.content_hash, post.first_seen_at, post.counted_at) for post in posts}) == 7
    assert desk.take(path).unchanged == 7
    assert desk.posts() == []
    assert all_sources(desk.engine)["handed-in"].state == SourceState.OK


KILLED = """
import sys
from contextlib import closing
from pathlib import Path
from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from stream.log.brokers.sqlite.client import SqliteProducer
from stream.process.clock import SystemClock
from stream.state.database import open_state
folder = Path(sys.argv[1])
source = FileSource(site="民声", basis="own data", columns=Columns(text="内容", id="编号", published_at="时间"))
with closing(SqliteProducer(folder / "log.db", SystemClock())) as producer:
    import_file(folder / "a.jsonl", source, name="handed-in", producer=producer, engine=open_state(sys.argv[2]),
                voice_key=b"k" * 32, clock=SystemClock(), report_to=folder)
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_in_an_import_leaves_what_the_next_import_completes(
    desk: Desk, state_url: str, step: str
) -> None:
    path = desk.write(ROWS, "a.jsonl")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(desk.folder), state_url],
        env=os.environ | {VARIABLE: f"{step}=kill@1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, f"failpoint {step}: kill\n")
    assert all_sources(desk.engine)["handed-in"].state == SourceState.RUNNING
    desk.take(path)
    posts = desk.posts()
    assert len({post.id for post in posts}) == 7
    assert len(posts) == (14 if step == "crawl.sent" else 7)
    assert all_sources(desk.engine)["handed-in"].state == SourceState.OK


@pytest.mark.skipif("WENFENG_SHARED" not in os.environ, reason="WENFENG_SHARED names no folder of shared data")
@pytest.mark.parametrize("name", ["dev_smp_usual", "dev_smp_virus"])
def test_all_of_the_shared_posts_are_imported(desk: Desk, name: str) -> None:
    path = Path(os.environ["WENFENG_SHARED"]) / "data" / "sentiment" / f"{name}.jsonl"
    summary = desk.take(path, columns=Columns(text="text"))
    assert (summary.rows, summary.sent, summary.rejected) == (2000, 2000, 0)
    assert len({post.id for post in desk.posts()}) == 2000


def test_a_time_that_is_not_understood_is_told_once_in_the_source_and_by_line_in_the_report(desk: Desk) -> None:
    summary = desk.take(desk.write("编号,内容,时间\n1,停电,2026-11-19\n2,停水,2026年11月\n"))
    assert (summary.sent, summary.remarks) == (2, {"time_not_understood": 1})
    assert all_sources(desk.engine)["handed-in"].reason == "1 × time_not_understood (2026年11月, line 3)"


def test_a_cut_text_is_counted_and_the_whole_of_a_later_file_is_the_same_post(desk: Desk) -> None:
    cut = desk.write("编号,内容,时间,作者\n1,今晚检修…全文,2026-11-19 14:30,甲\n2,来电了,2026-11-19 14:31,乙\n")
    summary = desk.take(cut)
    assert (summary.sent, summary.remarks) == (2, {"text_cut_short": 1})
    assert summary.examples["text_cut_short"].endswith("line 2")
    row = all_sources(desk.engine)["handed-in"]
    assert (row.state, row.reason) == ("partial", f"1 × text_cut_short ({summary.examples['text_cut_short']})")
    (first,) = (post for post in desk.posts() if post.truncated)
    assert first.text == "今晚检修…"

    desk.clock.sleep(60)
    whole = desk.write("编号,内容,时间,作者\n1,今晚检修，请备好照明,2026-11-19 14:30,甲\n", "b.csv")
    assert (desk.take(whole).sent, desk.take(cut).sent) == (1, 0)  # the cut one takes nothing back
    (post,) = desk.posts()
    assert (post.id, post.text, post.truncated, post.edited_at) == (first.id, "今晚检修，请备好照明", False, None)


TOTALS = "编号,内容,时间,作者\n1,停电了,2026-11-19 14:30,甲\n,小计,,\n2,合计多收了我三百块,2026-11-19 14:31,乙\n"
ENDS = (
    "合计,2,,\n,合计：2,,\n,共 2 条,,\n共 2 条\n,制表人：张三,导出时间：2026-11-19 15:02,\n以上数据来源于热线平台,,,\n"
)


def test_totals_and_notes_about_the_table_are_no_posts_and_told_by_line(desk: Desk) -> None:
    summary = desk.take(desk.write(TOTALS + ENDS))
    assert (summary.rows, summary.sent, summary.reasons) == (9, 2, {"totals_or_note": 7})
    assert summary.examples["totals_or_note"] == "about the table and no post: no 编号 of its own, as rows have, line 3"
    assert sorted(post.text for post in desk.posts()) == ["停电了", "合计多收了我三百块"]
    assert summary.report is not None
    listed = [json.loads(line) for line in summary.report.read_text("utf-8").splitlines()]
    assert [one["line"] for one in listed] == [3, 5, 6, 7, 8, 9, 10]


def test_a_short_complaint_in_the_last_row_is_a_post_even_without_id_and_time(desk: Desk) -> None:
    for last in (",合计多收了我三百块,,", "9,合计,2026-11-19 14:40,丙", ",共 2 条,2026-11-19 14:40,", ",合计,,丙"):
        assert desk.take(desk.write(f"{TABLE}{last}\n", f"{last[:3]}.csv")).reasons == {}


def test_totals_of_json_lines_are_told_as_well(desk: Desk) -> None:
    lines = '{"编号": 1, "内容": "停电", "时间": "2026-11-19 14:30"}\n{"编号": null, "内容": "合计", "时间": null}\n'
    assert desk.take(desk.write(lines, "a.jsonl")).reasons == {"totals_or_note": 1}


CSV = "编号,内容,时间\n1,停电,{}\n2,来电,{}\n导出时间：2026-11-19 15:02,,\n"
PAGE = (
    "<meta charset=utf-8><table><tr><td>编号<td>内容<td>时间</tr>"
    "<tr><td>1<td>停电<td>{}</tr><tr><td>2<td>来电<td>{}</tr></table>"
)
LINES = '{{"编号": 1, "内容": "停电", "时间": "{}"}}\n{{"编号": 2, "内容": "来电", "时间": "{}"}}\n'


@pytest.mark.parametrize(("name", "file"), [("a.csv", CSV), ("a.xls", PAGE), ("a.jsonl", LINES)])
@pytest.mark.parametrize(
    ("times", "precision"),
    [
        (("2026-11-18 00:00:00", "2026/11/19 0:00"), Precision.DAY),
        (("2026-11-18T00:00:00", "2026-11-19"), Precision.DAY),
        (("2026-11-19 00:00:00", "2026-11-19 08:30:15"), Precision.SECOND),
    ],
)
def test_a_column_of_nothing_but_midnights_is_one_of_days(
    desk: Desk, name: str, file: str, times: tuple[str, str], precision: Precision
) -> None:
    assert desk.take(desk.write(file.format(*times), name)).sent == 2
    posts = sorted(desk.posts(), key=lambda post: post.native_id)
    assert {post.published_precision for post in posts} == {precision}
    day = datetime(2026, 11, 18, 16, tzinfo=UTC)
    assert posts[1 if precision is Precision.DAY else 0].published_at == day


def test_a_column_that_a_later_file_has_no_more_is_told(desk: Desk) -> None:
    columns = Columns(text="诉求内容", id="工单编号", published_at="受理时间")
    whole = desk.write("工单编号,受理时间,诉求内容\nA1,,停水\n")
    assert desk.take(whole, columns=columns).remarks == {}
    renamed = desk.write("工单号,登记时间,诉求内容\nA2,2026-11-19 8:00,停电\n", "b.csv")
    summary = desk.take(renamed, columns=columns)
    assert (summary.sent, summary.remarks) == (1, {"no_such_column": 2})
    assert summary.examples == {"no_such_column": "no column '工单编号' in b.csv"}
    assert all_sources(desk.engine)["handed-in"].state == "partial"


def test_a_key_that_only_some_rows_of_json_have_is_not_missed(desk: Desk) -> None:
    columns = Columns(text="text", id="user.id")
    path = desk.write('{"id":1,"text":"停水","user":null}\n{"text":"停电","user":{"id":7}}\n', "a.jsonl")
    assert desk.take(path, columns=columns).remarks == {}


BY_WORDS = Columns(text="诉求内容", published_at="受理时间")


def test_the_same_words_at_another_time_are_another_post_in_a_later_file_too(desk: Desk) -> None:
    first = "受理时间,诉求内容\n2026-11-18 09:30,小区停水\n"
    assert desk.take(desk.write(first), columns=BY_WORDS).sent == 1
    assert desk.take(desk.write(f"{first}2026-11-19 10:30,小区停水\n"), columns=BY_WORDS).sent == 1
    assert desk.take(desk.write("受理时间,诉求内容\n2026-11-19 10:30,小区停水\n"), columns=BY_WORDS).sent == 0


@pytest.mark.parametrize("columns", [BY_WORDS, replace(BY_WORDS, url="链接")])
def test_rows_that_a_former_program_knew_by_their_words_alone_are_not_new(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, columns: Columns
) -> None:
    rows = "受理时间,诉求内容,链接\n2026-11-18 09:30,小区停水,http://x.cn/1\n2026-11-18 09:40,停电,http://x.cn/2\n"
    with monkeypatch.context() as before:
        before.setattr(RowReader, "read", _as_formerly(RowReader.read))
        assert desk.take(desk.write(rows), columns=columns).sent == 2
    assert all(post.native_id.startswith("text:") for post in desk.posts())
    again = desk.write(f"{rows}2026-11-19 10:30,小区停水,http://x.cn/3\n")
    assert desk.take(again, columns=columns).sent == 1
    assert desk.take(again, columns=columns).sent == 0


def test_a_row_that_was_erased_under_the_id_that_a_former_program_made_stays_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.write("受理时间,诉求内容\n2026-11-18 09:30,小区停水\n")
    with monkeypatch.context() as before:
        before.setattr(RowReader, "read", _as_formerly(RowReader.read))
        desk.take(path, columns=BY_WORDS)
    bury(desk.engine, [post.id for post in desk.posts()], desk.clock.now(), reason="asked")
    assert desk.take(path, columns=BY_WORDS).sent == 0


def _as_formerly(read: Callable[..., ReadRow]) -> Callable[..., ReadRow]:
    def formerly(reader: RowReader, cells: dict[str, Any], now: datetime) -> ReadRow:
        row = read(reader, cells, now)
        return row.known_as(row.former) if row.former else row

    return formerly


def test_a_link_is_an_id_across_files_until_its_words_are_others(desk: Desk) -> None:
    columns = Columns(text="正文", published_at="时间", url="链接")
    row = "正文,时间,链接\n{},2026-11-19 08:00,http{}\n"
    assert desk.take(desk.write(row.format("停水已三天没有人管", "://x.cn/1")), columns=columns).sent == 1
    edited = row.format("停水已三天没有人管，更新：来水了", "s://x.cn/1?utm_source=a")
    assert desk.take(desk.write(edited), columns=columns).sent == 1
    summary = desk.take(desk.write(row.format("另一个人的评论，完全无关", "://x.cn/1")), columns=columns)
    assert (summary.sent, summary.remarks) == (1, {})
    posts = desk.posts()
    assert [post.native_id == "status:x.cn/1" for post in posts] == [True, True, False]
    assert [post.counted_at is None for post in posts] == [False, False, True]


def test_a_corrected_column_map_corrects_times_and_addresses(desk: Desk) -> None:
    path = desk.write(
        "编号,内容,时间,办结,链接,图片\n1,停水了,2026-11-18 08:00,2026-11-19 09:00,http://x.cn/1,http://x.cn/2\n"
    )
    right = Columns(text="内容", id="编号", published_at="时间", url="链接")
    assert desk.take(path, columns=replace(right, published_at="办结")).sent == 1
    assert desk.take(path, columns=right).sent == 1
    assert desk.take(path, columns=replace(right, url="图片")).sent == 1
    assert desk.take(path, columns=right).sent == 1
    assert desk.take(path, columns=replace(right, published_at=None, url=None)).sent == 0  # says no other
    last = desk.posts()[-1]
    assert (last.published_at, last.url) == (datetime(2026, 11, 18, 0, 0, tzinfo=UTC), "http://x.cn/1")
    assert last.edited_at is None


def test_an_export_of_mongodb_is_guessed_and_read_with_its_ids_and_times(desk: Desk) -> None:
    row = (
        '{"_id":{"$oid":"65f0"},"content":"停水","created_at":{"$date":"2026-11-19T00:30:00Z"},'
        '"likes":{"$numberLong":"5"}}'
    )
    later = '{"_id":{"$oid":"65f1"},"content":"停电","created_at":{"$date":{"$numberLong":"1795048200000"}}}'
    summary = desk.take(desk.write(f"{row}\n{later}\n", "a.jsonl"), columns=None)
    assert summary.guessed is not None
    assert summary.guessed == Columns(text="content", id="_id", published_at="created_at", likes="likes")
    assert [(post.native_id, post.published_at, post.counts.likes) for post in desk.posts()] == [
        ("status:65f0", datetime(2026, 11, 19, 0, 30, tzinfo=UTC), 5),
        ("status:65f1", datetime(2026, 11, 19, 0, 30, tzinfo=UTC), None),
    ]
    named = replace(summary.guessed, id="_id.$oid", published_at="created_at.$date")
    assert desk.take(desk.write(f"{row}\n", "a.jsonl"), columns=named).unchanged == 1
