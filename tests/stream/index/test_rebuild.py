"""The index made again from the log, wherever it is cut off; and what a comparison of the two sees."""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.codec import SCORED as CODEC
from stream.config import StreamConfig
from stream.errors import Rejected, Retryable
from stream.index.admin import NextIndex
from stream.index.port import Query, Reader, Writer
from stream.index.rebuild import (
    Difference,
    Rebuilt,
    Source,
    Tally,
    decoded,
    differences,
    living,
    rebuild,
    tally,
    tally_log,
)
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.log.broker import SCORED, Message, Partition
from stream.log.topics import configured
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from tests.stream.broken import broken_at
from tests.stream.logs import SqliteLog
from tests.stream.scored import HOUR, NOON, SECOND, scored

TODAY = date(2026, 9, 21)
DAY = timedelta(days=1)


class Beside:
    """An index in a file of its own that takes the place of the one in use, and notes what was asked of it."""

    number = 2

    def __init__(self, path: Path, *, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.writer: Writer = SqliteIndexWriter(path)
        self.reader: Reader = SqliteIndexReader(path)
        self.told: list[str] = []
        self._meanwhile = meanwhile

    def hold(self) -> None:
        self._meanwhile()
        self.told.append("hold")

    def refresh(self) -> None:
        self.told.append("refresh")

    def switch(self) -> None:
        self.told.append("switch")

    def abandon(self) -> None:
        self.told.append("abandon")

    def close(self) -> None:
        self.reader.close()
        self.writer.close()


class Bench:
    """A log of scored posts, the index in use, and the one that is to take its place."""

    def __init__(self, folder: Path) -> None:
        self.log = SqliteLog(folder)
        self.log.clock = ScriptedClock(NOON)
        self.admin = self.log.admin()
        self.folder = folder
        self.gone: set[str] = set()
        self.looks = 0
        self.in_use: Reader = SqliteIndexReader(folder / "used.db")

    def publish(self, *posts: ScoredPost | bytes) -> None:
        values = [post if isinstance(post, bytes) else CODEC.encode(post) for post in posts]
        self.log.producer().publish([Message(SCORED, str(number), value) for number, value in enumerate(values)])

    def put(self, *posts: ScoredPost) -> None:
        with closing(SqliteIndexWriter(self.folder / "used.db")) as writer:
            writer.put(posts)

    def source(self) -> Source:
        self.looks += 1
        return Source(self.log.consumer(f"look.{self.looks}", [SCORED]), self.admin, self.ask)

    def ask(self, ids: Collection[str]) -> frozenset[str]:
        return frozenset(self.gone.intersection(ids))

    def rebuild(self, version: NextIndex, *, lose: bool = False) -> Rebuilt:
        return rebuild(version, self.in_use, self.source(), self.log.clock, lose=lose)

    def beside(self, meanwhile: Callable[[], object] = lambda: None) -> Beside:
        return Beside(self.folder / "next.db", meanwhile=meanwhile)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.admin.apply(configured(StreamConfig()))
    yield bench
    bench.in_use.close()
    bench.log.close()


def held(version: Beside) -> list[str]:
    return sorted(post.native_id for post in version.reader.export(Query()))


def test_the_next_index_has_the_log_s_posts_and_takes_over_at_the_end(bench: Bench) -> None:
    bench.publish(scored(1), scored(2))
    bench.put(scored(1))
    with closing(bench.beside()) as version:
        assert bench.rebuild(version) == Rebuilt(2, 0, ())
        assert version.told == ["hold", "refresh", "switch"]
        assert held(version) == ["pid:1", "pid:2"]


def test_what_is_published_while_it_is_filled_is_not_missed(bench: Bench) -> None:
    bench.publish(scored(1))
    with closing(bench.beside(meanwhile=lambda: bench.publish(scored(2), scored(3)))) as version:
        assert bench.rebuild(version).read == 3
        assert held(version) == ["pid:1", "pid:2", "pid:3"]


def test_the_erased_are_left_out_and_not_missed(bench: Bench) -> None:
    bench.publish(scored(1), scored(2))
    bench.put(scored(1), scored(2))
    bench.gone = {scored(2).id}
    with closing(bench.beside()) as version:
        assert bench.rebuild(version).lost == ()
        assert held(version) == ["pid:1"]


def test_what_nobody_can_read_or_no_index_takes_is_left_out_and_counted(bench: Bench) -> None:
    bench.publish(b"{}", scored(1), b"\xff")
    with closing(bench.beside()) as version:
        assert bench.rebuild(version) == Rebuilt(1, 0, ())


def test_posts_the_log_has_not_any_more_stop_it_before_the_switch(bench: Bench) -> None:
    bench.publish(scored(1))
    bench.put(scored(1), scored(2, at=NOON - DAY), scored(3, at=NOON - DAY))
    with closing(bench.beside()) as version:
        with pytest.raises(Rejected, match="2026-09-20: 0 in the log, 2 in the index") as refused:
            bench.rebuild(version)
        assert refused.value.reason == "outside_log"
        assert version.told == ["hold", "refresh", "abandon"]


def test_who_accepts_the_loss_is_told_of_it(bench: Bench) -> None:
    bench.publish(scored(1))
    bench.put(scored(2, at=NOON - DAY))
    with closing(bench.beside()) as version:
        done = bench.rebuild(version, lose=True)
        assert done.lost == (Difference(date(2026, 9, 20), 0, 1),)
        assert version.told[-1] == "switch"


def test_of_very_many_days_lost_the_first_are_named(bench: Bench) -> None:
    bench.put(*(scored(number, at=NOON - number * DAY) for number in range(1, 10)))
    with closing(bench.beside()) as version, pytest.raises(Rejected) as refused:
        bench.rebuild(version)
    assert refused.value.detail.count("in the index") == 5


@pytest.mark.parametrize("place", ["rebuild.filled", "rebuild.held", "index.put"])
def test_cut_off_anywhere_before_the_switch_the_index_in_use_stays(bench: Bench, place: str) -> None:
    bench.publish(scored(1))
    with closing(bench.beside()) as version:
        with broken_at(place):
            bench.rebuild(version)
        assert version.told[-1] == "abandon"
        assert "switch" not in version.told
        version.told.clear()
        bench.rebuild(version)
        assert version.told[-1] == "switch"
        assert held(version) == ["pid:1"]


def test_words_withheld_in_the_index_in_use_do_not_come_back_with_the_log(bench: Bench) -> None:
    bench.publish(scored(1, "已删除的话", deleted_at=NOON - 2 * DAY, at=NOON - 3 * DAY, observed_at=NOON - 2 * DAY))
    with closing(bench.beside()) as version:
        bench.rebuild(version)
        (post,) = version.reader.export(Query())
        assert post.text == ""


def test_a_log_that_stops_answering_is_told_and_nothing_is_switched(bench: Bench) -> None:
    consumer = bench.log.consumer("look", [SCORED])
    with pytest.raises(Retryable, match="1 partitions of the log were not read to their end"):
        list(decoded(consumer, {Partition(SCORED, 0): (0, 3)}, CODEC))


def test_an_empty_log_is_read_without_waiting(bench: Bench) -> None:
    before = bench.log.clock.now()
    with closing(bench.beside()) as version:
        assert bench.rebuild(version) == Rebuilt(0, 0, ())
    assert bench.log.clock.now() == before


def test_days_are_those_in_utc_on_which_posts_were_first_seen() -> None:
    late = scored(1, at=NOON.replace(hour=23))
    assert set(tally([late, scored(2, at=late.first_seen_at + HOUR)])) == {TODAY, TODAY + DAY}


@given(st.permutations(range(6)))
def test_the_order_of_posts_makes_no_difference(order: list[int]) -> None:
    posts = [scored(number, at=NOON + number * HOUR) for number in range(6)]
    assert tally(posts[number] for number in order) == tally(posts)


@given(st.permutations(range(4)), st.permutations(range(4)))
def test_the_log_counts_each_post_once_in_its_newest_observation(first: list[int], second: list[int]) -> None:
    older = [scored(number, "旧") for number in range(4)]
    newer = [replace(scored(number, "新"), observed_at=NOON + SECOND) for number in range(4)]
    batches = [[older[number] for number in first], [newer[number] for number in second]]
    assert tally_log(batches, lambda _ids: frozenset()) == tally(newer)
    assert tally_log(batches[::-1], lambda _ids: frozenset()) == tally(newer)


def test_a_post_that_differs_in_anything_but_its_words_is_another() -> None:
    post = scored(1)
    assert tally([post]) == tally([replace(post, text="", title="")])
    for changed in (replace(post, negative=0.5), replace(post, topics=()), replace(post, content_hash="0" * 32)):
        assert tally([post]) != tally([changed])


def test_erased_posts_count_on_neither_side() -> None:
    gone = {scored(1).id}
    assert tally_log([[scored(1), scored(2)]], lambda ids: frozenset(gone & set(ids))) == tally([scored(2)])
    assert list(living(iter([scored(1), scored(2)]), lambda ids: frozenset(gone & set(ids)))) == [scored(2)]


def test_differences_are_in_the_order_of_days_and_say_what_they_are() -> None:
    ours = {TODAY: Tally(2, 5), TODAY + DAY: Tally(1, 1), TODAY + 2 * DAY: Tally(3, 7)}
    theirs = {TODAY + 2 * DAY: Tally(3, 8), TODAY: Tally(2, 5), TODAY - DAY: Tally(4, 4)}
    assert [str(one) for one in differences(ours, theirs)] == [
        "2026-09-20: 0 in the log, 4 in the index",
        "2026-09-22: 1 in the log, 0 in the index",
        "2026-09-23: 3 posts in both, not the same",
    ]
    assert differences(ours, ours) == []


def test_a_day_is_the_same_again_when_a_post_is_counted_in_and_out() -> None:
    one = Tally()
    one.add(6)
    one.add(3)
    assert one == Tally(2, 5)
