"""The index stage's step, over a real index."""

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect

import pytest
from sqlalchemy import Engine

from stream.errors import Retryable
from stream.index.port import Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.index.stage import finish_erasing, index_step
from stream.state.tombstones import bury
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


def test_what_was_noted_as_erased_and_is_still_there_is_removed(tmp_path: Path, engine: Engine) -> None:
    path, now = tmp_path / "index.db", datetime(2026, 9, 1, tzinfo=UTC)
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(1), scored(2)])
        bury(engine, [scored(1).id], now, reason="request")
        assert finish_erasing(engine, reader, writer, now) == 1
        assert finish_erasing(engine, reader, writer, now) == 0
        assert [post.id for post in reader.export(Query())] == [scored(2).id]


def test_a_locked_index_passes_as_retryable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.file.BUSY", 0.05)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable):
            index_step(writer, nobody)([scored(1)])
