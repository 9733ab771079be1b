"""Other ways into a case than counts: the rows of alerts.yml, told apart by `when:`. What fires is in firing.py."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic.dataclasses import dataclass as checked

from alerts.detection.grades import Grade
from stream.messages import Label
from stream.process.configuration import STRICT, Duration

MOST = 20_000  # posts read by one query in one look, the newest: below two seconds and 60 MB
SPREAD_EVERY = timedelta(minutes=10)  # reads a day of negatives: too many for every look, and nothing that hurries

Window = Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=14))]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Names = Annotated[tuple[Said, ...], Field(min_length=1)]


class When(StrEnum):
    """What may happen. All but `HAND`, which is a person's report, are rows of the configuration."""

    CUE = "cue"
    SOURCE = "source"
    SPREAD = "spread"
    COUNTER = "counter"
    URGENT = "urgent"
    HAND = "hand"


class SiteCounter(StrEnum):
    """A counter that sites show beside a post: a field of `Counts`."""

    VIEWS = "views"
    REPLIES = "replies"
    LIKES = "likes"
    REPOSTS = "reposts"


@checked(frozen=True, kw_only=True, config=STRICT)
class _AnyTrigger:
    """What all rows say: the least grade of a case, where the number comes from, the topics (none named: all)."""

    grade: Grade
    source: Annotated[str, Field(min_length=1)]
    topics: tuple[str, ...] = ()


@checked(frozen=True, kw_only=True, config=STRICT)
class CueTrigger(_AnyTrigger):
    """Fires when that many different people claim a danger with place and time; `cues` of topics.yml, all by default.

    Whatever the posts feel like: a danger is told soberly. Two people, because one may be mistaken; set by us.
    """

    when: Literal["cue"]
    cues: tuple[str, ...] = ()
    authors: Annotated[int, Field(ge=1)] = 2
    within: Window = timedelta(hours=1)

    @property
    def key(self) -> str:
        return f"{self.when}:{self.authors}"


@checked(frozen=True, kw_only=True, config=STRICT)
class SourceTrigger(_AnyTrigger):
    """Fires when one of `sources` (of crawlers.yml) publishes on the topic; `called` is what letters call such sources.

    `labels` are the posts that count, none: whatever they feel like.
    """

    when: Literal["source"]
    sources: Names
    called: Said = "权威媒体"
    labels: tuple[Label, ...] = (Label.NEGATIVE,)
    within: Window = timedelta(hours=24)

    @property
    def key(self) -> str:
        return ":".join([self.when, *self.labels])


@checked(frozen=True, kw_only=True, config=STRICT)
class SpreadTrigger(_AnyTrigger):
    """Fires when `negatives` posts stand on `sites` different sites, one of which had none in the time `before`."""

    when: Literal["spread"]
    sites: Annotated[int, Field(ge=2)] = 3
    negatives: Annotated[int, Field(ge=2)] = 3
    within: Window = timedelta(hours=24)
    before: Window = timedelta(days=7)

    @property
    def key(self) -> str:
        return f"{self.when}:{self.sites}"


@checked(frozen=True, kw_only=True, config=STRICT)
class CounterTrigger(_AnyTrigger):
    """Fires when one post, not older than `within`, shows so many reposts, views, replies or likes."""

    when: Literal["counter"]
    counter: SiteCounter
    at_least: Annotated[int, Field(ge=1)]
    labels: tuple[Label, ...] = (Label.NEGATIVE,)
    within: Window = timedelta(hours=72)

    @property
    def key(self) -> str:
        return f"{self.when}:{self.counter}:{self.at_least}"


@checked(frozen=True, kw_only=True, config=STRICT)
class UrgentTrigger(_AnyTrigger):
    """Fires on an entry of an internal channel with one of `words`, compared as topics' words are; none: on any entry.

    `otherwise` is the topic of an entry that meets none; without it such an entry opens no case.
    """

    when: Literal["urgent"]
    sources: Names
    words: tuple[Said, ...] = ()
    within: Window = timedelta(hours=24)
    otherwise: str | None = None

    @property
    def key(self) -> str:
        return str(self.when)


Trigger = CueTrigger | SourceTrigger | SpreadTrigger | CounterTrigger | UrgentTrigger


def _told_apart(raw: Any) -> Any:
    if isinstance(raw, _AnyTrigger):  # read before, as in a copy of a configuration
        return raw
    if not isinstance(raw, dict):
        raise ValueError("write the keys of the row: when, grade, source and what it is to wait for")
    kinds = [str(one) for one in When if one is not When.HAND]
    if raw.get("when") not in kinds:
        raise ValueError(f"no row waits for {raw.get('when')!r}: write when: one of {', '.join(kinds)}")
    return raw


TriggerRow = Annotated[Trigger, Field(discriminator="when"), BeforeValidator(_told_apart)]


def unknown_names(rows: Sequence[Trigger], topics: Collection[str], cues: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yields the keys of topics and cues that a row names and topics.yml does not have, with what is there."""
    for number, row in enumerate(rows):
        named = {"topics": row.topics}
        if isinstance(row, UrgentTrigger):
            named["otherwise"] = (row.otherwise,) if row.otherwise else ()
        for key, names in named.items():
            yield from ((f"triggers.{number}.{key}", _none("topic", one, topics)) for one in names if one not in topics)
        if isinstance(row, CueTrigger):
            wrong = (one for one in row.cues if one not in cues)
            yield from ((f"triggers.{number}.cues", _none("cue", one, cues)) for one in wrong)


def unknown_sources(rows: Sequence[Trigger], sources: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yields the keys of sources that a row names and that are not among `sources`, with the name."""
    for number, row in enumerate(rows):
        if isinstance(row, SourceTrigger | UrgentTrigger):
            yield from ((f"triggers.{number}.sources", one) for one in row.sources if one not in sources)


def never_fires(
    rows: Sequence[Trigger], cues: Collection[str], switched_off: Collection[str], look_every: timedelta
) -> Iterator[tuple[str, str]]:
    """Yields rows that nothing can make fire, or that what is said between two looks cannot: their key, and why."""
    for number, row in enumerate(rows):
        if isinstance(row, CueTrigger) and not (row.cues or cues):
            yield f"triggers.{number}", "waits for a cue, and topics.yml has none: it never fires"
        if isinstance(row, SourceTrigger | UrgentTrigger) and set(row.sources) <= set(switched_off):
            told = f"crawlers.yml has {' and '.join(row.sources)} switched off: it never fires"
            yield f"triggers.{number}.sources", told
        for key, wanted in _wanted(row):
            if wanted > MOST:
                told = f"{wanted} are more than the {MOST} posts that are read for a row: it never fires"
                yield f"triggers.{number}.{key}", told
        between = max(look_every, SPREAD_EVERY) if isinstance(row, SpreadTrigger) else look_every
        if row.within < between:
            told = f"{row.within} is shorter than the {between} between two looks: the rest is not looked at"
            yield f"triggers.{number}.within", told


def _wanted(row: Trigger) -> Sequence[tuple[str, int]]:
    match row:
        case CueTrigger():
            return (("authors", row.authors),)
        case SpreadTrigger():
            return (("sites", row.sites), ("negatives", row.negatives))
        case _:
            return ()


def _none(kind: str, name: str, known: Collection[str]) -> str:
    return f"topics.yml has no {kind} {name!r}; known: {', '.join(known) or 'none'}"
