"""The values that travel: a post as it was seen, and a post as it was scored.

Field names are one vocabulary for Python, the wire, the index, Kibana and the export. The values know no engine.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, PlainSerializer, StringConstraints

from stream.process.clock import local_time

MAX_TEXT = 20_000  # characters; the edge cuts longer texts and sets `truncated`
COUNTED_PAST = timedelta(hours=24)  # older posts are back-fill: charted, never part of a spike
COUNTED_FUTURE = timedelta(minutes=5)  # a site's clock may be this far ahead of ours
BELIEVED_FUTURE = timedelta(days=1)  # or set wrong, its zone mistaken; what is further ahead is no time of publishing


def wire_time(moment: datetime) -> str:
    """Writes a time as ISO 8601, UTC, milliseconds, `Z`: the only form of a time outside Python."""
    told = moment.isoformat(timespec="milliseconds")
    if not told.endswith("+00:00"):
        told = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{told[:-6]}Z"


Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hex16 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
# A day from the ends of the calendar: no zone moves such a time beyond what Python holds, here or in a letter.
_FIRST, _END = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
Time = Annotated[
    AwareDatetime, Field(ge=_FIRST, lt=_END), PlainSerializer(wire_time, return_type=str, when_used="json")
]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, lt=2**53)]  # exact in JSON readers that only know doubles


class Kind(StrEnum):
    """What a post is on its site."""

    THREAD = "thread"
    REPLY = "reply"
    ARTICLE = "article"
    COMMENT = "comment"
    STATUS = "status"
    SUGGESTION = "suggestion"


class Precision(StrEnum):
    """How exactly the site says when something was published."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    UNKNOWN = "unknown"


class Label(StrEnum):
    """The polarity of a post, or that nobody should rely on one."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    UNCERTAIN = "uncertain"


class Act(StrEnum):
    """What a post does: asks for something to be mended, asks, tells, mocks, or calls others to act.

    Or it is the organisation's own word that something said of it is not so.
    """

    APPEAL = "appeal"
    QUESTION = "question"
    STATEMENT = "statement"
    MOCKERY = "mockery"
    CALL = "call"
    CLARIFICATION = "clarification"


_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The site's own counters at `observed_at`; None where the site does not say."""

    views: Count | None = None
    replies: Count | None = None
    likes: Count | None = None
    reposts: Count | None = None


Counts.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]  # a class attribute would be a slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """How a post was obtained: robots verdict, rate in force (requests per second), parser and its version."""

    robots: str
    rate: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    parser: str
    version: Count


Crawl.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """Six probabilities that sum to one."""

    happy: Probability
    neutral: Probability
    angry: Probability
    sad: Probability
    fear: Probability
    surprise: Probability


Emotion.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarity:
    """Three probabilities that sum to one; surprise has none."""

    negative: Probability
    neutral: Probability
    positive: Probability


Polarity.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as one observation saw it. A later observation of the same id replaces it.

    `voice` counts distinct voices within a month and serves nothing else. `counted_at` is the time by which spikes
    count, None for back-fill and where the site's time was not understood; `charted_at` is the time by which charts and
    search order. `deleted_at` is when it was found not to be public any more, however that came: deleted by its writer
    or a moderator, hidden, or for members only now.
    """

    schema: Literal[1] = 1
    id: Hex32
    site: str
    native_id: str
    source: str
    kind: Kind
    thread_id: Hex32
    parent_id: Hex32 | None = None
    board: str | None = None
    floor: Count | None = None
    url: str
    title: str
    text: str
    truncated: bool = False
    voice: Hex32 | None = None
    published_at: Time | None
    published_precision: Precision
    first_seen_at: Time
    observed_at: Time
    counted_at: Time | None
    charted_at: Time
    edited_at: Time | None = None
    deleted_at: Time | None = None
    counts: Counts
    content_hash: Hex32
    crawl: Crawl


Post.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPost(Post):
    """A post with what the model and the topic rules say of it.

    `unscored` names why there is no score; then `emotion`, `polarity` and `negative` are None. `emotion` alone is
    None for a model that knows only polarities. `model` is `name@version`.

    `passage` is the most negative passage of a text too long to be read at once, as the model read it. `act` is what
    the post does by the judge named in `act_by` (`name@version`), None where nothing was judged. `fields` are what an
    appeal is about and `cues` claims of danger that nobody has verified: keys of topics.yml, true or not.

    `passed_on`: the post forwards another one and says nothing itself; its score and its fingerprint are those of the
    words that it passes on.
    """

    emotion: Emotion | None
    polarity: Polarity | None
    negative: Probability | None
    label: Label
    topics: tuple[str, ...]
    fingerprint: Hex16
    model: str
    unscored: str | None = None
    scored_at: Time
    passage: str | None = None
    act: Act | None = None
    act_by: str | None = None
    fields: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    passed_on: bool = False


ScoredPost.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One line of a case's history and how the case stands after it; for charts: it names nobody and quotes nothing.

    `step`, `desk` and `due_at` are of the task whose clock runs out first while the event happens: the one that an act
    answers. `elapsed` is in seconds since the case was opened; so are `first_word_after` and `ended_after`.

    `reopened_at` is when a person began the case anew: limits run from there.

    `spent` is what the step's own clock shows, in seconds, and `limit` what the grade allows it; `met` says of an act
    that ends the step whether it came in time. `late` is about the desk at hand, which after an escalation has longer;
    `missed_by` is the desk that let the step pass. `outcome` is how a case ended. None also stands in records from
    before a field was told.
    """

    schema: Literal[1] = 1
    id: Hex32
    case_id: Count
    number: Count
    at: Time
    kind: str
    by: Literal["person", "program"]
    topic: str
    grade: str
    stage: str
    verdict: str | None
    peak: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    opened_at: Time
    acknowledged_at: Time | None
    ended_at: Time | None
    elapsed: Seconds
    reopened_at: Time | None = None
    step: str | None = None
    desk: str | None = None
    due_at: Time | None = None
    late: bool = False
    spent: Seconds | None = None
    limit: Seconds | None = None
    met: bool | None = None
    missed_by: str | None = None
    outcome: str | None = None
    first_word_at: Time | None = None
    first_word_after: Seconds | None = None
    first_word_due_at: Time | None = None
    first_word_met: bool | None = None
    ended_after: Seconds | None = None


CaseEvent.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageHealth:
    """What one process of a stage did in the `seconds` before `at`; `lag` is in seconds, of its newest record.

    Or what one crawl of `source` did: `read` and `done` count posts, `rejected` pages that failed, and `lag` is how
    long ago the source last answered (None: never did). `state` is how the crawl ended.
    """

    schema: Literal[1] = 1
    id: Hex32
    stage: str
    instance: str
    at: Time
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    read: Count
    done: Count
    rejected: Count
    retried: Count
    fenced: Count
    lag: Seconds | None
    source: str | None = None
    state: str | None = None


StageHealth.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _strings(*told: str) -> bytes:
    """Writes strings as `_compact` does a list of them, in a fraction of the time: it is done thrice a post."""
    return f"[{','.join(map(encode_basestring, told))}]".encode()


def event_id(*told: str | int) -> str:
    """Identifies what is told beside posts, by what makes it one of a kind: whatever is sent twice is the same."""
    return _digest(_compact(told).encode())


def post_id(site: str, native_id: str) -> str:
    """Identifies a post by 32 hex digits of SHA-256 over `["site","native_id"]`; never by the URL or an offset."""
    return _digest(_strings(site, native_id))


def content_hash(title: str, text: str) -> str:
    """Hashes a normalised title and text to 32 hex digits of SHA-256; changes when, and only when, the words change."""
    return _digest(_strings(title, text))


def author_hash(key: bytes, site: str, author: str, month_of: datetime) -> str:
    """Makes the keyed hash that stands for an author for one calendar month (Asia/Shanghai).

    It cannot be turned back.
    """
    month = local_time(month_of, "%Y-%m")  # voices are renewed at a local midnight
    return hmac.digest(key, _strings(site, author, month), "sha256").hex()[:32]


def counted_at(published_at: datetime | None, precision: Precision, first_seen_at: datetime) -> datetime | None:
    """Decides the time by which a post counts towards a spike, or None for back-fill.

    The site's time where it is fine enough and plausible; the time we first saw it where the site's time is unknown,
    a mere day or ahead by less than a day. A post from before yesterday never counts: importing an archive must not
    alarm. Nor does one from further ahead: such a time is a mistake, and says nothing of when the post came.
    """
    if published_at is None:
        return first_seen_at
    if not first_seen_at - COUNTED_PAST <= published_at <= first_seen_at + BELIEVED_FUTURE:
        return None
    if precision in (Precision.SECOND, Precision.MINUTE) and published_at <= first_seen_at + COUNTED_FUTURE:
        return published_at
    return first_seen_at


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
