"""The index stage's step, over a real index."""

from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from stream.errors import Retryable
from stream.index import Query
from stream.indexes.sqlite import SqliteIndexReader, SqliteIndexWriter
from stream.indexing import index_step
from tests.stream.scored import scored


def nobody(_ids: Collection[str]) -> frozenset[str]:
    return frozenset()


def test_the_step_returns_refusals_by_position_and_indexes_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.erase([scored(3).id])
        rejected = index_step(writer, nobody)([scored(1), scored(2, title="\ud800"), scored(3), scored(1)])
        assert {at: refusal.reason for at, refusal in rejected.items()} == {1: "refused"}
        assert "surrogate" in rejected[1].detail
        assert reader.count(Query()) == 1


def test_a_locked_index_passes_as_retryable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.indexes.sqlite_file.BUSY", 0.05)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable):
            index_step(writer, nobody)([scored(1)])
