"""What was known when a case was last written about: kept with it as JSON, so that a later notice says the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter

from alerts.casefile.likeness import Alike, Texts
from alerts.claims.claim import KnownClaim
from alerts.detection.firing import Fired
from alerts.detection.grades import Grade, Grading
from alerts.detection.signals import Coverage, Signal
from alerts.notify.contents.quotes import Quote, quote
from stream.errors import Retryable
from stream.index.port import Reader


@dataclass(frozen=True, slots=True)
class CaseSnapshot:
    """A spike with its grading, the ids of the posts that show it, how the sources did, and its danger cues.

    `cues` are keys of topics.yml and how many posts of the window bear them. `triggers` are what else brought the case
    about or was told of it, the newest first; the signal then holds the figures of that moment, whatever its state.
    `texts` are the wave's commonest texts, `alike` the false alarms of before that it looks like. `calmed_at` is when
    the wave before it ended, where its case was open. `known_claim` is the library's claim that it repeats. The names
    of the fields are those of the JSON in the column `found` of every case so far: they stay.
    """

    signal: Signal
    grading: Grading
    posts: tuple[str, ...]
    coverage: tuple[Coverage, ...]
    cues: tuple[tuple[str, int], ...] = ()
    triggers: tuple[Fired, ...] = ()
    texts: Texts = ()
    alike: tuple[Alike, ...] = ()
    calmed_at: datetime | None = None
    known_claim: KnownClaim | None = None


SHOWN = 8  # posts quoted of a case and of those merged into it
KEPT = 20  # triggers kept with a case for its letters; each one that was told of has a row of its own beside

_SNAPSHOT: TypeAdapter[CaseSnapshot] = TypeAdapter(CaseSnapshot)


def with_triggers(snapshot: CaseSnapshot, triggers: Sequence[Fired]) -> CaseSnapshot:
    """Puts `triggers` behind the snapshot's own, and its grade up to the gravest of theirs."""
    kept = (*snapshot.triggers, *triggers)[:KEPT]
    order = list(Grade)
    gravest = min([snapshot.grading.grade, *(one.grade for one in kept)], key=order.index)
    return replace(snapshot, grading=replace(snapshot.grading, grade=gravest), triggers=kept)


def with_guest(own: CaseSnapshot, guest: CaseSnapshot) -> CaseSnapshot:
    """Puts the triggers and posts of a case that was merged into this one beside its own, whose counts it keeps."""
    fired = tuple(one for one in guest.triggers if one not in own.triggers)
    joined = with_triggers(replace(own, triggers=fired), own.triggers)
    return replace(joined, posts=tuple(dict.fromkeys((*own.posts, *guest.posts)))[:SHOWN])


def to_json(snapshot: CaseSnapshot) -> str:
    """Writes the snapshot as it is kept with the case."""
    return _SNAPSHOT.dump_json(snapshot).decode()


def from_json(kept: str) -> CaseSnapshot:
    """Reads the snapshot as it was found."""
    return _SNAPSHOT.validate_json(kept)


def read_quotes(reader: Reader, ids: Sequence[str], now: datetime) -> tuple[Quote, ...]:
    """Reads posts as they may be quoted now; none while the index is away: a notice does not wait for decoration."""
    try:
        return tuple(quote(post, now) for post in reader.get(ids))
    except Retryable:
        return ()
