"""What a tally promises: for every topic at once what a histogram says of one, on every adapter."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.port import Axis, Bucket, Query
from stream.messages import Label, Precision, ScoredPost
from tests.stream.indices import Index
from tests.stream.scored import HOUR, NOON, SECOND, scored

MINUTE = 60 * SECOND
STEP = 5 * MINUTE


def totals(told: Mapping[str, list[Bucket]]) -> dict[str, list[tuple[datetime, int]]]:
    return {topic: [(bucket.start, bucket.total) for bucket in buckets] for topic, buckets in told.items()}


def test_every_topic_is_told_by_its_buckets_with_a_post_in_order(index: Index) -> None:
    index.put(
        scored(1, topics=("food", "price")),
        scored(2, "又说", at=NOON + 4 * MINUTE, voice=scored(1).voice),
        scored(3, at=NOON + 40 * MINUTE, label=Label.UNCERTAIN, unscored="too_long"),
        scored(4, at=NOON + 20 * MINUTE, label=Label.POSITIVE),
        scored(5, at=NOON + HOUR, topics=("food", "late")),
        scored(6, at=NOON - SECOND, topics=("early",)),
        scored(7, topics=()),
    )
    assert index.reader.tally(Query(), Axis.COUNTED, NOON, NOON + HOUR, STEP) == {
        "food": [
            Bucket(NOON, total=2, negative=2, authors=1, texts=2),
            Bucket(NOON + 20 * MINUTE, total=1),
            Bucket(NOON + 40 * MINUTE, total=1, uncertain=1, unscored=1),
        ],
        "price": [Bucket(NOON, total=1, negative=1, authors=1, texts=1)],
    }


def test_who_has_no_voice_counts_as_one_of_its_own_in_each_topic(index: Index) -> None:
    two = [scored(number, voice=None, topics=("food", "price")) for number in (1, 2)]
    index.put(*two, scored(3, topics=("food",)))
    told = index.reader.tally(Query(), Axis.COUNTED, NOON, NOON + STEP, STEP)
    assert {topic: [(one.authors, one.texts) for one in buckets] for topic, buckets in told.items()} == {
        "food": [(3, 1)],
        "price": [(2, 1)],
    }


def test_the_topics_of_the_query_are_told_and_no_other_of_their_posts(index: Index) -> None:
    index.put(
        scored(1, topics=("food", "price", "rumour")), scored(2, topics=("rumour",)), scored(3, topics=("price",))
    )
    hour = (Axis.COUNTED, NOON, NOON + HOUR, HOUR)
    assert totals(index.reader.tally(Query(topics=("food", "price", "nobody")), *hour)) == {
        "food": [(NOON, 1)],
        "price": [(NOON, 2)],
    }
    assert index.reader.tally(Query(topics=("nobody",)), *hour) == {}


def test_a_post_without_a_time_to_count_by_is_charted_and_never_counted(index: Index) -> None:
    index.put(scored(1, counted_at=None), scored(2, charted_at=NOON - HOUR))
    span = (NOON - HOUR, NOON + HOUR, HOUR)
    assert totals(index.reader.tally(Query(), Axis.COUNTED, *span)) == {"food": [(NOON, 1)]}
    assert totals(index.reader.tally(Query(), Axis.CHARTED, *span)) == {"food": [(NOON - HOUR, 1), (NOON, 1)]}


def test_posts_dated_by_a_mere_day_are_tallied_apart(index: Index) -> None:
    index.put(scored(1, published_precision=Precision.DAY), scored(2), scored(3, topics=("price",)))
    span = (Axis.COUNTED, NOON, NOON + HOUR, HOUR)
    fine = (Precision.SECOND, Precision.MINUTE)
    assert totals(index.reader.tally(Query(precisions=(Precision.DAY,)), *span)) == {"food": [(NOON, 1)]}
    assert totals(index.reader.tally(Query(precisions=fine), *span)) == {"food": [(NOON, 1)], "price": [(NOON, 1)]}


def test_a_tally_is_of_the_posts_that_its_query_finds(index: Index) -> None:
    index.put(scored(1), scored(2, "停电", topics=("power",)), scored(3, "停电", site="other", topics=("power",)))
    span = (Axis.CHARTED, NOON, NOON + HOUR, HOUR)
    assert totals(index.reader.tally(Query(words="停电"), *span)) == {"power": [(NOON, 2)]}
    assert totals(index.reader.tally(Query(words="-停电"), *span)) == {"food": [(NOON, 1)]}
    assert totals(index.reader.tally(Query(sites=("other",)), *span)) == {"power": [(NOON, 1)]}
    assert index.reader.tally(Query(counted_until=NOON), *span) == {}
    with pytest.raises(Rejected):
        index.reader.tally(Query(words="？！"), *span)


def test_a_tally_of_no_time_has_no_topic_and_one_by_no_step_is_refused(index: Index) -> None:
    index.put(scored(1))
    assert index.reader.tally(Query(), Axis.COUNTED, NOON, NOON, HOUR) == {}
    assert index.reader.tally(Query(), Axis.CHARTED, NOON + HOUR, NOON - HOUR, HOUR) == {}
    assert index.reader.histogram(Query(), Axis.COUNTED, NOON + HOUR, NOON - HOUR, HOUR) == []
    with pytest.raises(ValueError, match="step"):
        index.reader.tally(Query(), Axis.COUNTED, NOON, NOON + HOUR, timedelta(0))


def test_what_is_replaced_or_erased_is_no_longer_tallied(index: Index) -> None:
    index.put(scored(1), scored(2, topics=("price",)))
    index.put(scored(1, topics=("rumour",), observed_at=NOON + SECOND))
    index.writer.erase([scored(2).id])
    index.put(scored(3, at=NOON + MINUTE))
    assert totals(index.reader.tally(Query(), Axis.COUNTED, NOON, NOON + HOUR, STEP)) == {
        "food": [(NOON, 1)],
        "rumour": [(NOON, 1)],
    }


# Against the truth, and against the histogram of each topic

TOPICS = ("food", "price", "电")
POSTS = st.builds(
    lambda number, told, at, counted, charted, voice, labels, topics, precision: scored(
        number, told, NOON + at, label=labels[0], unscored=labels[1], topics=tuple(sorted(topics)),
        counted_at=None if counted is None else NOON + at + counted, charted_at=NOON + at - charted,
        voice=voice, published_precision=precision,
    ),
    number=st.integers(1, 30), told=st.sampled_from(["停电了", "又停电", "停水"]),
    at=st.integers(-60, 180).map(lambda minutes: minutes * MINUTE + minutes * timedelta(milliseconds=7)),
    counted=st.sampled_from([None, timedelta(0), 3 * MINUTE]), charted=st.sampled_from([timedelta(0), HOUR]),
    voice=st.sampled_from([None, "a" * 32, "b" * 32, "c" * 32]),
    labels=st.sampled_from([(Label.NEGATIVE, None)] * 3 + [(Label.UNCERTAIN, "too_long"), (Label.POSITIVE, None)]),
    topics=st.sets(st.sampled_from(TOPICS)), precision=st.sampled_from(Precision),
)  # fmt: skip
QUERIES = st.builds(
    Query,
    words=st.sampled_from(["", "", "停电", "停电 -又"]),
    topics=st.sets(st.sampled_from(TOPICS), max_size=2).map(tuple),
    precisions=st.sampled_from([(), (), (Precision.DAY,), (Precision.SECOND, Precision.MINUTE)]),
)
STARTS = st.integers(-50, 50).map(lambda minutes: NOON + minutes * MINUTE + timedelta(milliseconds=minutes))
SPANS = st.integers(0, 200).map(lambda minutes: minutes * MINUTE)
STEPS = st.sampled_from([STEP, 7 * MINUTE, 25 * MINUTE, 90 * MINUTE, 61_001 * timedelta(milliseconds=1)])


def bucket(start: datetime, posts: Iterable[ScoredPost]) -> Bucket:
    held = list(posts)
    negative = [post for post in held if post.label is Label.NEGATIVE]
    return Bucket(
        start,
        total=len(held),
        negative=len(negative),
        uncertain=sum(post.label is Label.UNCERTAIN for post in held),
        unscored=sum(post.unscored is not None for post in held),
        authors=len({post.voice or post.id for post in negative}),
        texts=len({post.fingerprint for post in negative}),
    )


def true_tally(posts: Iterable[ScoredPost], axis: Axis, start: datetime, end: datetime, step: timedelta) -> object:
    """Made again from nothing but posts."""
    found: dict[str, dict[int, list[ScoredPost]]] = {}
    for post in posts:
        at = getattr(post, axis.value)
        if at is not None and start <= at < end:
            for topic in post.topics:
                found.setdefault(topic, {}).setdefault((at - start) // step, []).append(post)
    return {
        topic: [bucket(start + slot * step, slots[slot]) for slot in sorted(slots)] for topic, slots in found.items()
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(batch=st.lists(POSTS, max_size=25), axis=st.sampled_from(Axis), start=STARTS, span=SPANS, step=STEPS)
def test_a_tally_is_what_the_posts_themselves_say(
    index: Index, batch: list[ScoredPost], axis: Axis, start: datetime, span: timedelta, step: timedelta
) -> None:
    index.put(*batch)
    held = list(index.reader.export(Query()))
    assert index.reader.tally(Query(), axis, start, start + span, step) == true_tally(
        held, axis, start, start + span, step
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    batch=st.lists(POSTS, max_size=25), query=QUERIES, axis=st.sampled_from(Axis), start=STARTS, span=SPANS, step=STEPS
)
def test_a_tally_says_of_each_topic_what_its_histogram_says(
    index: Index,
    batch: list[ScoredPost],
    query: Query,
    axis: Axis,
    start: datetime,
    span: timedelta,
    step: timedelta,
) -> None:
    index.put(*batch)
    times = (axis, start, start + span, step)
    expected = {}
    for topic in query.topics or TOPICS:
        buckets = index.reader.histogram(replace(query, topics=(topic,)), *times)
        if filled := [one for one in buckets if one.total]:
            expected[topic] = filled
    assert index.reader.tally(query, *times) == expected
