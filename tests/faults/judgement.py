"""What a watcher that was killed again and again owes: the cases of one that never was, and the memory of them.

All of it is judged again from the posts alone, as if somebody had begun to look at that very moment.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from pydantic import TypeAdapter

from alerts.casefile.tables import CaseRow, EventKind, EventRow
from alerts.detection.grades import Grade, gravest
from alerts.detection.kept import TopicMemoryRow
from alerts.detection.series.detector import STEP
from alerts.detection.series.waves import Told
from alerts.workflow.subjects import is_incident
from stream.codec import SCORED
from stream.errors import DecodeError
from stream.messages import ScoredPost
from tests.faults.evidence import Evidence
from tests.faults.recount import Spike, began, learnt, spikes

ROUND = timedelta(minutes=2)  # of looking: what is indexed meanwhile is seen, though the round has the time it began at
TOLD: TypeAdapter[tuple[Told, ...]] = TypeAdapter(tuple[Told, ...])


def spikes_are_cases(evidence: Evidence) -> Iterator[str]:
    """I6: every spike has its case, every case had its spike, and none is there that another one had room for."""
    opened = Counter(event.case_id for event in evidence.events if event.kind == EventKind.OPENED)
    history = _history(evidence)
    since = _began(evidence, history)
    by_topic: dict[str, list[CaseRow]] = defaultdict(list)
    for case in evidence.cases:
        if is_incident(case.topic):
            continue
        by_topic[case.topic].append(case)
        if opened[case.id] != 1:
            yield f"case {case.id} was opened {opened[case.id]} times"
        then = _as_of(history, case.opened_at + ROUND)
        if not spikes(then, {case.topic: since[case.topic]}, evidence.limits, case.opened_at)[case.topic]:
            yield f"case {case.id} of {case.topic} was opened without a spike"
    posts = _as_of(history)
    kept = [post for post in posts if post.id not in evidence.erased]
    seen = sure = spikes(posts, since, evidence.limits, _end(evidence))
    if len(kept) < len(posts):  # erased at some time: there may have been a spike of them, there must not
        sure = spikes(kept, since, evidence.limits, _end(evidence))
    for topic, found in seen.items():
        yield from _of_topic(evidence, topic, found, by_topic[topic])
    for topic, found in sure.items():
        for spike in found:
            known = any(_covers(spike, case.since) or _went_on(spike, case) for case in by_topic[topic])
            if not known and not _rekindled(evidence, topic):
                yield f"{topic} spiked from {spike.wave.first.at} and has no case"


def what_was_told_is_remembered(evidence: Evidence) -> Iterator[str]:
    """I11: the watcher remembers every spike that is told, from end to end, and what its topics taught until then."""
    history = _history(evidence)
    memory = {row.topic: row for row in evidence.memory}
    posts, since = _as_of(history), _began(evidence, history)
    if history and (evidence.judged_until is None or evidence.judged_until < history[-1].scored_at):
        yield f"posts came until {history[-1].scored_at}, and the last step judged is {evidence.judged_until}"
    for topic, first in began(posts, evidence.topics, evidence.at).items():
        if topic not in memory:
            yield f"nothing of {topic} is remembered"
        elif memory[topic].began_at > first + STEP:
            yield f"{topic} is spoken of since {first} and watched since {memory[topic].began_at} only"
    gone = {topic for post in posts if post.id in evidence.erased for topic in post.topics}
    for topic, found in spikes(posts, since, evidence.limits, _end(evidence)).items():
        told = TOLD.validate_json(memory[topic].told) if topic in memory else ()
        wanted = tuple(Told(spike.wave.first.at, spike.wave.last.at) for spike in found)
        if topic not in gone and told != wanted:
            yield f"{topic} spiked {_in_words(wanted)}, and {_in_words(told)} is remembered"
    yield from _numbers(evidence, memory, posts, since)


def _of_topic(evidence: Evidence, topic: str, found: Sequence[Spike], cases: Sequence[CaseRow]) -> Iterator[str]:
    """What is too much: two cases at once, a case that the one before it had room for, a wave told as two."""
    for before, after in pairwise(cases):
        if before.ended_at is None or before.ended_at > after.opened_at + ROUND:  # judged while the round went on
            yield f"{topic} has the cases {before.id} and {after.id} at once"
        elif not _makes_room(evidence, found, before, after):
            yield f"case {after.id} goes on with the wave of {before.id}, which had just been judged"
    told = sum(event.kind == EventKind.REKINDLED for event in _events(evidence, topic))
    if told >= max(1, len(found)):
        yield f"{topic} burnt {len(found)} times and is said to have burnt again {told} times"


def _makes_room(evidence: Evidence, found: Sequence[Spike], before: CaseRow, after: CaseRow) -> bool:
    """Tells whether a case may be followed by another one: forgotten, outgrown, calm, or of another wave."""
    assert before.ended_at is not None
    forgotten = after.opened_at - before.ended_at >= evidence.forget_after
    another = not any(_covers(spike, before.since) and _covers(spike, after.since) for spike in found)
    graver = gravest(Grade(before.grade), Grade(before.seen_grade or before.grade)) != gravest(
        *map(Grade, (before.grade, before.seen_grade or before.grade, after.grade, after.seen_grade or after.grade))
    )
    grew = after.peak >= evidence.rise * (before.peak if before.count_at_end is None else before.count_at_end)
    return forgotten or another or before.calm_at is not None or graver or grew


def _went_on(spike: Spike, case: CaseRow) -> bool:
    """Tells whether the case had gone into another one by then, which was told of the spike."""
    return case.merged_into is not None and case.ended_at is not None and case.ended_at <= spike.wave.last.at + ROUND


def _numbers(
    evidence: Evidence, memory: Mapping[str, TopicMemoryRow], posts: Sequence[ScoredPost], since: Mapping[str, datetime]
) -> Iterator[str]:
    for until in {row.settled_until for row in memory.values()} - {None}:
        kept = [post for post in posts if post.id not in evidence.erased]  # what was erased since had taught, or not
        ways = [learnt(some, since, evidence.limits, until) for some in ([posts] if kept == posts else [posts, kept])]
        for topic, row in memory.items():
            numbers = np.frombuffer(row.numbers, dtype=np.float64)
            same = any(np.array_equal(numbers, again[topic].ravel(), equal_nan=True) for again in ways)
            if row.settled_until == until and not same:
                yield f"what {topic} taught until {until} is not what its posts teach"


def _covers(spike: Spike, moment: datetime) -> bool:
    return spike.wave.first.since <= moment <= spike.wave.last.at


def _rekindled(evidence: Evidence, topic: str) -> bool:
    return any(event.kind == EventKind.REKINDLED for event in _events(evidence, topic))


def _events(evidence: Evidence, topic: str) -> list[EventRow]:
    of = {case.id for case in evidence.cases if case.topic == topic}
    return [event for event in evidence.events if event.case_id in of]


def _end(evidence: Evidence) -> datetime:
    return evidence.judged_until or evidence.at


def _history(evidence: Evidence) -> list[ScoredPost]:
    """Every observation that was scored, in that order."""
    found = []
    for record in evidence.scored:
        with suppress(DecodeError):
            found.append(SCORED.decode(record.value))
    return sorted(found, key=lambda post: post.scored_at)


def _as_of(history: Sequence[ScoredPost], moment: datetime | None = None) -> list[ScoredPost]:
    """The newest observation of each post, of those that were scored by then."""
    known: dict[str, ScoredPost] = {}
    for post in history:
        if moment is not None and post.scored_at > moment:
            break
        if post.id not in known or known[post.id].observed_at <= post.observed_at:
            known[post.id] = post
    return list(known.values())


def _began(evidence: Evidence, history: Sequence[ScoredPost]) -> dict[str, datetime]:
    """Since when the topics are watched: as the watcher keeps it, for a step more or less is another beginning."""
    kept = {row.topic: row.began_at for row in evidence.memory}
    return began(_as_of(history), evidence.topics, evidence.at) | kept


def _in_words(told: Sequence[Told]) -> str:
    return ", ".join(f"{one.since} to {one.until}" for one in told) or "nothing"
