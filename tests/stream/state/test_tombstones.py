"""What was erased stays away: from the index, whoever comes last, and through a new index."""

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stream.index.port import Outcome, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.index.stage import index_step, put_living
from stream.process.clock import ScriptedClock
from stream.state.database import reading
from stream.state.tombstones import FEW, TombstoneRow, all_gone, asking, bury, gone, remove_expired
from tests.stream.scored import scored

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("few", [0, 100])
def test_only_what_was_erased_is_gone(engine: Engine, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("stream.state.tombstones.FEW", few)
    bury(engine, ["a", "b", "a"], NOW, reason="request")
    bury(engine, ["b"], NOW + DAY, reason="again")
    with reading(engine) as session:
        assert gone(session, ["a", "b", "c"], NOW) == {"a", "b"}
        assert gone(session, [], NOW) == frozenset()


def test_a_tombstone_with_an_end_stands_until_then(engine: Engine) -> None:
    bury(engine, ["a"], NOW, reason="retention", until=NOW + DAY)
    assert list(all_gone(engine, NOW)) == ["a"]
    assert list(all_gone(engine, NOW + DAY)) == []


def test_all_tombstones_come_in_order_however_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.state.tombstones.CHUNK", 3)
    monkeypatch.setattr("stream.state.tombstones.FEW", 3)
    names = [f"{number:032x}" for number in range(7)]
    bury(engine, names[::-1], NOW, reason="request")
    assert list(all_gone(engine, NOW)) == names
    assert asking(engine, ScriptedClock(NOW))([*names, "f" * 32]) == set(names)


def test_an_erased_post_does_not_come_back_into_a_new_index(engine: Engine, tmp_path: Path) -> None:
    ask = asking(engine, ScriptedClock(NOW))
    bury(engine, [scored(1).id], NOW, reason="request")
    for path in (tmp_path / "first.db", tmp_path / "rebuilt.db"):
        with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
            assert index_step(writer, ask)([scored(1), scored(2)]) == {}
            puts = put_living(writer, [scored(1), scored(2)], ask)
            assert [put.outcome for put in puts] == [Outcome.ERASED, Outcome.INDEXED]
            assert [post.id for post in reader.export(Query())] == [scored(2).id]


def test_a_post_erased_while_it_is_put_is_removed_again(tmp_path: Path) -> None:
    answers = iter([frozenset[str](), frozenset({scored(1).id})])

    def ask(_ids: Collection[str]) -> frozenset[str]:
        return next(answers)

    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        puts = put_living(writer, [scored(1), scored(2)], ask)
        assert [put.outcome for put in puts] == [Outcome.ERASED, Outcome.INDEXED]
        assert reader.count(Query()) == 1


def test_a_tombstone_with_an_end_is_told_and_removed_once_it_came(engine: Engine) -> None:
    bury(engine, ["a", "b"], NOW, reason="retention", until=NOW + DAY)
    bury(engine, ["c"], NOW, reason="request")
    assert remove_expired(engine, NOW + DAY - timedelta(seconds=1)) == 0
    assert remove_expired(engine, NOW + DAY, dry=True) == 2
    assert remove_expired(engine, NOW + DAY) == 2
    assert remove_expired(engine, NOW + 1000 * DAY) == 0
    assert list(all_gone(engine, NOW)) == ["c"]


def test_the_first_reason_and_the_first_end_stay(engine: Engine) -> None:
    bury(engine, ["a"], NOW, reason="retention", until=NOW + DAY)
    bury(engine, ["a"], NOW, reason="request")
    with reading(engine) as session:
        (row,) = session.query(TombstoneRow)
        assert (row.reason, row.until, row.erased_at) == ("retention", NOW + DAY, NOW)


def test_burying_nobody_does_nothing(engine: Engine) -> None:
    bury(engine, [], NOW, reason="request")
    assert list(all_gone(engine, NOW)) == []


def test_who_asks_sees_what_was_buried_since(engine: Engine) -> None:
    ask = asking(engine, ScriptedClock(NOW))
    assert ask(["a"]) == frozenset()
    bury(engine, ["a"], NOW, reason="request")
    assert ask(["a", "a", "b"]) == {"a"}


@pytest.mark.parametrize("number", [0, 1, FEW, FEW + 1])
def test_few_and_many_tombstones_are_asked_for_with_the_same_answer(engine: Engine, number: int) -> None:
    names = [f"{one:032x}" for one in range(number)]
    bury(engine, names, NOW, reason="request")
    with reading(engine) as session:
        assert gone(session, [*names[::2], "f" * 32], NOW) == set(names[::2])
