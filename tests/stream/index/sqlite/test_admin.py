"""Looking after the embedded index as a whole: what is past its time, a file filled again in its place."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from stream.index.port import Query
from stream.index.sqlite.admin import SqliteIndexAdmin, SqliteRefill
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost
from tests.stream.scored import HOUR, NOON, scored

DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


def put(path: Path, *posts: ScoredPost) -> None:
    with closing(SqliteIndexWriter(path)) as writer:
        writer.put(posts)


def held(path: Path) -> list[str]:
    with closing(SqliteIndexReader(path)) as reader:
        return sorted(post.native_id for post in reader.export(Query()))


@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_posts_first_seen_before_a_time_go_however_many_at_once(
    path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.index.sqlite.admin.CHUNK", chunk)
    put(path, *(scored(number, at=NOON + number * DAY) for number in range(6)))
    with closing(SqliteIndexAdmin(path)) as admin:
        assert admin.expire(NOON + 4 * DAY, dry=True) == ["4 posts"]
        assert len(held(path)) == 6
        assert admin.expire(NOON + 4 * DAY) == ["4 posts"]
        assert admin.expire(NOON + 4 * DAY) == []
    assert held(path) == ["pid:4", "pid:5"]


def test_a_post_first_seen_in_that_very_moment_stays(path: Path) -> None:
    put(path, scored(1, at=NOON))
    with closing(SqliteIndexAdmin(path)) as admin:
        assert admin.expire(NOON) == []
        assert admin.expire(NOON + HOUR) == ["1 posts"]


def test_when_a_post_was_first_seen_counts_not_when_it_says_it_was_written(path: Path) -> None:
    put(path, scored(1, at=NOON, charted_at=NOON - 1000 * DAY), scored(2, at=NOON - 10 * DAY))
    with closing(SqliteIndexAdmin(path)) as admin:
        assert admin.expire(NOON - DAY) == ["1 posts"]
    assert held(path) == ["pid:1"]


def test_nothing_of_a_post_past_its_time_is_found_afterwards(path: Path) -> None:
    put(path, scored(1, "旧帖停电", at=NOON), scored(2, "新帖停电", at=NOON + DAY))
    with closing(SqliteIndexAdmin(path)) as admin:
        admin.expire(NOON + HOUR)
    with closing(SqliteIndexReader(path)) as reader:
        assert reader.count(Query(words="旧帖")) == 0
        assert reader.count(Query(words="停电")) == 1
        assert reader.count(Query(topics=("food",))) == 1
        assert reader.get([scored(1).id]) == []


def test_a_post_past_its_time_may_come_again(path: Path) -> None:
    put(path, scored(1))
    with closing(SqliteIndexAdmin(path)) as admin:
        admin.expire(NOON + HOUR)
    put(path, scored(1))
    assert held(path) == ["pid:1"]


def test_there_is_no_newer_mapping_to_move_to(path: Path) -> None:
    with closing(SqliteIndexAdmin(path)) as admin:
        assert "nothing to do" in admin.migrate(NOON)


def test_a_file_is_filled_again_where_it_is(path: Path) -> None:
    put(path, scored(1))
    with closing(SqliteRefill(path)) as version:
        version.hold()
        put(path, scored(2))
        version.writer.put([scored(3)])
        version.refresh()
        assert version.reader.count(Query()) == 3
        version.abandon()
        version.switch()
    assert held(path) == ["pid:1", "pid:2", "pid:3"]
