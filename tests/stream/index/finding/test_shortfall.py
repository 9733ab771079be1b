"""Why nothing was found is counted part by part, and said in sentences."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stream.errors import Rejected
from stream.index.finding.shortfall import PartCount, Shortfall, explain, shortfall, told
from stream.index.port import Counted, Finder, Query
from stream.index.query import Role, understood
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Label
from tests.stream.scored import NOON, scored


@pytest.fixture
def finder(tmp_path: Path) -> Iterator[Finder]:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(1, "小区停电"), scored(2, "停电恢复", label=Label.POSITIVE), scored(3, "变电站爆炸")])
        yield reader


def counts(why: Shortfall) -> list[tuple[Role, tuple[str, ...], int]]:
    return [(one.part.role, one.part.texts, one.found.number) for one in why.parts]


def test_each_part_is_counted_alone_under_the_same_conditions(finder: Finder) -> None:
    why = shortfall(finder, Query(words='停电 地震|爆炸 -"恢复"', labels=(Label.POSITIVE,)))
    assert counts(why) == [
        (Role.REQUIRED, ("停电",), 1),
        (Role.ANY_OF, ("地震", "爆炸"), 0),
        (Role.FORBIDDEN, ("恢复",), 1),
    ]
    assert [part.texts for part in why.missing] == [("地震", "爆炸")]
    assert (why.filtered, why.anywhere) == (Counted(1, exact=True), Counted(0, exact=True))


def test_conditions_that_leave_nothing_are_told_from_words_that_nobody_says(finder: Finder) -> None:
    why = shortfall(finder, Query(words="停电", charted_until=NOON))
    assert (why.filtered.number, why.anywhere.number) == (0, 2)
    assert explain(why) == ["筛选条件下没有任何帖子：请放宽时间、来源等条件", "去掉筛选条件有 2 条"]


def test_counting_stops_where_it_is_enough(finder: Finder) -> None:
    why = shortfall(finder, Query(words="停电"), most=1)
    assert [one.found for one in why.parts] == [Counted(1, exact=False)]
    assert why.filtered == Counted(1, exact=False)


def test_words_nobody_can_mean_are_refused(finder: Finder) -> None:
    with pytest.raises(Rejected):
        shortfall(finder, Query(words="OR"))


def test_numbers_are_written_for_people() -> None:
    assert told(Counted(1234, exact=True)) == "1,234 条"
    assert told(Counted(10_000, exact=False)) == "10,000 条以上"
    assert told(Counted(0, exact=False)) == "条数没有数完"


def why(words: str, *numbers: int, filtered: int = 9, anywhere: int = 0) -> Shortfall:
    parts = zip(understood(words), numbers, strict=True)
    found = tuple(PartCount(part, Counted(number, exact=number < 1000)) for part, number in parts)
    return Shortfall(found, Counted(filtered, exact=True), Counted(anywhere, exact=True))


@pytest.mark.parametrize(
    ("short", "sentences"),
    [
        (why("停电", 0), ["“停电” 一条也没有"]),
        (why("停电 OR 断电", 0), ["“停电”“断电” 都没有"]),
        (why("停电 爆炸", 1000, 3), ["“停电” 1,000 条以上", "“爆炸” 3 条", "每一部分单独都有，没有一条同时满足"]),
        (why("停电 -电", 2, 9), ["“停电” 2 条", "“电” 9 条，已排除", "每一部分单独都有，含有这些词的帖子都被排除了"]),
        (why("-电", 9), ["“电” 9 条，已排除", "所有帖子都被排除了"]),
        (why("停电", 0, anywhere=4), ["“停电” 一条也没有", "去掉筛选条件有 4 条"]),
        (why("", filtered=0), ["筛选条件下没有任何帖子：请放宽时间、来源等条件"]),
        (why(""), []),
    ],
)
def test_every_shortfall_is_said_in_sentences(short: Shortfall, sentences: list[str]) -> None:
    assert explain(short) == sentences
