"""Nothing lost, nothing doubled: eleven invariants over what an installation left behind.

`check` is for an installation that was drained: every stage ran until nothing was left to do. `check_running` is for
any moment, also between a kill and the start after it. Each returns the broken invariants by name, with what is wrong
in words; an empty answer is the proof. Nothing here asks the code under test: it is all counted again from the sets.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar
from unicodedata import normalize

from alerts.casefile.tables import EventKind, EventRow, broken_link
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import MENDED, TROUBLE, WORKFLOW
from alerts.workflow.subjects import is_incident
from stream.codec import CASE_EVENTS, POSTS, Codec
from stream.codec import SCORED as SCORED_POSTS
from stream.errors import DecodeError
from stream.index.port import Axis
from stream.log.broker import RAW, SCORED, Record
from stream.messages import Post, ScoredPost, event_id
from tests.faults.evidence import Evidence
from tests.faults.judgement import spikes_are_cases, what_was_told_is_remembered
from tests.faults.letters import letters_are_sent
from tests.faults.recount import recount

GROUPS = {"wenfeng.score": RAW, "wenfeng.index": SCORED}
SHOWN = 5  # of one invariant's complaints

T = TypeVar("T")
P = TypeVar("P", Post, ScoredPost)
Broken = Mapping[str, Sequence[str]]
Place = tuple[str, int, int]  # topic, partition, offset


def check(evidence: Evidence) -> Broken:
    """The invariants that do not hold of a drained installation."""
    return _judged(evidence, ALL)


def check_running(evidence: Evidence) -> Broken:
    """Those that do not hold although they must at any moment."""
    return _judged(evidence, ALWAYS)


def in_words(broken: Broken) -> str:
    """A few of each invariant's complaints, a line each."""
    lines = [f"{name}: {len(told)}: {'; '.join(told[:SHOWN])}" for name, told in broken.items()]
    return "\n".join(lines) or "every invariant holds"


def served_is_acknowledged(evidence: Evidence) -> Iterator[str]:
    """I1: what the site served is acknowledged by the log or was rejected with a reason, in the words last shown."""
    newest = _newest(_posts(evidence.raw))
    for post_id, words in evidence.served.items():
        if post_id in evidence.rejected:
            continue
        post = newest.get(post_id)
        if post is None:
            yield f"{post_id} was served and is not in the log"
        elif _bare(words) not in _bare(post.title + post.text):
            yield f"{post_id} was served with other words than the log has"
        if post_id not in evidence.acknowledged and post_id not in evidence.erased:
            yield f"{post_id} was served and is not noted as acknowledged"


def acknowledged_is_in_the_log(evidence: Evidence) -> Iterator[str]:
    """I2: what the crawler noted as acknowledged lies in the log, byte for byte."""
    there = {sha256(record.value or b"").digest() for record in evidence.raw}
    for post_id, sent in evidence.acknowledged.items():
        if sha256(sent).digest() not in there:
            yield f"{post_id} is noted as acknowledged and not in the log"


def the_log_is_indexed_or_quarantined(evidence: Evidence) -> Iterator[str]:
    """I3: the log's posts are in the index in their newest observation, or in the quarantine, never in both."""
    quarantined = _quarantined(evidence)
    raw, scored = _posts(evidence.raw), _scored(evidence.scored)
    passed_on = {post.id for post in scored.values()}
    yield from (f"{place} is unreadable and not in the quarantine" for place in _unreadable(evidence) - quarantined)
    for place, post in raw.items():
        if post.id not in passed_on and place not in quarantined:
            yield f"{post.id} at {place} was neither scored nor quarantined"
    indexed = {post.id: post for post in evidence.indexed}
    newest = _newest({place: post for place, post in scored.items() if place not in quarantined})
    for post_id, post in newest.items():
        held = indexed.get(post_id)
        if post_id in evidence.erased:
            if held is not None:
                yield f"{post_id} was erased and is in the index"
        elif held is None:
            yield f"{post_id} was scored and is not in the index"
        elif (held.observed_at, held.content_hash) != (post.observed_at, post.content_hash):
            yield f"{post_id} is in the index as of {held.observed_at}, in the log as of {post.observed_at}"
    yield from (f"{post_id} is in the index and not in the log" for post_id in indexed.keys() - newest.keys())
    for place in quarantined & scored.keys():
        held = indexed.get(scored[place].id)
        if held is not None and held.observed_at == scored[place].observed_at:
            yield f"{scored[place].id} is quarantined and in the index"
    for place in quarantined & raw.keys():
        if (raw[place].id, raw[place].observed_at) in {(post.id, post.observed_at) for post in scored.values()}:
            yield f"{raw[place].id} is quarantined and scored"


def each_post_is_there_once(evidence: Evidence) -> Iterator[str]:
    """I4: every id is in the index once, and the index counts as many posts as it shows."""
    often = Counter(post.id for post in evidence.indexed)
    yield from (f"{post_id} is in the index {times} times" for post_id, times in often.items() if times > 1)
    if evidence.count != len(evidence.indexed):
        yield f"the index counts {evidence.count} posts and shows {len(evidence.indexed)}"


def counts_are_the_posts(evidence: Evidence) -> Iterator[str]:
    """I5: what a watcher counts is what counting the posts gives: nothing of a redelivery is counted twice."""
    for one in evidence.counted:
        posts = [post for post in evidence.indexed if one.topic is None or one.topic in post.topics]
        step = (one.end - one.start) / max(1, len(one.buckets))
        again = recount(posts, Axis.COUNTED, one.start, one.end, step)
        yield from (
            f"{one.topic}: {found} counted, {wanted} by the posts"
            for found, wanted in zip(one.buckets, again, strict=True)
            if found != wanted
        )


def commits_follow_the_work(evidence: Evidence) -> Iterator[str]:
    """I8: nothing before a committed offset is unfinished."""
    done = _quarantined(evidence) | _passed_on(evidence) | _indexed(evidence)
    for (group, part), offset in evidence.committed.items():
        records = {RAW: evidence.raw, SCORED: evidence.scored}[GROUPS[group]] if group in GROUPS else ()
        for record in records:
            if record.partition == part and record.offset < offset and _place(record) not in done:
                yield f"{group} committed {offset} of {part.topic}/{part.number}, and {record.offset} is not done"


def histories_are_whole(evidence: Evidence) -> Iterator[str]:
    """I9: chains of events verify, every step of a case was allowed, and the log was told each event."""
    for case in evidence.cases:
        events = [event for event in evidence.events if event.case_id == case.id]
        if (broken := broken_link(events)) is not None:
            yield f"event {broken} of case {case.id} does not fit the chain"
        stage: str | None = TROUBLE if is_incident(case.topic) else WORKFLOW.start
        verdict: Verdict | None = None
        for event in events:
            stage, verdict = _follow(stage, verdict, event)
            if stage is None:
                yield f"event {event.number} of case {case.id}, {event.kind}, was not allowed"
                break
        if stage is not None and stage != case.stage:
            yield f"case {case.id} is {case.stage}, and its history ends at {stage}"
        if (case.open_key is not None) != WORKFLOW.is_open(case.stage):
            yield f"case {case.id} is {case.stage} and its key says otherwise"
    told = {CASE_EVENTS.decode(record.value).id for record in evidence.told}
    happened = {event_id("case", event.case_id, event.number) for event in evidence.events}
    if evidence.waiting:
        yield f"{evidence.waiting} events are still in line for the log"
    yield from (f"the log was not told event {one}" for one in happened - told)
    yield from (f"the log was told event {one}, which did not happen" for one in told - happened)


def sizes_are_bounded(evidence: Evidence) -> Iterator[str]:
    """I10: memory, handles and files stayed within their bounds."""
    for size in evidence.sizes:
        if size.measured > size.bound:
            yield f"{size.what}: {size.measured:g}, at most {size.bound:g}"


ALL: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
    "I1": served_is_acknowledged,
    "I2": acknowledged_is_in_the_log,
    "I3": the_log_is_indexed_or_quarantined,
    "I4": each_post_is_there_once,
    "I5": counts_are_the_posts,
    "I6": spikes_are_cases,
    "I7": letters_are_sent,
    "I8": commits_follow_the_work,
    "I9": histories_are_whole,
    "I10": sizes_are_bounded,
    "I11": what_was_told_is_remembered,
}
ALWAYS = {name: ALL[name] for name in ("I2", "I8", "I10")}  # the rest may wait for a stage that is behind

_NEVER = datetime.min.replace(tzinfo=UTC)


def _judged(evidence: Evidence, invariants: Mapping[str, Callable[[Evidence], Iterator[str]]]) -> Broken:
    found = {name: list(invariant(evidence)) for name, invariant in invariants.items()}
    return {name: told for name, told in found.items() if told}


def _place(record: Record) -> Place:
    return record.partition.topic, record.partition.number, record.offset


def _posts(records: Sequence[Record]) -> dict[Place, Post]:
    """What can be read of posts.raw, by place."""
    return dict(_decoded(records, POSTS))


def _scored(records: Sequence[Record]) -> dict[Place, ScoredPost]:
    """What can be read of posts.scored, by place."""
    return dict(_decoded(records, SCORED_POSTS))


def _decoded(records: Sequence[Record], codec: Codec[T]) -> Iterator[tuple[Place, T]]:
    for record in records:
        with suppress(DecodeError):
            yield _place(record), codec.decode(record.value)


def _unreadable(evidence: Evidence) -> set[Place]:
    places = {_place(record) for record in (*evidence.raw, *evidence.scored)}
    return places - _posts(evidence.raw).keys() - _scored(evidence.scored).keys()


def _quarantined(evidence: Evidence) -> set[Place]:
    return {(entry.topic, entry.partition, entry.offset) for entry in evidence.quarantine}


def _passed_on(evidence: Evidence) -> set[Place]:
    """The places of posts.raw whose very observation is in posts.scored."""
    scored = {(post.id, post.observed_at) for post in _scored(evidence.scored).values()}
    return {place for place, post in _posts(evidence.raw).items() if (post.id, post.observed_at) in scored}


def _indexed(evidence: Evidence) -> set[Place]:
    """The places of posts.scored whose observation, or a later one, is in the index, or whose post was erased."""
    newest = {post.id: post.observed_at for post in evidence.indexed}
    return {
        place
        for place, post in _scored(evidence.scored).items()
        if post.id in evidence.erased or newest.get(post.id, _NEVER) >= post.observed_at
    }


def _newest(posts: Mapping[Place, P]) -> dict[str, P]:
    """The latest observation of each post; of equal ones the last in the log."""
    newest: dict[str, P] = {}
    for _, post in sorted(posts.items()):
        if post.id not in newest or newest[post.id].observed_at <= post.observed_at:
            newest[post.id] = post
    return newest


def _follow(stage: str, verdict: Verdict | None, event: EventRow) -> tuple[str | None, Verdict | None]:
    """Where an event leads and what is found true by then; None for a stage to which the table does not lead."""
    detail = json.loads(event.detail)
    after, found = detail.get("stage", stage), Verdict(detail["verdict"]) if "verdict" in detail else verdict
    orders = {order.key: order.to for order in WORKFLOW.orders}
    if event.kind == EventKind.REKINDLED:
        allowed = {WORKFLOW.rekindled(stage, verdict)}
    elif event.kind == EventKind.RECOVERED:
        allowed = {MENDED} if stage == TROUBLE else set()
    elif event.kind in orders:
        allowed = {stage, orders[event.kind]}
    else:
        allowed = {stage} if event.kind in set(EventKind) else set(WORKFLOW.targets(stage, event.kind))
    return (after if after in allowed else None), found


def _bare(words: str) -> str:
    """Words without what a page or our edge may change about them: width, white space."""
    return "".join(normalize("NFKC", words).split())
