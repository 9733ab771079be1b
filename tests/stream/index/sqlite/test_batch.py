"""One batch of the embedded index: what becomes of each post, and where it lies afterwards."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from stream.index.port import Outcome
from stream.index.sqlite.batch import Batch
from stream.index.sqlite.file import hour_of, open_file, transaction
from stream.index.sqlite.rows import find, prepare
from stream.messages import ScoredPost
from tests.stream.scored import HOUR, NOON, SECOND, scored

DAY = timedelta(days=1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with closing(open_file(tmp_path / "index.db")) as connection:
        yield connection


def put(connection: Connection, *posts: ScoredPost) -> list[Outcome]:
    with transaction(connection, "IMMEDIATE"):
        batch = Batch(connection)
        outcomes = [batch.take(prepare(post)).outcome for post in posts]
        batch.store()
    return outcomes


def rows(connection: Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT id, row FROM post"))


def text_of(connection: Connection, number: int) -> str:
    known = find(connection, scored(number).id)
    assert known is not None
    words: str = connection.execute("SELECT text FROM words WHERE rowid = ?", (known.row,)).fetchone()[0]
    return words.replace(" ", "")


def tables(connection: Connection) -> dict[str, int]:
    names = ("post", "document", "words", "post_topic", "post_mark")
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def test_posts_of_an_hour_get_rows_one_after_the_other(connection: Connection) -> None:
    put(connection, *(scored(number, at=NOON + number * SECOND) for number in range(5)))
    put(connection, scored(5))
    found = sorted(rows(connection).values())
    assert found == list(range(found[0], found[0] + 6))


def test_a_post_of_a_later_hour_lies_behind(connection: Connection) -> None:
    put(connection, scored(1, at=NOON + HOUR), scored(2))
    assert rows(connection)[scored(2).id] < rows(connection)[scored(1).id]


@pytest.mark.parametrize("together", [True, False])
def test_of_two_observations_the_newer_stays_in_whatever_order_they_come(
    connection: Connection, together: bool
) -> None:
    older, newer = scored(1, "旧"), scored(1, "新", observed_at=NOON + SECOND)
    batches = [[newer, older]] if together else [[newer], [older]]
    outcomes = [outcome for batch in batches for outcome in put(connection, *batch)]
    assert outcomes == [Outcome.INDEXED, Outcome.STALE]
    assert text_of(connection, 1) == "新"


def test_an_equal_observation_is_put_again_in_the_same_row(connection: Connection) -> None:
    put(connection, scored(1))
    before = rows(connection)
    assert put(connection, scored(1)) == [Outcome.INDEXED]
    assert rows(connection) == before
    assert tables(connection) == {"post": 1, "document": 1, "words": 1, "post_topic": 1, "post_mark": 0}


def test_a_post_whose_time_moves_to_another_hour_moves_and_leaves_nothing_behind(connection: Connection) -> None:
    put(connection, scored(1, fields=("service",), cues=("danger",)))
    before = rows(connection)[scored(1).id]
    put(connection, scored(1, at=NOON + 5 * HOUR, topics=("a", "b")))
    after = rows(connection)[scored(1).id]
    assert hour_of(after) == hour_of(before) + 5
    assert tables(connection) == {"post": 1, "document": 1, "words": 1, "post_topic": 2, "post_mark": 0}


def test_a_post_seen_thrice_in_one_batch_is_one_post(connection: Connection) -> None:
    seen = [scored(1, f"第{n}次", at=NOON + n * HOUR, observed_at=NOON + n * HOUR) for n in range(3)]
    assert put(connection, *seen) == [Outcome.INDEXED] * 3
    assert tables(connection)["post"] == 1
    assert text_of(connection, 1) == "第2次"


def test_what_was_erased_never_returns_and_the_rest_of_its_batch_does(connection: Connection) -> None:
    connection.execute("INSERT INTO erased VALUES (?)", (scored(1).id,))
    assert put(connection, scored(1), scored(2)) == [Outcome.ERASED, Outcome.INDEXED]
    assert list(rows(connection)) == [scored(2).id]


def test_words_that_were_withheld_do_not_come_back_with_the_same_deletion(connection: Connection) -> None:
    gone = scored(1, "不该再出现", deleted_at=NOON, observed_at=NOON + DAY)
    put(connection, gone)
    assert text_of(connection, 1) == ""
    assert put(connection, scored(1, "不该再出现", deleted_at=NOON, observed_at=NOON + DAY + SECOND)) == [
        Outcome.INDEXED
    ]
    assert text_of(connection, 1) == ""


def test_words_come_back_with_a_post_that_is_back_at_its_source(connection: Connection) -> None:
    put(connection, scored(1, "在", deleted_at=NOON, observed_at=NOON + DAY))
    put(connection, scored(1, "又在", deleted_at=None, observed_at=NOON + 2 * DAY))
    assert text_of(connection, 1) == "又在"


def test_an_hour_that_is_full_refuses_one_more_and_keeps_what_it_has(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("file", "batch"):
        monkeypatch.setattr(f"stream.index.sqlite.{module}.SLOT_BITS", 2)
    outcomes = put(connection, *(scored(number) for number in range(5)))
    assert outcomes == [Outcome.INDEXED] * 4 + [Outcome.REFUSED]
    assert put(connection, scored(5)) == [Outcome.REFUSED]
    assert put(connection, scored(2, "别的", observed_at=NOON + SECOND)) == [Outcome.INDEXED]
    assert put(connection, scored(6, at=NOON + HOUR)) == [Outcome.INDEXED]


def test_a_batch_that_is_not_stored_leaves_nothing(connection: Connection) -> None:
    with transaction(connection, "IMMEDIATE"):
        Batch(connection).take(prepare(scored(1)))
    assert rows(connection) == {}
