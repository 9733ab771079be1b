"""The export is JSON lines that anybody can read back."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stream.codec import SCORED
from stream.index.export import export_lines
from stream.index.port import WITHHELD_AFTER, Query, Reader
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost
from tests.stream.scored import NOON, scored

POSTS = [
    scored(1, "第一行\n第二行\u2028第三行\u2029\x85尾👍🏽 \\u2028"),
    scored(2, site="other", observed_at=NOON + WITHHELD_AFTER),
    scored(3, "没了", title="标题", deleted_at=NOON),
]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put(POSTS)
        yield reader


def exported(reader: Reader, **conditions: object) -> list[ScoredPost]:
    lines = b"".join(export_lines(reader, NOON, Query(**conditions))).decode()  # type: ignore[arg-type]
    assert lines.endswith("\n") or not lines
    return [SCORED.decode(line.encode()) for line in lines.splitlines()]


def test_every_post_is_one_line_for_any_reader_and_equal_when_read_back(reader: Reader) -> None:
    assert exported(reader) == sorted(POSTS, key=lambda post: post.id)


def test_the_export_may_be_of_one_site_or_of_what_was_observed_since(reader: Reader) -> None:
    assert exported(reader, sites=("other",)) == exported(reader, observed_since=NOON + WITHHELD_AFTER) == [POSTS[1]]
    assert exported(reader, sites=("nowhere",)) == []


def test_words_of_a_post_gone_for_long_are_not_exported(reader: Reader) -> None:
    lines = export_lines(reader, NOON + WITHHELD_AFTER, Query(sites=("bbs",)))
    gone = next(post for line in lines if (post := SCORED.decode(line)).deleted_at)
    assert (gone.title, gone.text) == ("", "")
    assert gone.id == POSTS[2].id
