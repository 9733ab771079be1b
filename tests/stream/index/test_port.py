"""The contract of the index port; every adapter passes the same body."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.port import WITHHELD_AFTER, Axis, Bucket, Outcome, Query
from stream.messages import Act, Label, Precision, ScoredPost
from tests.stream.indices import Index
from tests.stream.scored import HOUR, NOON, SECOND, scored
from tests.stream.truth import true_hits


def ids(posts: Iterable[ScoredPost]) -> list[str]:
    return [post.id for post in posts]


# What is put


def test_what_was_put_is_read_back_equal(index: Index) -> None:
    post = scored(1, title="标题\u2028", text="正文👍🏽", board=None, voice=None, topics=("b", "a"))
    assert index.put(post) == [Outcome.INDEXED]
    assert index.reader.get([post.id, "0" * 32]) == [post]


def test_get_keeps_the_order_of_ids(index: Index) -> None:
    posts = [scored(number, at=NOON + number * SECOND) for number in (3, 1, 2)]
    index.put(*posts)
    assert index.reader.get(ids(posts)) == posts


def test_a_newer_or_equal_observation_replaces_and_an_older_one_is_stale(index: Index) -> None:
    old, new = scored(1, "旧文"), scored(1, "新文", observed_at=NOON + SECOND)
    again = replace(new, text="又新", topics=())
    assert index.put(new, old) == [Outcome.INDEXED, Outcome.STALE]
    assert index.put(old) == [Outcome.STALE]
    assert index.put(again) == [Outcome.INDEXED]
    assert index.reader.get([old.id]) == [again]
    assert (index.found("新文"), index.found("又新"), index.found(topics=("food",))) == ([], ["1"], [])


def test_observations_of_one_post_in_one_batch_replace_each_other_in_turn(index: Index) -> None:
    steps = [scored(1, f"第{step}版", observed_at=NOON + step * SECOND) for step in (0, 2, 1, 3)]
    stale = [Outcome.INDEXED, Outcome.INDEXED, Outcome.STALE, Outcome.INDEXED]
    assert index.put(*steps) == stale
    assert [index.found(f"第{step}版") for step in range(4)] == [[], [], [], ["1"]]
    assert index.reader.count(Query()) == 1


def test_a_post_whose_time_was_corrected_moves_in_the_order(index: Index) -> None:
    index.put(scored(1), scored(2, at=NOON + 3 * HOUR))
    assert index.found("食品") == ["2", "1"]
    later = NOON + 5 * HOUR
    index.put(scored(1, charted_at=later, observed_at=later), scored(3, at=later))
    assert sorted(index.found("食品")[:2]) == ["1", "3"]
    assert index.reader.count(Query(words="食品")) == 3


def test_an_erased_post_never_returns(index: Index) -> None:
    index.put(scored(1), scored(2))
    assert index.writer.erase([scored(1).id, scored(3).id]) == 1
    assert index.put(scored(1, observed_at=NOON + HOUR), scored(3)) == [Outcome.ERASED, Outcome.ERASED]
    assert index.found() == index.found("食品安全") == ["2"]
    assert index.writer.erase([scored(1).id]) == 0


def test_what_cannot_be_stored_is_refused_alone(index: Index) -> None:
    (good, bad) = index.writer.put([scored(1), scored(2, title="坏\ud800")])
    assert (good.outcome, bad.outcome) == (Outcome.INDEXED, Outcome.REFUSED)
    assert "surrogate" in bad.detail
    assert index.found() == ["1"]


def test_nothing_put_is_nothing_done(index: Index) -> None:
    assert index.put() == []
    assert index.reader.search(Query()).posts == ()
    assert index.reader.count(Query(words="食")) == 0


# What is found

TEXTS = {
    1: "今天吃药，质量问题很大",
    2: "质量，问题",
    3: "ＩＰＨＯＮＥ１５ 电池爆炸 Battery Life",
    4: "👍🏽好的，3.5分 ❤️",
    5: "𠮷野家的の字，35分👍",
    6: "质量 \n问\u200b题 C++",
    7: "",
}
SEARCHES = {
    "药": [1],
    "质量问题": [6, 1],
    "质量，问题": [2],
    "问题质量": [],
    "质量 问题": [6, 2, 1],
    '"量 问"': [6, 1],
    "质量 -很大": [6, 2],
    "-质量": [7, 5, 4, 3],
    "-质量 -的": [7, 3],
    "iphone15": [3],
    "iPhone": [],
    "BATTERY": [3],
    '"battery life"': [3],
    "batter": [],
    "👍": [5, 4],
    "👍🏽": [5, 4],
    "❤": [4],
    "𠮷": [5],
    "の": [5],
    "3.5": [4],
    "35": [5],
    "c++": [6],
    "（药）": [1],
    "not": [],
    '"a*"': [],
    "爆炸 OR 药": [3, 1],
    "药 或 👍 质量": [1],
    "3.5|35|c++": [6, 5, 4],
    "(药 OR 质量，问题) -很大": [2],
    "质量 -(药 OR 很大)": [6, 2],
    "质量 NOT 药": [6, 2],
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("變電站著火", "变电站着火"),
        ("220 kV线路", "220kV线路"),
        ("Café", "cafe"),
        ("变·电·站", "变电站"),
        ("👍🏿", "👍"),
    ],
)
def test_what_is_written_in_two_ways_is_found_either_way(index: Index, one: str, other: str) -> None:
    index.put(scored(1, f"昨晚{one}，没人管"), scored(2, f"昨晚{other}，没人管", at=NOON + timedelta(minutes=40)))
    assert index.found(f'"{one}"') == index.found(f'"{other}"') == ["2", "1"]


@pytest.mark.parametrize(("words", "expected"), SEARCHES.items(), ids=SEARCHES)
def test_words_find_exactly_their_posts_newest_first(index: Index, words: str, expected: list[int]) -> None:
    index.put(*(scored(number, text, at=NOON + number * 40 * timedelta(minutes=1)) for number, text in TEXTS.items()))
    assert index.found(words) == [str(number) for number in expected]


def test_a_phrase_lies_in_the_title_or_in_the_text_not_across(index: Index) -> None:
    index.put(scored(1, "安全", title="食品"), scored(2, "别的", title="食品安全"))
    assert index.found("食品安全") == ["2"]
    assert index.found("食品 安全") == [
        post.native_id[4:] for post in sorted([scored(1), scored(2)], key=lambda p: p.id)
    ]


def test_words_nobody_can_mean_are_refused(index: Index) -> None:
    for ask in (index.reader.search, index.reader.count, lambda query: next(index.reader.export(query))):
        with pytest.raises(Rejected) as refusal:
            ask(Query(words="？！"))
        assert refusal.value.reason == "query"


def test_conditions_narrow_and_their_values_widen(index: Index) -> None:
    index.put(
        scored(1, topics=("food", "price"), label=Label.NEUTRAL, site="a", source="x", at=NOON),
        scored(2, topics=("price",), site="b", source="x", at=NOON + HOUR, deleted_at=NOON + HOUR),
        scored(3, topics=(), site="b", source="y", at=NOON + 2 * HOUR, thread_id="f" * 32, counted_at=None),
    )
    assert index.found(topics=("food", "price")) == ["2", "1"]
    assert index.found(topics=("food",), words="食品") == ["1"]
    assert index.found(labels=(Label.NEUTRAL, Label.POSITIVE)) == ["1"]
    assert index.found(sites=("b",), sources=("x",)) == ["2"]
    assert index.found(thread_id="f" * 32) == ["3"]
    assert (index.found(deleted=True), index.found(deleted=False)) == (["2"], ["3", "1"])
    assert index.found(charted_since=NOON + HOUR) == ["3", "2"]
    assert index.found(charted_until=NOON + HOUR) == ["1"]
    assert index.found(charted_since=NOON + timedelta(microseconds=1), charted_until=NOON + 2 * HOUR) == ["2"]
    assert index.found(counted_since=NOON) == ["2", "1"]
    assert index.found(counted_until=NOON + HOUR, topics=("price",)) == ["1"]
    assert index.found(observed_since=NOON + 2 * HOUR) == ["3"]


def test_posts_are_found_by_what_they_do_and_what_they_claim(index: Index) -> None:
    index.put(
        scored(1, act=Act.APPEAL, act_by="rules@1", fields=("economic", "service")),
        scored(2, act=Act.QUESTION, fields=("service",), cues=("danger",), at=NOON + HOUR),
        scored(3, cues=("service",), at=NOON + 2 * HOUR),
    )
    assert index.found(acts=(Act.APPEAL, Act.CALL)) == ["1"]
    assert index.found(fields=("service",)) == ["2", "1"]
    assert index.found(fields=("economic", "safety"), words="食品") == ["1"]
    assert index.found(cues=("danger", "service")) == ["3", "2"]
    index.put(scored(2, at=NOON + HOUR, observed_at=NOON + 3 * HOUR))
    assert (index.found(acts=(Act.QUESTION,)), index.found(cues=("danger",))) == ([], [])


def test_posts_dated_by_a_mere_day_are_told_from_finer_ones(index: Index) -> None:
    dated = dict(enumerate(Precision))
    index.put(*(scored(number, at=NOON + number * HOUR, published_precision=one) for number, one in dated.items()))
    assert index.found(precisions=(Precision.DAY,)) == ["2"]
    assert index.found(precisions=(Precision.SECOND, Precision.MINUTE), words="食品") == ["1", "0"]
    assert index.reader.count(Query(precisions=(Precision.UNKNOWN,), topics=("food",))) == 1
    index.put(scored(2, at=NOON + 2 * HOUR, observed_at=NOON + 9 * HOUR, published_precision=Precision.SECOND))
    assert (index.found(precisions=(Precision.DAY,)), index.found(precisions=(Precision.SECOND,))) == ([], ["2", "0"])


def test_pages_go_on_where_they_were_while_posts_arrive(index: Index) -> None:
    index.put(*(scored(number, at=NOON + number * SECOND) for number in range(4)))
    first = index.reader.search(Query(), limit=2)
    index.put(scored(9, at=NOON + HOUR), scored(8, at=NOON + 3 * SECOND))
    index.writer.erase([first.posts[-1].id])
    second = index.reader.search(Query(), limit=9, after=first.after)
    assert [post.native_id for post in second.posts] == ["pid:1", "pid:0"]
    assert second.after is None
    assert index.reader.search(Query(), limit=0).posts == ()


@pytest.mark.parametrize("mark", ["", "7", "x:y", "1:" + "g" * 32, "9" * 40 + ":" + "0" * 32])
def test_a_mark_that_is_not_ours_is_refused(index: Index, mark: str) -> None:
    with pytest.raises(Rejected, match="first page"):
        index.reader.search(Query(), after=mark)


def test_times_before_1970_and_far_ahead_keep_the_order(index: Index) -> None:
    times = [NOON.replace(year=year) for year in (9999, 2026, 1969, 1)]
    index.put(*(scored(number, at=at) for number, at in enumerate(times)))
    assert index.found("食") == ["0", "1", "2", "3"]


# What is counted


def test_a_histogram_counts_by_step_empty_ones_included(index: Index) -> None:
    index.put(
        scored(1, at=NOON),
        scored(2, at=NOON + HOUR - SECOND, voice=scored(1).voice),
        scored(3, "不同", at=NOON, label=Label.UNCERTAIN, unscored="too_long"),
        scored(4, "不同", at=NOON + 2 * HOUR, voice=None),
        scored(5, "不同", at=NOON + 2 * HOUR, voice=None),
        scored(6, at=NOON + 2 * HOUR, label=Label.POSITIVE),
        scored(7, at=NOON + 3 * HOUR),
        scored(8, at=NOON - timedelta(milliseconds=1)),
    )
    assert index.reader.histogram(Query(), Axis.COUNTED, NOON, NOON + 3 * HOUR, HOUR) == [
        Bucket(NOON, total=3, negative=2, uncertain=1, unscored=1, authors=1, texts=1),
        Bucket(NOON + HOUR),
        Bucket(NOON + 2 * HOUR, total=3, negative=2, authors=2, texts=1),
    ]


def test_a_histogram_counts_by_its_axis_under_its_query(index: Index) -> None:
    index.put(
        scored(1, charted_at=NOON - HOUR),
        scored(2, counted_at=None, topics=("food", "price")),
        scored(3, "别的", topics=("price",)),
    )

    def totals(query: Query, axis: Axis) -> list[int]:
        return [bucket.total for bucket in index.reader.histogram(query, axis, NOON - HOUR, NOON + HOUR, HOUR)]

    assert totals(Query(), Axis.COUNTED) == [0, 2]
    assert totals(Query(), Axis.CHARTED) == [1, 2]
    assert totals(Query(topics=("food",)), Axis.COUNTED) == [0, 1]
    assert totals(Query(topics=("food", "price")), Axis.CHARTED) == [1, 2]
    assert totals(Query(words="食品"), Axis.CHARTED) == [1, 1]
    assert totals(Query(charted_since=NOON), Axis.CHARTED) == [0, 2]
    assert totals(Query(counted_until=NOON), Axis.COUNTED) == [0, 0]


def test_a_histogram_ends_where_it_was_told(index: Index) -> None:
    index.put(scored(1, at=NOON + HOUR), scored(2, at=NOON + HOUR + timedelta(minutes=30)))
    buckets = index.reader.histogram(Query(), Axis.COUNTED, NOON, NOON + HOUR * 1.5, HOUR)
    assert [bucket.total for bucket in buckets] == [0, 1]
    assert index.reader.histogram(Query(), Axis.COUNTED, NOON, NOON, HOUR) == []
    with pytest.raises(ValueError, match="step"):
        index.reader.histogram(Query(), Axis.COUNTED, NOON, NOON, timedelta(0))


# What goes and what leaves


def test_a_deleted_post_is_counted_and_found_until_it_is_withheld(index: Index) -> None:
    gone = scored(1, "食品安全", title="标题", passage="最坏的一段", deleted_at=NOON)
    index.put(gone, scored(2))
    assert index.writer.withhold(NOON + WITHHELD_AFTER - SECOND) == 0
    assert "1" in index.found("食品安全")
    assert index.writer.withhold(NOON + WITHHELD_AFTER) == 1
    assert (index.found("食品安全"), index.found("标题")) == (["2"], [])
    assert index.reader.get([gone.id]) == [replace(gone, title="", text="", passage=None)]
    assert index.reader.count(Query(topics=("food",))) == 2
    assert index.writer.withhold(NOON + 2 * WITHHELD_AFTER) == 0


def test_a_withheld_post_stays_so_until_it_is_back_at_its_source(index: Index) -> None:
    gone = scored(1, deleted_at=NOON)
    index.put(gone)
    index.writer.withhold(NOON + WITHHELD_AFTER)
    assert index.put(gone, replace(gone, observed_at=NOON + SECOND)) == [Outcome.INDEXED] * 2
    assert index.found("食品安全") == []
    back = replace(gone, observed_at=NOON + HOUR, deleted_at=None)
    index.put(back)
    assert index.found("食品安全") == ["1"]
    assert index.reader.get([gone.id]) == [back]


def test_a_post_seen_to_be_gone_for_long_comes_without_words(index: Index) -> None:
    index.put(scored(1, deleted_at=NOON - WITHHELD_AFTER))
    assert index.found("食品安全") == []
    assert index.reader.count(Query()) == 1


def test_the_export_has_every_post_once_in_the_order_of_ids(index: Index) -> None:
    posts = [scored(number, at=NOON + number * SECOND) for number in range(1203)]
    index.put(*posts)
    assert list(index.reader.export(Query())) == sorted(posts, key=lambda post: post.id)
    late = Query(words="食品", observed_since=NOON + 1200 * SECOND, sites=("bbs",))
    assert sorted(ids(index.reader.export(late))) == sorted(ids(posts[1200:]))


# All of it against the truth

TEXT = st.text(alphabet="药品质ab1，。 👍", max_size=8)
POSTS = st.builds(
    lambda number, text, hours, later, gone: scored(
        number, text, NOON + hours * HOUR / 2, observed_at=NOON + later * SECOND, deleted_at=gone
    ),
    st.integers(1, 8), TEXT, st.integers(0, 4), st.integers(0, 3), st.sampled_from([None, None, NOON]),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(POSTS, max_size=6), max_size=4), words=st.lists(TEXT, min_size=1, max_size=6))
def test_whatever_is_put_the_index_holds_the_newest_and_finds_it(
    index: Index, batches: list[list[ScoredPost]], words: list[str]
) -> None:
    held: dict[str, ScoredPost] = {post.id: post for post in index.reader.export(Query())}
    for batch in batches:
        for post, outcome in zip(batch, index.put(*batch), strict=True):
            stale = post.id in held and held[post.id].observed_at > post.observed_at
            assert outcome is (Outcome.STALE if stale else Outcome.INDEXED)
            held[post.id] = held[post.id] if stale else post
    assert list(index.reader.export(Query())) == [held[id_] for id_ in sorted(held)]
    for typed in words:
        try:
            expected = true_hits(held.values(), typed)
        except Rejected:
            continue
        assert index.found(typed) == [post.native_id.removeprefix("pid:") for post in expected]
