"""The scoring stage: posts in, scored posts out. Nothing here knows which model scores or which log carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from nlp.acts import RULES, act_of
from nlp.fingerprint import fingerprint
from nlp.passage import as_written
from nlp.scorer import Score, Scorer, Unscored
from nlp.text import Unfit, for_model, told
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_CODEC
from stream.config import StreamConfig
from stream.errors import Rejected
from stream.log.broker import SCORED, Consumer, Message, Producer
from stream.log.health import HealthReporter, this_process
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.matching import TopicMatcher
from stream.messages import Kind, Label, Post, ScoredPost
from stream.process.alive import Alive
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.spelling.folding import fold, fold_post

_FIELDS = tuple(field.name for field in fields(Post))


def score_posts(posts: Sequence[Post], *, scorer: Scorer, matcher: TopicMatcher, now: datetime) -> list[ScoredPost]:
    """Score posts, one by one in order. A thread's title tells its replies' topics, not what they feel like.

    Those that meet a topic or bear a danger cue are read closely: alarms are made of them.
    """
    found = [_match(post, matcher) for post in posts]
    answers = scorer.score([one.text for one in found], [bool(one.topics or one.cues) for one in found])
    return [
        _scored(post, one, answer, model=scorer.name, now=now)
        for post, one, answer in zip(posts, found, answers, strict=True)
    ]


def label_of(answer: Score | Unscored) -> Label:
    """Return the label: a repost of nothing is neutral, as annotators have it; what else has no score is uncertain."""
    if isinstance(answer, Score):
        return answer.label
    return Label.NEUTRAL if answer.reason == Unfit.REPOST else Label.UNCERTAIN


class ScoringStep:
    """Scores a batch and hands it to the log under the threads' keys; the step of a stream.log.worker.Worker.

    Raises `Rejected` where one post is too large with its score (the worker finds it), `Retryable` where the log takes
    nothing: then the batch is scored again.
    """

    def __init__(self, scorer: Scorer, matcher: TopicMatcher, producer: Producer, clock: Clock) -> None:
        self._scorer = scorer
        self._matcher = matcher
        self._producer = producer
        self._clock = clock

    def __call__(self, posts: Sequence[Post]) -> Mapping[int, Rejected]:
        scored = score_posts(posts, scorer=self._scorer, matcher=self._matcher, now=self._clock.now())
        failpoint("score.scored")
        self._producer.publish([Message(SCORED, post.thread_id, SCORED_CODEC.encode(post)) for post in scored])
        failpoint("score.published")
        return {}


def own_words(post: Post) -> str:
    """Return what the poster said: a reply carries its thread's title, not its own; a text may begin with its own."""
    if _has_foreign_title(post) or not post.title or post.text.startswith(post.title):
        return post.text
    return f"{post.title}\n{post.text}"


def _has_foreign_title(post: Post) -> bool:
    return post.kind in (Kind.REPLY, Kind.COMMENT)


@dataclass(frozen=True, slots=True)
class _Matched:
    """What the rules find in a post, whatever it feels like; `text` are its own words."""

    text: str
    topics: tuple[str, ...]
    fields: tuple[str, ...]
    cues: tuple[str, ...]
    organisation: bool


def _match(post: Post, matcher: TopicMatcher) -> _Matched:
    folded = fold_post(post.title, post.text)
    own = fold(post.text) if _has_foreign_title(post) else folded
    return _Matched(
        own_words(post), matcher.topics(folded), matcher.fields(own), matcher.cues(own), matcher.names_organisation(own)
    )


def _scored(post: Post, found: _Matched, answer: Score | Unscored, *, model: str, now: datetime) -> ScoredPost:
    score = answer if isinstance(answer, Score) else None
    known: dict[str, Any] = {name: getattr(post, name) for name in _FIELDS}
    text = found.text
    act = act_of(for_model(text).text, organisation=found.organisation)
    return ScoredPost(
        **known,
        emotion=score.emotion if score else None,
        polarity=score.polarity if score else None,
        negative=score.negative if score else None,
        label=label_of(answer),
        topics=found.topics,
        # Copies differ in mentions, links and quotes, which what they tell has lost; "转发微博" alone has nothing else.
        fingerprint=fingerprint(told(text) or fold(post.text)),
        model=model,
        unscored=None if isinstance(answer, Score) else answer.reason,
        scored_at=now,
        passage=as_written(score.passage, text) if score and score.passage else None,
        act=act,
        act_by=RULES if act else None,
        fields=found.fields,
        cues=found.cues,
        passed_on=bool(score and score.passed_on),
    )


def scoring_worker(
    config: StreamConfig, consumer: Consumer, producer: Producer, *, scorer: Scorer, matcher: TopicMatcher, clock: Clock
) -> Worker[Post]:
    """Wire the scoring stage over these engines; the caller closes them."""
    return Worker(
        consumer,
        Quarantine(producer, clock, "score"),
        POSTS,
        ScoringStep(scorer, matcher, producer, clock),
        clock=clock,
        limit=config.batch,
        stop_after_rejects=config.stop_after_rejects,
        report=HealthReporter(producer, clock, "score", this_process(), alive=Alive(config.var, "score")),
    )
