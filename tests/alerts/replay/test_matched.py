from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.replay.matched import MatchedReader, Rematching, changed_topics
from stream.index.port import Axis, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.matching import TopicMatcher
from stream.messages import Label, Precision, ScoredPost
from stream.spelling.folding import fold_post
from stream.topics import ELSEWHERE, Rule, TopicsConfig, WatchedTopic

START = datetime(2026, 9, 21, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TEXTS = ("停电了没人修", "没电了", "电费太贵", "临江电力招聘", "今天天气好")


def topics(*, outage: tuple[str, ...] = ("停电",), elsewhere: bool = True, **more: str) -> TopicsConfig:
    watched = {"outage": _topic(*outage), "bill": _topic("电费")} | {key: _topic(word) for key, word in more.items()}
    return TopicsConfig(topics=watched, elsewhere=_topic("电") if elsewhere else None)


def _topic(*words: str) -> WatchedTopic:
    return WatchedTopic(name="x", owner="x", rules=(Rule(any_of=words),))


PRESENT = topics()
WIDER = topics(outage=("停电", "没电"))


@pytest.fixture
def posts(write: Callable[..., ScoredPost]) -> list[ScoredPost]:
    """Five kinds of posts, one every four minutes, as the rules of now matched them."""
    matcher = TopicMatcher(PRESENT)
    found = []
    for n in range(40):
        text = TEXTS[n % 5]
        label = Label.NEGATIVE if n % 3 else Label.NEUTRAL
        matched = matcher.topics(fold_post("", text))
        found.append(write(n, text, at=START + 4 * n * MINUTE, label=label, topics=matched))
    return found


@pytest.fixture
def reader(index: SqliteIndexWriter, posts: list[ScoredPost], tmp_path: Path) -> Iterator[SqliteIndexReader]:
    index.put(posts)
    found = SqliteIndexReader(tmp_path / "index.db")
    yield found
    found.close()


@pytest.fixture
def truth(posts: list[ScoredPost], tmp_path: Path) -> Iterator[SqliteIndexReader]:
    """An index whose posts were matched by the wider rules when they came."""
    matcher = TopicMatcher(WIDER)
    writer, found = SqliteIndexWriter(tmp_path / "truth.db"), SqliteIndexReader(tmp_path / "truth.db")
    writer.put([replace(post, topics=matcher.topics(fold_post(post.title, post.text))) for post in posts])
    yield found
    found.close()
    writer.close()


@pytest.fixture
def matched(reader: SqliteIndexReader) -> MatchedReader:
    rematching = Rematching(WIDER, changed_topics(PRESENT, WIDER))
    return MatchedReader(reader, rematching, rematching.gather(reader.export(Query())))


def test_topics_with_other_rules_are_changed_and_elsewhere_with_any_of_them() -> None:
    assert changed_topics(PRESENT, PRESENT) == ()
    assert changed_topics(PRESENT, WIDER) == ("outage", ELSEWHERE)
    assert changed_topics(PRESENT, topics(hotline="热线")) == ("hotline", ELSEWHERE)
    assert changed_topics(topics(hotline="热线"), PRESENT) == (ELSEWHERE,)
    assert changed_topics(PRESENT, topics(elsewhere=False)) == ()


def test_a_name_or_a_budget_is_no_rule() -> None:
    named = replace(PRESENT.topics["bill"], name="电费账单", alerts_per_week=0.5)
    assert changed_topics(PRESENT, replace(PRESENT, topics={**PRESENT.topics, "bill": named})) == ()


@pytest.mark.parametrize("asked", [(), ("outage",), ("bill",), (ELSEWHERE, "bill")])
@pytest.mark.parametrize("axis", list(Axis))
def test_every_topic_is_tallied_as_if_the_rules_had_been_others(
    matched: MatchedReader, truth: SqliteIndexReader, axis: Axis, asked: tuple[str, ...]
) -> None:
    query = Query(topics=asked, precisions=(Precision.MINUTE,))
    span = (axis, START + 10 * MINUTE, START + 2 * HOUR, 5 * MINUTE)
    assert dict(matched.tally(query, *span)) == dict(truth.tally(query, *span))


@pytest.mark.parametrize("topic", ["outage", "bill", ELSEWHERE])
def test_a_window_is_counted_exactly(matched: MatchedReader, truth: SqliteIndexReader, topic: str) -> None:
    span = (Axis.COUNTED, START, START + 3 * HOUR, HOUR)
    assert matched.histogram(Query(topics=(topic,)), *span) == truth.histogram(Query(topics=(topic,)), *span)


@pytest.mark.parametrize("query", [
    Query(topics=("outage",), labels=(Label.NEGATIVE,)),
    Query(topics=("bill",)),
    Query(topics=(ELSEWHERE, "bill"), counted_since=START + HOUR),
], ids=["changed", "unchanged", "both"])  # fmt: skip
def test_posts_are_found_counted_and_exported_alike(
    matched: MatchedReader, truth: SqliteIndexReader, query: Query
) -> None:
    everything = [post.id for post in truth.search(query, 100).posts]
    assert [post.id for post in matched.search(query, 100).posts] == everything
    assert matched.count(query) == truth.count(query) == len(everything) > 4
    exported = {post.id: post.topics for post in matched.export(query)}
    assert {key: set(found) for key, found in exported.items()} == {
        post.id: set(post.topics) for post in truth.export(query)
    }
    first = matched.search(query, 4)
    assert [post.id for post in first.posts] == everything[:4]
    assert [post.id for post in matched.search(query, 100, first.after).posts] == everything[4:]
    assert [post.topics for post in matched.get(everything[:1])] == [post.topics for post in truth.get(everything[:1])]


def test_a_post_without_words_keeps_the_topics_that_it_had(write: Callable[..., ScoredPost]) -> None:
    rematching = Rematching(WIDER, changed_topics(PRESENT, WIDER))
    gathered = rematching.gather([write(1, "", topics=("outage",)), write(2, "没电了", topics=())])
    assert (len(gathered["outage"]), rematching.without_words) == (2, 1)


def test_what_cannot_be_counted_from_what_was_gathered_is_refused(matched: MatchedReader) -> None:
    span = (Axis.COUNTED, START, START + HOUR, HOUR)
    with pytest.raises(ValueError, match="by topic and precision alone"):
        matched.tally(Query(labels=(Label.NEGATIVE,)), *span)
    with pytest.raises(ValueError, match="one changed topic"):
        matched.histogram(Query(topics=("outage", "bill")), *span)
