from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.replay.columns import Columns
from stream.index.port import Axis, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Label, Precision, ScoredPost

START = datetime(2026, 9, 21, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

SAID = st.lists(
    st.fixed_dictionaries(
        {
            "minute": st.integers(-30, 150),
            "counts": st.booleans(),
            "label": st.sampled_from(list(Label)),
            "voice": st.sampled_from(["a" * 32, "b" * 32, None]),
            "fingerprint": st.sampled_from(["1" * 16, "2" * 16]),
            "published_precision": st.sampled_from(list(Precision)),
            "unscored": st.sampled_from([None, "empty"]),
        }
    ),
    max_size=20,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(SAID, st.sampled_from([5, 7, 60]), st.sampled_from([(), (Precision.DAY,), (Precision.MINUTE, Precision.SECOND)]))
def test_posts_are_counted_as_the_index_counts_them(
    write: Callable[..., ScoredPost],
    tmp_path_factory: pytest.TempPathFactory,
    said: list[dict[str, object]],
    step: int,
    precisions: tuple[Precision, ...],
) -> None:
    posts = [_post(write, number, dict(one)) for number, one in enumerate(said)]
    columns = Columns()
    for post in posts:
        columns.take(post)
    with _Indexed(tmp_path_factory.mktemp("index") / "index.db", posts) as reader:
        for axis in Axis:
            asked = (axis, START, START + 2 * HOUR, step * MINUTE)
            told = reader.histogram(Query(precisions=precisions), *asked)
            found = columns.counts(axis, precisions, *asked[1:])
            assert found == {number: bucket for number, bucket in enumerate(told) if bucket.total}


def test_posts_taken_after_counting_are_counted_too(write: Callable[..., ScoredPost]) -> None:
    columns = Columns()
    for number in range(1, 4):
        columns.take(write(number, at=START + number * MINUTE))
        (bucket,) = columns.counts(Axis.COUNTED, (), START, START + HOUR, HOUR).values()
        assert (len(columns), bucket.total, bucket.authors, bucket.texts) == (number,) * 4


def test_nothing_taken_counts_as_nothing() -> None:
    assert Columns().counts(Axis.CHARTED, (), START, START + HOUR, HOUR) == {}


def test_a_step_that_no_engine_counts_by_is_refused() -> None:
    with pytest.raises(ValueError, match="a millisecond at least"):
        Columns().counts(Axis.COUNTED, (), START, START + HOUR, timedelta(0))


def _post(write: Callable[..., ScoredPost], number: int, one: dict[str, object]) -> ScoredPost:
    at = START + int(str(one.pop("minute"))) * MINUTE
    counted = at if one.pop("counts") else None
    return write(number, at=at, counted_at=counted, **one)


class _Indexed:
    def __init__(self, path: Path, posts: list[ScoredPost]) -> None:
        self._writer, self._reader = SqliteIndexWriter(path), SqliteIndexReader(path)
        self._writer.put(posts)

    def __enter__(self) -> SqliteIndexReader:
        return self._reader

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._writer.close()
