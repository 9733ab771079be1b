"""Which rows of alerts.yml fire upon which posts, and what of that is news. Pure.

A row fires for a topic and a thing: a danger that is claimed, a source that joins, sites that are reached, one post.
What was told of is remembered (`ToldThing`), so that the same thing is told once.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.detection.grades import Grade
from alerts.detection.triggers import (
    CounterTrigger,
    CueTrigger,
    SourceTrigger,
    SpreadTrigger,
    Trigger,
    UrgentTrigger,
    When,
)
from stream.index.port import Query
from stream.matching import has_word
from stream.messages import COUNTED_PAST, Label, ScoredPost
from stream.spelling.folding import fold_post

OF_ONE_POST = frozenset({When.COUNTER, When.URGENT})  # what never comes twice: the thing is a post
SHOWN = 5  # posts kept to show what made a row fire: a letter quotes three


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A row that fired for a topic, as it is kept with the case.

    `key` is what the row is remembered by, `things` what it was (see above); `measured` was held against `at_least`.
    `words` is what letters take from the row or the person: the danger's name, what the source is called, all the
    sites, the counter's key, the word that was found, the reason of the report. `latest` is the newest evidence's time.
    """

    when: When
    key: str
    topic: str
    things: tuple[str, ...]
    grade: Grade
    source: str
    measured: int
    at_least: int
    posts: tuple[str, ...]
    words: str
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rows are held against: the posts found for each, in any order, and whatever they were narrowed by.

    `watched` are the topics there are, `cues` the dangers' names by key, `known` the topic and site of negative posts
    in the time before.
    """

    watched: Collection[str]
    posts: Mapping[Trigger, Sequence[ScoredPost]] = field(default_factory=dict)
    cues: Mapping[str, str] = field(default_factory=dict)
    known: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ToldThing:
    """A thing that was told of in a case, which ended at `ended_at`; None while it is open."""

    topic: str
    key: str
    thing: str
    ended_at: datetime | None


def asked(row: Trigger, cues: Collection[str], now: datetime) -> Query | None:
    """Builds the query whose posts may make the row fire; None where none ever can. `cues` are those of topics.yml.

    A post that counts was written at most `COUNTED_PAST` before: saying so spares the engines older ones.
    """
    since = now - row.within
    counted = Query(topics=row.topics, counted_since=since, charted_since=since - COUNTED_PAST)
    match row:
        case CueTrigger():
            wanted = tuple(row.cues or cues)
            return replace(counted, cues=wanted) if wanted else None
        case SourceTrigger():
            return replace(counted, sources=row.sources, labels=row.labels)
        case SpreadTrigger():
            return replace(counted, labels=(Label.NEGATIVE,))
        case CounterTrigger():
            return Query(topics=row.topics, labels=row.labels, charted_since=since)
        case UrgentTrigger():
            return Query(sources=row.sources, counted_since=since, charted_since=since - COUNTED_PAST)


def bears(row: Trigger, post: ScoredPost) -> bool:
    """Tells whether the post shows what no query can ask for: a counter that high, a word of urgency."""
    match row:
        case CounterTrigger():
            return _counter(row, post) >= row.at_least
        case UrgentTrigger():
            return _word(row, post) is not None
        case _:
            return True


def spreading(row: SpreadTrigger, posts: Iterable[ScoredPost], watched: Collection[str]) -> dict[str, Counter[str]]:
    """Counts by topic and site the negative posts of topics that are on enough sites, new there or not."""
    counts = {
        topic: Counter(post.site for post in about if post.label is Label.NEGATIVE)
        for topic, about in _by_topic(row, posts, watched).items()
    }
    return {
        topic: sites for topic, sites in counts.items() if len(sites) >= row.sites and sites.total() >= row.negatives
    }


def fired(rows: Iterable[Trigger], evidence: Evidence) -> tuple[Fired, ...]:
    """Finds what fires, once for each row, topic and thing, the gravest first."""
    found = (one for row in rows for one in _fired(row, evidence))
    order = list(Grade)
    return tuple(sorted(found, key=lambda one: (order.index(one.grade), -one.measured, one.things)))


def untold(
    found: Iterable[Fired], told: Iterable[ToldThing], forget_after: timedelta, now: datetime
) -> tuple[Fired, ...]:
    """Leaves out what people know: what an open case was told of, and a post that ever was.

    What was told of in a case that ended is news again `forget_after` later, if it happened again since. Of two rows
    that are remembered alike the first speaks.
    """
    said: set[tuple[str, str, str]] = set()
    known: dict[tuple[str, str, str], list[datetime | None]] = defaultdict(list)
    for one in told:
        known[one.topic, one.key, one.thing].append(one.ended_at)

    def is_news(what: Fired, thing: str) -> bool:
        named = (what.topic, what.key, thing)
        ends = known.get(named, [])
        again = what.when not in OF_ONE_POST and all(
            end is not None and now - end >= forget_after and what.latest > end for end in ends
        )
        if named in said or (ends and not again):
            return False
        said.add(named)
        return True

    news = (replace(one, things=tuple(thing for thing in one.things if is_news(one, thing))) for one in found)
    return tuple(one for one in news if one.things)


def _fired(row: Trigger, evidence: Evidence) -> Iterator[Fired]:
    posts = [post for post in evidence.posts.get(row, ()) if bears(row, post)]
    about = _by_topic(row, posts, evidence.watched)
    match row:
        case CueTrigger():
            yield from _claimed(row, about, evidence.cues)
        case SourceTrigger():
            for topic, told in about.items():
                for source in row.sources:
                    if found := [post for post in told if post.source == source]:
                        yield _one(row, topic, (source,), found, measured=len(found), words=row.called)
        case SpreadTrigger():
            for topic, sites in spreading(row, posts, evidence.watched).items():
                if new := tuple(sorted(site for site in sites if (topic, site) not in evidence.known)):
                    first = sorted(about[topic], key=lambda post: post.site not in new)  # what is new is shown first
                    words = "、".join(sorted(sites))
                    yield _one(row, topic, new, first, measured=len(sites), at_least=row.sites, words=words)
        case CounterTrigger():
            for topic, post in _each(about):
                count = _counter(row, post)
                yield _one(
                    row, topic, (post.id,), [post], measured=count, at_least=row.at_least, words=str(row.counter)
                )
        case UrgentTrigger():
            for topic, post in _each(about):
                yield _one(row, topic, (post.id,), [post], measured=1, words=_word(row, post) or "")


def _claimed(row: CueTrigger, about: Mapping[str, list[ScoredPost]], names: Mapping[str, str]) -> Iterator[Fired]:
    for topic, posts in about.items():
        for cue in row.cues or names:
            claiming = [post for post in posts if cue in post.cues]
            authors = len({post.voice or post.id for post in claiming})
            if authors >= row.authors:
                name = names.get(cue, cue)
                yield _one(row, topic, (cue,), claiming, measured=authors, at_least=row.authors, words=name)


def _one(
    row: Trigger, topic: str, things: tuple[str, ...], posts: Sequence[ScoredPost], *, measured: int, words: str,
    at_least: int = 1,
) -> Fired:  # fmt: skip
    return Fired(
        when=When(row.when), key=row.key, topic=topic, things=things, grade=row.grade, source=row.source,
        measured=measured, at_least=at_least, posts=tuple(post.id for post in posts[:SHOWN]), words=words,
        latest=max(post.counted_at or post.observed_at for post in posts),
    )  # fmt: skip


def _by_topic(row: Trigger, posts: Iterable[ScoredPost], watched: Collection[str]) -> dict[str, list[ScoredPost]]:
    wanted = set(row.topics or watched) & set(watched)
    otherwise = row.otherwise if isinstance(row, UrgentTrigger) else None
    about: dict[str, list[ScoredPost]] = defaultdict(list)
    for post in posts:
        met = [topic for topic in post.topics if topic in watched]
        for topic in met or ([otherwise] if otherwise else ()):
            if topic in wanted or not met:
                about[topic].append(post)
    return about


def _each(about: Mapping[str, list[ScoredPost]]) -> Iterator[tuple[str, ScoredPost]]:
    return ((topic, post) for topic, posts in about.items() for post in posts)


def _counter(row: CounterTrigger, post: ScoredPost) -> int:
    return getattr(post.counts, row.counter) or 0


def _word(row: UrgentTrigger, post: ScoredPost) -> str | None:
    """Finds the first of the row's words in the post; "" where the row has none and any entry will do."""
    if not row.words:
        return ""
    text = fold_post(post.title, post.text)
    return next((word for word in row.words if has_word(text, word)), None)
