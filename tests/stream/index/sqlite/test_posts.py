"""What only the SQLite adapter can do wrong; what it promises is in tests/stream/index/test_port.py."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from sqlite3 import OperationalError, connect

import pytest

from stream.errors import ConfigError, Retryable
from stream.index.port import Outcome, Query
from stream.index.sqlite.file import open_file
from stream.index.sqlite.filters import select
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.index.sqlite.told import tell
from tests.stream.scored import HOUR, NOON, SECOND, scored


def put_some(path: Path, start: int) -> None:
    with closing(SqliteIndexWriter(path)) as writer:
        for number in range(start, start + 60, 3):
            writer.put([scored(one, at=NOON + one * SECOND) for one in range(number, number + 3)])


def test_several_processes_write_and_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "index.db"
    context = get_context("spawn")
    writers = [context.Process(target=put_some, args=(path, start)) for start in (0, 30, 60)]
    for process in writers:
        process.start()
    with closing(SqliteIndexReader(path)) as reader:
        while any(process.is_alive() for process in writers):
            assert len(reader.search(Query(words="安全"), limit=200).posts) <= reader.count(Query(words="安全"))
        assert [process.exitcode for process in writers] == [0, 0, 0]
        assert reader.count(Query(words="食品安全")) == reader.count(Query()) == 120


def test_threads_ask_one_reader_side_by_side(tmp_path: Path) -> None:
    """As the console's do: on a connection that two share, one would end the other's transaction."""
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        posts = [scored(number, at=NOON + number * SECOND) for number in range(200)]
        writer.put(posts)

        def ask(number: int) -> tuple[int, int, int]:
            found = reader.search(Query(words="安全"), limit=50)
            return reader.count(Query()), len(found.posts), len(reader.get([posts[number % 200].id]))

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(ask, range(400))) == {(200, 50, 1)}


def test_a_locked_file_is_retryable_and_nothing_is_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.file.BUSY", 0.05)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable, match="locked"):
            writer.put([scored(1)])
        other.execute("ROLLBACK")
        assert [put.outcome for put in writer.put([scored(1)])] == [Outcome.INDEXED]


def test_who_reads_does_not_wait_for_who_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.file.BUSY", 0.05)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(connect(path, isolation_level=None)) as other:
        writer.put([scored(1)])
        other.execute("BEGIN IMMEDIATE")
        with closing(SqliteIndexReader(path)) as reader:
            assert reader.count(Query(words="食品")) == 1


def test_what_was_erased_is_in_no_byte_of_the_file(tmp_path: Path) -> None:
    path, secret = tmp_path / "index.db", "zebraquux"
    with closing(SqliteIndexWriter(path)) as writer:
        for batch in range(20):  # enough for FTS5 to have merged, and freed, what held the word before
            again = scored(1, f"{secret} {batch}", observed_at=NOON + batch * SECOND)
            writer.put([again, *(scored(100 * batch + number) for number in range(2, 90))])
        assert secret.encode() in b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert writer.erase([scored(1).id]) == 1
        assert secret.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_full_disk_crashes_and_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(1)])
        writer._connection.execute("PRAGMA max_page_count = 1")  # the least SQLite allows: no page more than there are
        with pytest.raises(OperationalError, match="full"):
            writer.put([scored(number, chr(0x4E00 + number) * 1000) for number in range(2, 500)])
        assert list(reader.export(Query())) == [scored(1)]
        writer._connection.execute("PRAGMA max_page_count = 1000000")
        assert [put.outcome for put in writer.put([scored(2)])] == [Outcome.INDEXED]


def test_a_file_that_is_no_index_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    other, text, folder = tmp_path / "other.db", tmp_path / "text.db", tmp_path / "folder"
    folder.mkdir()
    text.write_text("no database " * 100)
    with closing(connect(other)) as connection:
        connection.execute("CREATE TABLE something (x)")
    for path in (other, text, folder, text / "index.db"):
        with pytest.raises(ConfigError, match=r"stream.yml: index: .*name another file"):
            SqliteIndexReader(path)


def put_until_killed(path: Path, told: Connection) -> None:
    writer = SqliteIndexWriter(path)
    for number in count():
        writer.put([scored(2 * number + one, at=NOON + one * HOUR) for one in range(2)])
        told.send(number)


def test_what_was_reported_survives_a_kill_and_no_batch_is_half_there(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=put_until_killed, args=(path, there))
    process.start()
    while here.recv() < 20:
        pass
    process.kill()
    process.join()
    there.close()
    reported = 20
    with suppress(EOFError):
        while True:
            reported = here.recv()
    with closing(SqliteIndexReader(path)) as reader:
        held = {int(post.native_id.removeprefix("pid:")) for post in reader.export(Query(words="食品安全"))}
    assert held in (set(range(2 * reported + 2)), set(range(2 * reported + 4)))


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(words="食品 -广告", charted_since=NOON),
        Query(topics=("food", "price"), words="食"),
        Query(topics=("a",)),
        Query(words="食品 OR 药 -广告", boards=("水电",), least_replies=3, authorless=False),
    ],
)
def test_a_page_is_read_in_its_order_without_sorting_all_hits(tmp_path: Path, query: Query) -> None:
    selection = select(query)
    sql = (
        f"EXPLAIN QUERY PLAN SELECT p.id FROM {selection.source} WHERE {selection.where} ORDER BY {selection.row} DESC"
    )
    with closing(open_file(tmp_path / "index.db")) as connection:
        tell(connection)
        plan = [step[-1] for step in connection.execute(sql, selection.values)]
    assert plan
    assert not [step for step in plan if "TEMP B-TREE" in step]


def test_more_posts_in_an_hour_than_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pages", "batch", "file", "filters"):
        monkeypatch.setattr(f"stream.index.sqlite.{module}.SLOT_BITS", 1)
    with closing(SqliteIndexWriter(tmp_path / "index.db")) as writer:
        outcomes = [put.outcome for put in writer.put([scored(number) for number in range(3)])]
        assert outcomes == [Outcome.INDEXED, Outcome.INDEXED, Outcome.REFUSED]
        assert writer.put([scored(4, at=NOON + HOUR)])[0].outcome is Outcome.INDEXED
