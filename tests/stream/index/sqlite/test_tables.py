"""Files of earlier versions are brought forward in place: nothing is lost, and what was not kept is made again."""

import lzma
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zlib import compressobj

import pytest

from stream.index.port import Axis, Query
from stream.index.sqlite import rows as sqlite_rows
from stream.index.sqlite.file import open_file
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.index.sqlite.tables import SCHEMA, bring_forward
from stream.messages import Act, Precision
from tests.stream.scored import HOUR, NOON, scored

EARLIER = Path(__file__).parents[3] / "earlier" / "0.1" / "index.db.xz"
BACK = {
    6: ("PRAGMA user_version = 6",),
    5: ("PRAGMA user_version = 5",),
    4: ("PRAGMA user_version = 4",),
    3: ("ALTER TABLE post DROP COLUMN published_precision", "PRAGMA user_version = 3"),
    1: ("DROP TABLE post_mark", "ALTER TABLE post DROP COLUMN act", "PRAGMA user_version = 1"),
}


def turn_back(path: Path, version: int) -> None:
    """Makes the file one of that version."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        for to in (one for one in BACK if one >= version):
            for statement in BACK[to]:
                old.execute(statement)


def packed_by_the_first_version(body: bytes) -> bytes:
    packer = compressobj(1, zdict=sqlite_rows._BEFORE_ACTS)
    return packer.compress(body) + packer.flush()


def schema(path: Path) -> list[tuple[object, ...]]:
    with closing(open_file(path)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def test_a_file_of_the_first_version_is_brought_forward_with_its_posts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer:
        monkeypatch.setattr("stream.index.sqlite.rows.pack", packed_by_the_first_version)
        writer.put([scored(1, published_precision=Precision.DAY)])
        monkeypatch.undo()
    turn_back(path, 1)
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(2, act=Act.APPEAL, cues=("danger",), at=NOON + HOUR)])
        assert list(reader.search(Query()).posts)[1] == scored(1, published_precision=Precision.DAY)
        assert [post.native_id for post in reader.search(Query(acts=(Act.APPEAL,), cues=("danger",))).posts] == [
            "pid:2"
        ]
        assert [post.native_id for post in reader.search(Query(precisions=(Precision.DAY,))).posts] == ["pid:1"]


def test_posts_of_before_are_as_exactly_dated_as_their_documents_say(tmp_path: Path) -> None:
    path, precisions = tmp_path / "index.db", list(Precision)
    text = '"published_precision":"second"'  # words of a post, whatever they look like, are no field of it
    posts = [scored(n, text, NOON + n * HOUR, published_precision=precisions[n % 4]) for n in range(23)]
    with closing(SqliteIndexWriter(path)) as writer:
        writer.put(posts)
    new = schema(path)
    turn_back(path, 3)
    with closing(SqliteIndexReader(path)) as reader:
        assert list(reader.export(Query())) == sorted(posts, key=lambda post: post.id)
        for at, precision in enumerate(precisions):
            told = reader.tally(Query(precisions=(precision,)), Axis.CHARTED, NOON, NOON + 23 * HOUR, HOUR)
            assert [bucket.start for bucket in told["food"]] == [NOON + n * HOUR for n in range(at, 23, 4)]
    assert [name for name, _ in schema(path)] == [name for name, _ in new]


def test_a_file_made_by_an_earlier_program_tells_its_precisions(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(lzma.decompress(EARLIER.read_bytes()))
    with closing(SqliteIndexReader(path)) as reader:
        posts = list(reader.export(Query()))
        held = Counter(post.published_precision for post in posts)
        assert {one: reader.count(Query(precisions=(one,))) for one in held} == held
        assert sum(held.values()) == len(posts) > 100
        start, end = min(post.charted_at for post in posts), max(post.charted_at for post in posts)
        told = reader.tally(Query(), Axis.CHARTED, start, end + HOUR, timedelta(minutes=5))
        assert {topic: sum(bucket.total for bucket in buckets) for topic, buckets in told.items()} == Counter(
            topic for post in posts for topic in post.topics
        )


def words_of(path: Path) -> list[tuple[int, str, str]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute("SELECT rowid, title, text FROM words ORDER BY rowid").fetchall()


def test_words_of_before_are_spelt_as_those_of_now(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    texts = ["變電站爆炸", "一条220 kV线路", "Café里停·电", "停电", "停⚡电"]
    posts = [scored(n, text, NOON + n * HOUR) for n, text in enumerate(texts)]
    with closing(SqliteIndexWriter(path)) as writer:
        writer.put([*posts, scored(9, "停电", NOON, deleted_at=NOON)])
        writer.withhold(NOON + 100 * HOUR)
    new = words_of(path)
    turn_back(path, 4)
    with closing(sqlite3.connect(path)) as old:
        old.execute("UPDATE words SET text = '變 電 站 爆 炸' WHERE text = '变 电 站 爆 炸'")
        old.execute("UPDATE words SET text = '一 条 220kv 线 路' WHERE text LIKE '%220%'")
        old.execute("UPDATE words SET text = 'café 里 停 | 电' WHERE text LIKE 'caf%'")
        old.execute("UPDATE words SET text = '停 ⚡ 电' WHERE text LIKE '停 ⚡%'")
        old.commit()
    assert words_of(path) != new
    with closing(SqliteIndexReader(path)) as reader:
        for searched, number in (("变电站", 0), ("變電站", 0), ("220kV", 1), ("220", 1), ("cafe", 2), ("café", 2)):
            assert [post.native_id for post in reader.search(Query(words=searched)).posts] == [f"pid:{number}"]
        assert reader.count(Query(words="停电")) == 3
        assert reader.count(Query(words="⚡")) == 1
    assert words_of(path) == new


def test_a_word_that_the_version_before_left_as_written_is_found_once_the_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer:
        writer.put([scored(1, "工資拖著不給")])
    turn_back(path, 6)
    with closing(sqlite3.connect(path)) as old:
        old.execute("UPDATE words SET text = replace(text, '着', '著')")
        old.commit()
    with closing(SqliteIndexReader(path)) as reader:
        assert reader.count(Query(words="拖着")) == reader.count(Query(words="拖著")) == 1


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer:
        writer.put([scored(1)])
    turn_back(path, 3)
    with closing(sqlite3.connect(path)) as old:
        (body,) = old.execute("SELECT body FROM document").fetchone()
        old.execute("UPDATE document SET body = x'00'")
        old.commit()
    with pytest.raises(sqlite3.OperationalError, match="user-defined function"):
        open_file(path)
    with closing(sqlite3.connect(path)) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (3,)
        old.execute("UPDATE document SET body = ?", (body,))
        old.commit()
    with closing(SqliteIndexReader(path)) as reader:
        assert reader.count(Query(precisions=(Precision.MINUTE,))) == 1


def test_what_is_known_of_versions_ends_with_this_one(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        assert bring_forward(connection, 0) == SCHEMA
        assert bring_forward(connection, SCHEMA) == SCHEMA
        assert bring_forward(connection, SCHEMA + 1) == SCHEMA + 1
