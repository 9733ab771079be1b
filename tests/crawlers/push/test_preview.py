from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from crawlers.push.preview import Preview, preview
from stream.errors import Rejected
from stream.log.broker import RAW, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.process.clock import ScriptedClock
from tests.crawlers.published import published

NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
COLUMNS = Columns(text="内容", id="编号", published_at="时间")


def look(folder: Path, content: str, columns: Columns | None = COLUMNS) -> tuple[Preview, list[tuple[int, float]]]:
    (folder / "a.csv").write_text(content, "utf-8")
    source = FileSource(site="民声", basis="own data", columns=columns)
    done: list[tuple[int, float]] = []
    seen = preview(
        folder / "a.csv", source, name="handed-in", clock=ScriptedClock(NOW), progress=lambda *at: done.append(at)
    )
    return seen, done


def test_a_look_at_a_file_says_what_an_import_would_and_shows_three_posts(tmp_path: Path) -> None:
    rows = "".join(f"{number},第{number}条,2026-11-28 08:00\n" for number in range(1, 6))
    seen, _ = look(tmp_path, f"编号,内容,时间\n{rows}6,少一格\n7,,\n1,别的话,2026-11-28 08:00\n")
    assert (seen.rows, seen.posts, seen.reasons, seen.remarks) == (
        8,
        6,
        {"does_not_fit": 1, "empty": 1},
        {"id_twice": 1},
    )
    assert seen.examples["does_not_fit"] == "2 cells under 3 names, line 7"
    assert [(post.native_id, post.text, post.voice) for post in seen.first] == [
        ("status:1", "第1条", None),
        ("status:2", "第2条", None),
        ("status:3", "第3条", None),
    ]
    assert seen.first[0].published_at == datetime(2026, 11, 28, 0, 0, tzinfo=UTC)


def test_a_time_that_is_not_understood_is_told_with_its_words_and_its_line(tmp_path: Path) -> None:
    seen, _ = look(tmp_path, "编号,内容,时间\n1,停电,2026-11-28\n2,停水,乙巳年腊月初八\n3,停气,2026年11月\n4,停暖,\n")
    assert (seen.posts, seen.remarks) == (4, {"time_not_understood": 2})
    assert seen.examples["time_not_understood"] == "乙巳年腊月初八, line 3"


def test_a_guess_is_shown_before_anything_is_sent(tmp_path: Path) -> None:
    seen, _ = look(tmp_path, "编号,正文,设备\n1,停电,x\n", columns=None)
    assert (seen.columns, seen.unused, seen.posts) == (Columns(text="正文", id="编号"), ("设备",), 1)


def test_how_far_it_is_is_told_every_few_hundred_rows(tmp_path: Path) -> None:
    _, done = look(tmp_path, "编号,内容,时间\n" + "1,停电,\n" * 1_200)
    assert [rows for rows, _ in done] == [500, 1000, 1200]
    assert (done[-1][1], all(0 < share < 1 for _, share in done[:-1])) == (1.0, True)


def test_a_file_that_an_import_refuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="no_text_column"):
        look(tmp_path, "编号,正文\n1,停电\n")


NASTY = (
    "周报,,\n编号,内容,时间\n1,停电,2026-11-28 08:00\n1,来电,2026-11-28 08:05\n"
    "2,少一格\n3,,\n4.95E+15,停了,2026-11-28 08:10\n"
    '5,"停"又停,2026-11-28 08:15\n编号,内容,时间\n6,没有时间,\n6,没有时间,\n7,\ufffd\ufffd\ufffd,2026-11-28 08:20\n'
    "合计,9,\n"
)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (NASTY, COLUMNS),
        (NASTY.partition("\n")[2], None),
        ("内容\n停电\n停电\n", Columns(text="内容")),
        ("编号,内容,时间\n1,停电,2026-11-28 00:00:00\n", COLUMNS),
    ],
)
def test_what_is_told_before_an_import_is_what_it_does(
    tmp_path: Path, state: Engine, content: str, columns: Columns | None
) -> None:
    seen, _ = look(tmp_path, content, columns)
    clock = ScriptedClock(NOW)
    with closing(SqliteAdmin(tmp_path / "log.db")) as admin:
        admin.apply([Topic(RAW)])
    with (
        closing(SqliteProducer(tmp_path / "log.db", clock)) as producer,
        closing(SqliteConsumer(tmp_path / "log.db", clock, group="test", topics=[RAW])) as consumer,
    ):
        done = import_file(
            tmp_path / "a.csv", FileSource(site="民声", basis="own data", columns=columns), name="handed-in",
            producer=producer, engine=state, voice_key=b"k" * 32, clock=clock, report_to=tmp_path,
        )  # fmt: skip
        posts = {post.native_id: post for post in published(consumer)}
    assert (seen.rows, dict(seen.reasons), dict(seen.remarks)) == (done.rows, done.reasons, done.remarks)
    assert (seen.examples, seen.unused) == (done.examples, done.unused)
    assert seen.posts == done.sent + done.unchanged
    for shown in seen.first:
        sent = posts[shown.native_id]
        assert (shown.text, shown.published_at, shown.counted_at) == (sent.text, sent.published_at, sent.counted_at)
        assert shown.published_precision == sent.published_precision


def test_a_look_tells_of_a_column_that_the_file_has_no_more(tmp_path: Path) -> None:
    seen, _ = look(tmp_path, "编号,内容,登记时间\n1,停水,2026-11-28 08:00\n")
    assert (seen.posts, seen.examples) == (1, {"no_such_column": "no column '时间' in a.csv"})
