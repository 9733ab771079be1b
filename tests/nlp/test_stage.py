"""The scorer here is a real, small one: it answers by the text's length. Models have their own tests."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nlp.fingerprint import NOTHING
from nlp.scorer import Score, Scorer, Unscored
from nlp.stage import ScoringStep, label_of, score_posts
from nlp.text import readable
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_CODEC
from stream.log.broker import MAX_RECORD, QUARANTINE, RAW, SCORED, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.matching import TopicMatcher
from stream.messages import (
    Act,
    Counts,
    Crawl,
    Emotion,
    Kind,
    Label,
    Polarity,
    Post,
    Precision,
    ScoredPost,
    content_hash,
    post_id,
)
from stream.process.clock import ScriptedClock
from stream.topics import Mark, Rule, TopicsConfig, WatchedTopic

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MATCHER = TopicMatcher(
    TopicsConfig(topics={"outage": WatchedTopic(name="停电", owner="x", rules=(Rule(any_of=("停电",)),))})
)


class LengthScorer:
    """Longer texts are sadder; texts with 坏 fail. Remembers what it was given, and what of it to read closely."""

    name = "length@1"

    def __init__(self) -> None:
        self.given: list[str] = []
        self.closely: list[str] = []

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        self.given += texts
        self.closely += [text for text, near in zip(texts, closely or [False] * len(texts), strict=True) if near]
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Score | Unscored:
        prepared = readable(text)
        if prepared.reason:
            return Unscored(prepared.reason)
        if "坏" in text:
            return Unscored("failed")
        sad = min(1.0, len(prepared.text) / 20)
        return Score(
            emotion=Emotion(happy=1 - sad, neutral=0, angry=0, sad=sad, fear=0, surprise=0),
            polarity=Polarity(negative=sad, neutral=0, positive=1 - sad),
            negative=sad,
            label=Label.NEGATIVE if sad > 0.5 else Label.POSITIVE,
            model=self.name,
            passed_on=prepared.passed_on,
        )


def post(number: int, text: str, title: str = "", thread: int = 0) -> Post:
    return Post(
        id=post_id("bbs", f"pid:{number}"),
        site="bbs",
        native_id=f"pid:{number}",
        source="bbs",
        kind=Kind.REPLY,
        thread_id=post_id("bbs", f"pid:{thread}"),
        url=f"https://bbs.example/{number}",
        title=title,
        text=text,
        published_at=NOW,
        published_precision=Precision.MINUTE,
        first_seen_at=NOW,
        observed_at=NOW + timedelta(minutes=1),
        counted_at=NOW,
        charted_at=NOW,
        counts=Counts(replies=3),
        content_hash=content_hash(title, text),
        crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
    )


def scored(*posts: Post, scorer: Scorer | None = None) -> list[ScoredPost]:
    return score_posts(posts, scorer=scorer or LengthScorer(), matcher=MATCHER, now=NOW + timedelta(hours=1))


def test_what_meets_a_topic_or_tells_of_danger_is_read_closely() -> None:
    scorer = LengthScorer()
    marked = TopicMatcher(
        TopicsConfig(
            topics={"outage": WatchedTopic(name="停电", owner="x", rules=(Rule(any_of=("停电",)),))},
            cues={"fire": Mark(name="火", rules=(Rule(any_of=("着火",)),))},
        )
    )
    texts = ["停电了", "吃了吗", "楼下着火了"]
    posts = [*(post(number, text) for number, text in enumerate(texts)), post(9, "我也是", title="停电了吗")]
    score_posts(posts, scorer=scorer, matcher=marked, now=NOW)
    assert scorer.given == [*texts, "我也是"]
    assert scorer.closely == ["停电了", "楼下着火了", "我也是"]


def test_a_scored_post_is_the_post_and_what_is_said_of_it() -> None:
    given = post(1, "小区停电两天了谁来管管啊")
    [answer] = scored(given)
    assert all(getattr(answer, field.name) == getattr(given, field.name) for field in fields(Post))
    assert answer.label is Label.NEGATIVE
    assert answer.negative == answer.polarity.negative == 0.6  # type: ignore[union-attr]
    assert answer.topics == ("outage",)
    assert answer.model == "length@1"
    assert answer.unscored is None
    assert answer.scored_at == NOW + timedelta(hours=1)
    assert SCORED_CODEC.decode(SCORED_CODEC.encode(answer)) == answer


def test_answers_keep_the_order_of_the_posts() -> None:
    texts = ["好", "停电了" * 9, "", "好好好", "停电了" * 9]
    answers = scored(*(post(number, text) for number, text in enumerate(texts)))
    assert [answer.text for answer in answers] == texts
    assert [answer.negative for answer in answers] == [0.05, 0.45, None, 0.15, 0.45]


def test_an_opening_is_read_with_its_title_but_not_twice() -> None:
    scorer = LengthScorer()
    posts = [post(1, "两天了", "停电"), post(2, "停电两天了", "停电"), post(3, "两天了")]
    scored(*(replace(one, kind=Kind.THREAD) for one in posts), scorer=scorer)
    assert scorer.given == ["停电\n两天了", "停电两天了", "两天了"]


def test_a_reply_belongs_to_its_threads_topic_but_feels_only_its_own_words() -> None:
    scorer = LengthScorer()
    [answer] = scored(post(1, "谢谢师傅", "停电三天了"), scorer=scorer)
    assert scorer.given == ["谢谢师傅"]
    assert answer.topics == ("outage",)
    assert answer.fingerprint == scored(post(2, "谢谢师傅"))[0].fingerprint


def test_a_reply_claims_and_appeals_only_in_its_own_words() -> None:
    marked = TopicMatcher(
        TopicsConfig(
            topics={},
            fields={"pay": Mark(name="工资", rules=(Rule(any_of=("工资",)),))},
            cues={"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))},
        )
    )
    opening = replace(post(1, "谁知道", "变电站爆炸"), kind=Kind.THREAD)
    reply = post(2, "工资呢", "变电站爆炸", thread=1)
    told = score_posts([opening, reply], scorer=LengthScorer(), matcher=marked, now=NOW)
    assert [(one.fields, one.cues) for one in told] == [((), ("danger",)), (("pay",), ())]


def test_copies_with_other_mentions_and_links_are_known_by_their_fingerprint() -> None:
    texts = [f"@用户{number} 变电站爆炸了!! https://example.com/{number}" for number in range(50)]
    answers = scored(*(post(number, text) for number, text in enumerate(texts)))
    assert len({answer.fingerprint for answer in answers}) == 1


@pytest.mark.parametrize(
    ("text", "reason", "label"),
    [
        ("", "empty", Label.UNCERTAIN),
        ("\u200b", "empty", Label.UNCERTAIN),
        ("转发微博", "repost", Label.NEUTRAL),
        ("转发微博//@李四:[quote]停电了[/quote]", "repost", Label.NEUTRAL),
        ("坏文本", "failed", Label.UNCERTAIN),
    ],
)
def test_an_unscored_post_says_why_and_keeps_its_topics(text: str, reason: str, label: Label) -> None:
    [answer] = scored(post(1, text))
    assert (answer.unscored, answer.label) == (reason, label)
    assert (answer.emotion, answer.polarity, answer.negative) == (None, None, None)
    assert answer.topics == (("outage",) if "停电" in text else ())
    assert SCORED_CODEC.decode(SCORED_CODEC.encode(answer)) == answer


def test_a_bare_repost_is_scored_by_what_it_passes_on_and_is_a_copy_of_it() -> None:
    texts = (
        "停电三天了没人管",
        "转发微博//@李四:停电三天了没人管",
        "Repost//@王五://@李四:停电三天了没人管",
        "//@李四:来电了",
        "…",
    )
    said, bare, deep, other, nothing = scored(*(post(number, text) for number, text in enumerate(texts)))
    assert [one.passed_on for one in (said, bare, deep, other, nothing)] == [False, True, True, True, False]
    assert said.fingerprint == bare.fingerprint == deep.fingerprint != other.fingerprint
    assert nothing.fingerprint == NOTHING
    assert (bare.negative, bare.label, bare.unscored) == (deep.negative, deep.label, None)
    assert bare.negative == 0.55, "the words and the // before them"
    assert (said.act, bare.act, bare.act_by) == (Act.APPEAL, None, None), "it does nothing itself"
    assert SCORED_CODEC.decode(SCORED_CODEC.encode(bare)) == bare


def test_a_denial_has_no_cue_and_the_organisations_own_is_a_clarification() -> None:
    company = WatchedTopic(name="其他", owner="x", rules=(Rule(any_of=("临江供电",)),))
    danger = {"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))}
    named = TopicMatcher(TopicsConfig(topics={}, elsewhere=company, cues=danger))
    texts = ("临江供电声明：变电站没有爆炸", "市水务局声明：水厂没有爆炸", "没有爆炸啊", "临江供电的变电站爆炸了")
    told = score_posts([post(at, one) for at, one in enumerate(texts)], scorer=LengthScorer(), matcher=named, now=NOW)
    assert [(one.act, one.cues) for one in told] == [
        (Act.CLARIFICATION, ()), (Act.STATEMENT, ()), (Act.STATEMENT, ()), (Act.STATEMENT, ("danger",)),
    ]  # fmt: skip


def test_who_passes_a_claim_on_and_denies_it_has_its_topic_and_no_cue() -> None:
    told = "//@李四:昨晚停电，变电站爆炸了"
    danger = {"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))}
    outage = WatchedTopic(name="停电", owner="x", rules=(Rule(any_of=("停电",)),))
    watched = TopicMatcher(TopicsConfig(topics={"outage": outage}, cues=danger))
    texts = (f"没有的事{told}", f"//@王五:不实{told}", f"谁说是假的{told}", f"转发微博{told}")
    posts = [post(at, text) for at, text in enumerate(texts)]
    found = score_posts(posts, scorer=LengthScorer(), matcher=watched, now=NOW)
    assert [one.cues for one in found] == [(), (), ("danger",), ("danger",)]
    assert {one.topics for one in found} == {("outage",)}


def test_a_bare_repost_of_an_answered_post_is_a_copy_of_the_answer() -> None:
    answer, bare, first = scored(*map(post, range(3), ("不信//@王五:停电了", "//@李四:不信//@王五:停电了", "停电了")))
    assert answer.fingerprint == bare.fingerprint != first.fingerprint


def test_whoever_adds_words_passes_nothing_on_without_them() -> None:
    [answer] = scored(post(1, "太过分了//@李四:停电了"))
    assert not answer.passed_on


@pytest.mark.parametrize(
    "text", ["a\u2028b", "电" * 100_000, "[CLS] [SEP] [MASK]", "<b>停电</b>", "\u202e停电\u202c", "\x00"]
)
def test_odd_texts_are_scored_like_any_other(text: str) -> None:
    [answer] = scored(post(1, text))
    assert answer.text == text


def test_the_label_of_an_answer() -> None:
    assert label_of(Unscored("repost")) is Label.NEUTRAL
    assert label_of(Unscored("empty")) is Label.UNCERTAIN


class Flow:
    """posts.raw, the scoring stage and posts.scored in one log file."""

    def __init__(self, path: Path) -> None:
        self.clock = ScriptedClock(NOW)
        self.path = path
        SqliteAdmin(path).apply([Topic(RAW), Topic(SCORED), Topic(QUARANTINE, partitions=1)])
        self.producer = SqliteProducer(path, self.clock)

    def run(self) -> int:
        consumer = self.reader("wenfeng.score", RAW)
        step = ScoringStep(LengthScorer(), MATCHER, self.producer, self.clock)
        worker = Worker(
            consumer, Quarantine(self.producer, self.clock, "score"), POSTS, step, clock=self.clock, limit=64
        )
        handled = worker.drain()
        consumer.close()
        return handled

    def reader(self, group: str, topic: str) -> SqliteConsumer:
        return SqliteConsumer(self.path, self.clock, group=group, topics=[topic])

    def read(self, topic: str) -> list[tuple[str, bytes]]:
        consumer = self.reader("test", topic)
        records = []
        while batch := consumer.poll(500, 0):
            records += [(record.key, record.value or b"") for record in batch]
        consumer.close()
        return records


@pytest.fixture
def flow(tmp_path: Path) -> Flow:
    return Flow(tmp_path / "log.db")


def test_the_stage_scores_what_lies_in_the_log(flow: Flow) -> None:
    posts = [post(number, f"第{number}楼停电了", thread=number % 7) for number in range(300)]
    flow.producer.publish([Message(RAW, one.thread_id, POSTS.encode(one)) for one in posts])
    assert flow.run() == 300
    found = [(key, SCORED_CODEC.decode(value)) for key, value in flow.read(SCORED)]
    assert {one.id: one.text for _, one in found} == {one.id: one.text for one in posts}
    assert all(key == one.thread_id for key, one in found)
    assert all(one.topics == ("outage",) and one.scored_at == NOW for _, one in found)
    assert flow.run() == 0


def test_the_order_within_a_thread_is_kept(flow: Flow) -> None:
    posts = [post(number, "停电了") for number in range(200)]
    flow.producer.publish([Message(RAW, one.thread_id, POSTS.encode(one)) for one in posts])
    flow.run()
    assert [SCORED_CODEC.decode(value).id for _, value in flow.read(SCORED)] == [one.id for one in posts]


def test_broken_and_too_large_records_are_quarantined_and_the_rest_is_scored(flow: Flow) -> None:
    large = post(1, "")
    room = MAX_RECORD - len(POSTS.encode(large)) - len(large.thread_id)
    large = replace(large, text="a" * (room - 100))  # fits as a post, not with its score
    flow.producer.publish(
        [
            Message(RAW, large.thread_id, POSTS.encode(post(2, "停电了"))),
            Message(RAW, large.thread_id, POSTS.encode(large)),
            Message(RAW, large.thread_id, b"{"),
            Message(RAW, large.thread_id, POSTS.encode(post(3, "来电了"))),
        ]
    )
    assert flow.run() == 4
    assert [SCORED_CODEC.decode(value).native_id for _, value in flow.read(SCORED)] == ["pid:2", "pid:3"]
    assert len(flow.read(QUARANTINE)) == 2
