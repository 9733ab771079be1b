"""A folder into which files are put: which are taken, where they go, and what is left for a person."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from os import fsdecode, utime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]
from pydantic import TypeAdapter
from sqlalchemy import Engine

from crawlers.health import all_sources
from crawlers.push.folder.source import FolderSource
from crawlers.push.folder.taking import UNMENDED, FolderSummary, take_folder
from stream.errors import Rejected
from stream.log.broker import RAW, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import ScriptedClock
from stream.process.failpoints import arm
from stream.state.source_health import SourceHealth
from tests.crawlers.published import published

START = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
TABLE = "编号,内容,时间\n1,停水了,2026-11-28 22:30\n2,来水了,2026-11-28 22:40\n"


class Waiting(ScriptedClock):
    """A clock while whose sleep something may happen in the folder."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.meanwhile: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.meanwhile()


class Drop:
    """One folder, with its log and its memory."""

    def __init__(self, folder: Path, state: Engine) -> None:
        self.path, self.engine, self.clock = folder / "drop", state, Waiting(START)
        self.path.mkdir()
        with closing(SqliteAdmin(folder / "log.db")) as admin:
            admin.apply([Topic(RAW)])
        self.producer = SqliteProducer(folder / "log.db", self.clock)
        self._consumer = SqliteConsumer(folder / "log.db", self.clock, group="test", topics=[RAW])

    def put(self, name: str, content: str | bytes = TABLE) -> Path:
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def take(self, **changes: Any) -> FolderSummary:
        told: dict[str, Any] = {
            "site": "hotline", "basis": "our own", "path": str(self.path), "cron": "*/5 * * * *",
            "columns": {"text": "内容", "id": "编号", "published_at": "时间"},
        }  # fmt: skip
        source = TypeAdapter(FolderSource).validate_python(told | changes)
        return take_folder(
            "drop", source, producer=self.producer, engine=self.engine, voice_key=b"k" * 32, clock=self.clock
        )

    def lying(self, folder: str = "") -> list[str]:
        """The names in a folder, reports and folders apart."""
        there = (self.path / folder).glob("*")
        return sorted(path.name for path in there if path.is_file() and not path.name.endswith(".report.json"))

    def report(self, folder: str) -> dict[str, Any]:
        (found,) = (self.path / folder).glob("*.report.json")
        told: dict[str, Any] = json.loads(found.read_text("utf-8"))
        return told

    def posts(self) -> list[Post]:
        return published(self._consumer)

    def health(self) -> SourceHealth:
        return all_sources(self.engine)["drop"]

    def close(self) -> None:
        self.producer.close()
        self._consumer.close()


@pytest.fixture
def drop(tmp_path: Path, state: Engine) -> Iterator[Drop]:
    one = Drop(tmp_path, state)
    yield one
    one.close()


def test_a_file_that_lies_still_is_taken_and_moved_with_its_report(drop: Drop) -> None:
    drop.put("工单.csv")
    assert drop.take() == FolderSummary(done=1, sent=2)
    assert sorted(post.text for post in drop.posts()) == ["停水了", "来水了"]
    assert (drop.lying(), drop.lying("done")) == ([], ["20261128-230005 工单.csv"])
    report = drop.report("done")
    assert (report["file"], report["rows"], report["sent"], report["lines"]) == ("工单.csv", 2, 2, [])
    row = drop.health()
    assert (row.state, row.read, row.new, row.fresh_until) == ("ok", 2, 2, START + timedelta(minutes=10))


def test_jsonl_and_workbooks_are_taken_too(drop: Drop) -> None:
    drop.put("a.jsonl", '{"编号": "7", "内容": "停水了"}\n')
    book = Workbook()
    book.active.append(["编号", "内容", "时间"])
    book.active.append(["8", "来水了", "2026-11-28 22:40"])
    book.save(drop.path / "b.xlsx")
    assert drop.take() == FolderSummary(done=2, sent=2)
    assert drop.lying("done") == ["20261128-230005 a.jsonl", "20261128-230005 b.xlsx"]


def test_nothing_of_the_writer_is_kept(drop: Drop) -> None:
    drop.put("a.csv", "内容,作者\n停水了,张三\n")
    drop.take(columns={"text": "内容", "author": "作者"})
    (post,) = drop.posts()
    assert (post.voice, "张三" in repr(post)) == (None, False)


def test_a_file_that_grows_is_left_for_the_next_look(drop: Drop) -> None:
    path = drop.put("a.csv")
    drop.clock.meanwhile = lambda: path.write_text(TABLE + "3,又停了,2026-11-28 22:50\n", "utf-8")
    assert drop.take() == FolderSummary(moving=1)
    assert (drop.lying(), drop.posts()) == (["a.csv"], [])
    drop.clock.meanwhile = lambda: None
    assert drop.take() == FolderSummary(done=1, sent=3)


def test_a_file_that_goes_away_meanwhile_is_nobodys(drop: Drop) -> None:
    path = drop.put("a.csv")
    drop.clock.meanwhile = lambda: path.unlink(missing_ok=True)
    assert drop.take() == FolderSummary(moving=1)
    assert drop.health().state == "ok"


@pytest.mark.parametrize("name", ["a.csv.part", "a.csv.tmp", ".a.csv", "~$a.xlsx", "a.CRDOWNLOAD", "a.csv.report.json"])
def test_what_programs_still_write_or_hide_is_not_looked_at(drop: Drop, name: str) -> None:
    drop.put(name)
    assert drop.take() == FolderSummary()
    assert (drop.path / name).exists()


def test_folders_and_links_are_left_alone(drop: Drop, tmp_path: Path) -> None:
    (drop.path / "old").mkdir()
    (tmp_path / "secret.csv").write_text(TABLE, "utf-8")
    (drop.path / "link.csv").symlink_to(tmp_path / "secret.csv")
    assert drop.take() == FolderSummary()


def test_an_empty_look_is_a_reading_and_keeps_the_source_fresh(drop: Drop) -> None:
    drop.take()
    drop.clock.sleep(300)
    assert drop.take() == FolderSummary()
    row = drop.health()
    assert (row.state, row.succeeded_at, row.fresh_until) == ("ok", drop.clock.now(), START + timedelta(minutes=15))


def test_a_file_that_cannot_be_read_goes_to_failed_and_the_source_says_so_until_somebody_acts(drop: Drop) -> None:
    drop.put("bad.csv", "甲,乙\n1,2\n")
    drop.put("bad.docx", b"PK\x03\x04")
    drop.put("good.csv")
    assert drop.take() == FolderSummary(done=1, sent=2, failed={"no_text_column": 1, "unknown_format": 1})
    assert drop.lying("failed") == ["20261128-230005 bad.csv", "20261128-230005 bad.docx"]
    for _ in range(2):
        assert drop.health().state == "partial"
        assert drop.health().reason.startswith(f"2 × {UNMENDED} (bad.csv: no column '")
        drop.take()
    for path in (drop.path / "failed").glob("*"):
        path.unlink()
    drop.take()
    assert (drop.health().state, drop.health().reason) == ("ok", "")


def test_the_report_of_a_failed_file_says_why(drop: Drop) -> None:
    drop.put("bad.csv", "甲,乙\n1,2\n")
    drop.take()
    report = drop.report("failed")
    assert (report["file"], report["reason"]) == ("bad.csv", "no_text_column")
    assert "no column '内容'" in report["detail"]


def test_rejected_rows_are_in_the_report_by_line_and_a_file_of_nothing_else_failed(drop: Drop) -> None:
    drop.put("a.csv", "编号,内容,时间\n1,停水了,2026-11-28 22:30\n2,,2026-11-28 22:30\n")
    assert drop.take() == FolderSummary(done=1, sent=1, rejected=1)
    report = drop.report("done")
    assert [(row["line"], row["reason"]) for row in report["lines"]] == [(3, "empty")]
    assert list((drop.path / "done").glob("*.rejected.jsonl")) == []
    drop.put("b.csv", "编号,内容,时间\n1,,2026-11-28 22:30\n")
    drop.take()
    assert drop.lying("failed") == ["20261128-230010 b.csv"]


def test_two_files_of_one_name_in_one_second_are_both_kept(drop: Drop) -> None:
    (drop.path / "done").mkdir()
    (drop.path / "done" / "20261128-230005 a.csv").write_text("earlier", "utf-8")
    drop.put("a.csv")
    drop.take()
    assert drop.lying("done") == ["20261128-230005 a.csv", "20261128-230005-2 a.csv"]
    assert (drop.path / "done" / "20261128-230005 a.csv").read_text("utf-8") == "earlier"


@pytest.mark.parametrize("place", ["crawl.met", "crawl.sent", "crawl.noted", "folder.taken"])
def test_a_death_before_the_move_doubles_nothing_when_it_is_taken_again(drop: Drop, place: str) -> None:
    drop.put("a.csv", "内容\n停水了\n停水了\n来水了\n")  # no ids: known by their words and their place
    arm(f"{place}=raise@1")
    with pytest.raises(RuntimeError):
        drop.take(columns={"text": "内容"})
    assert (drop.lying(), drop.health().state) == (["a.csv"], "failed")
    assert drop.take(columns={"text": "内容"}).done == 1
    assert len({post.id for post in drop.posts()}) == 3
    assert drop.lying("done") != []


def test_a_folder_that_is_not_there_is_told_by_its_path(drop: Drop) -> None:
    drop.path.rmdir()
    with pytest.raises(Rejected, match="no_such_folder") as caught:
        drop.take()
    assert str(drop.path) in caught.value.detail
    assert (drop.health().state, drop.health().reason) == ("failed", "no_such_folder")


@pytest.mark.parametrize("path", [".", "/"])
def test_a_folder_of_everything_is_refused(drop: Drop, path: str) -> None:
    with pytest.raises(ValueError, match="write a folder of its own"):
        drop.take(path=path)


LONG = "长" * 83 + ".csv"  # 253 bytes of the 255 that a name may have


@pytest.mark.parametrize("content", [TABLE, "编号,内容,时间\n1,,\n2,来水了,2026-11-28 22:40\n", "甲,乙\n1,2\n"])
def test_a_file_whose_name_leaves_no_room_is_moved_under_a_shorter_one(drop: Drop, content: str) -> None:
    drop.put(LONG, content)
    summary = drop.take()
    to = "failed" if summary.failed else "done"
    (name,) = drop.lying(to)
    assert (name.startswith("20261128-230005 长长"), name.endswith(".csv"), drop.lying()) == (True, True, [])
    assert drop.report(to)["file"] == LONG


def test_a_name_that_is_no_utf8_as_unpacked_archives_have_it_is_taken_too(drop: Drop) -> None:
    name = fsdecode("工单.csv".encode("gbk"))
    (drop.path / name).write_text(TABLE, "utf-8")
    assert drop.take() == FolderSummary(done=1, sent=2)
    assert drop.lying("done") == [f"20261128-230005 {name}"]
    assert drop.report("done")["file"] == name


def test_a_header_of_bytes_that_are_no_text_fails_its_file_and_no_other(drop: Drop) -> None:
    (drop.path / "a.csv").write_bytes(
        "编号,".encode() + b"\xff\xfe\xe5" + "\n1,停水\n".encode() + b"2,\xe6\xb0\xb4\n" * 9
    )
    drop.put("b.csv")
    assert drop.take() == FolderSummary(done=1, sent=2, failed={"no_text_column": 1})


def test_a_folder_is_read_in_the_order_of_its_names_so_that_the_later_export_holds(drop: Drop) -> None:
    drop.put("2026-11-28.csv", "编号,内容,时间\n1,停水了（更正）,2026-11-28 22:30\n")
    drop.put("2026-11-27.csv", "编号,内容,时间\n1,停水了,2026-11-28 22:30\n")
    assert drop.take() == FolderSummary(done=2, sent=2)
    assert [post.text for post in drop.posts()] == ["停水了", "停水了（更正）"]


def test_the_same_export_put_in_again_sends_nothing_and_is_no_failure(drop: Drop) -> None:
    drop.put("a.csv")
    drop.take()
    drop.put("a.csv")
    assert drop.take() == FolderSummary(done=1)
    row = drop.health()
    assert (row.state, row.read, row.new, row.reason) == ("ok", 2, 0, "")


def test_a_mended_file_that_is_put_back_makes_the_source_whole(drop: Drop) -> None:
    drop.put("a.csv", "甲,乙\n1,2\n")
    drop.take()
    (bad,) = (drop.path / "failed").glob("*.csv")
    bad.write_text(TABLE, "utf-8")
    bad.rename(drop.path / "a.csv")
    assert drop.take() == FolderSummary(done=1, sent=2)
    assert (drop.health().state, drop.lying("failed")) == ("ok", [])


def test_a_file_that_only_its_time_changed_of_is_still_written(drop: Drop) -> None:
    path = drop.put("a.csv")
    drop.clock.meanwhile = lambda: utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert drop.take() == FolderSummary(moving=1)


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", "ehthumbs.db", "~$工单.xlsx", ".DS_Store", "._a.csv"])
def test_what_windows_and_macs_write_themselves_is_nobodys(drop: Drop, name: str) -> None:
    drop.put(name)
    assert drop.take() == FolderSummary()
    assert (drop.path / name).exists()


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", ""), ("a.json", "[]"), ("a.jsonl", "\n"), ("b.csv", "编号,内容\n")]
)
@pytest.mark.parametrize("columns", [None, {"text": "内容", "id": "编号"}])
def test_a_day_on_which_nobody_wrote_is_no_failure(
    drop: Drop, name: str, content: str, columns: dict[str, str] | None
) -> None:
    drop.put(name, content)
    assert drop.take(columns=columns) == FolderSummary(done=1)
    assert drop.health().state == "ok"
