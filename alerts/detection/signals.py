"""From counts to a judgement: calm, watch, spike or blind, with every number that led to it. Pure.

The detector (detector.py) says when the discounted negatives of an hour, a day or three days left the usual, or when
all posts of a topic dried up. Here its word becomes a judgement: floors keep one person, or one text pasted over and
over, from looking like a public; sources that do not answer and stages that lag make a topic blind, not calm; and
everything that colours the number is said beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp, lgamma
from typing import Annotated, Any

from pydantic import AliasChoices, Field, model_validator
from pydantic.dataclasses import dataclass as checked

from alerts.detection.series.detector import PROBATION
from alerts.detection.series.waves import Crossing, Wave
from stream.index.port import Bucket
from stream.process.configuration import STRICT, Duration

HOUR = timedelta(hours=1)
SHARE_WEIGHT = 20.0  # posts: how much the usual share of negatives is trusted to hold within one hour; set by us
LATE_AFTER = timedelta(minutes=30)  # a crossing found so long after it is told as late; set by us
FLAPPING = 3  # rises within one wave that are said; set by us
RETIRED = ("window", "history", "probation", "rise", "cusum", "residual")  # of versions before the budget


class State(StrEnum):
    """What a topic looks like now. Blind: sources did not answer or stages lag, so silence proves nothing."""

    CALM = "calm"
    WATCH = "watch"
    SPIKE = "spike"
    BLIND = "blind"


class Reason(StrEnum):
    """What was found. The same word stands in the log, the letter and the case's record."""

    RISE = "rise"  # within an hour; measured and threshold are scores, in deviations
    LEVEL = "level"  # over a day or three; likewise
    FALL = "fall"  # of all posts; likewise
    BARE = "bare"  # against the absolute bar: nothing is known yet
    LATE = "late"  # hours between the crossing and the look that found it
    FLAPPING = "flapping"  # how often the topic rose within the wave
    SHARE = "share"
    VOLUME = "volume"
    COPIES = "copies"
    FEW_POSTS = "few_posts"
    FEW_AUTHORS = "few_authors"
    COLD_START = "cold_start"
    UNSCORED = "unscored"
    SOURCES_SILENT = "sources_silent"
    SOURCES_UNKNOWN = "sources_unknown"
    STAGES_BEHIND = "stages_behind"  # minutes that the oldest post waits to be indexed
    STAGES_UNKNOWN = "stages_unknown"


@checked(frozen=True, kw_only=True, config=STRICT)
class Thresholds:
    """The detector's numbers, with where each default comes from. `retired` are keys of before that decide nothing."""

    alerts_per_week: Annotated[float, Field(ge=0.05, le=50)] = 1.0  # what an office bears; a topic may have its own
    absolute_posts: Annotated[float, Field(ge=10)] = 100.0  # an hour of a topic of which nothing is known; set by us
    absolute_authors: Annotated[int, Field(ge=3)] = 60  # set by us
    share_tail: Annotated[float, Field(gt=0, lt=1)] = 1e-3  # chance below which the share has changed; set by us
    least_posts: Annotated[float, Field(ge=1)] = 5.0  # three to five in practice
    least_authors: Annotated[int, Field(ge=3, validation_alias=AliasChoices("least_authors", "least_voices"))] = (
        3  # PIPL art. 24: nothing is made of fewer than three people
    )
    copy_weight: Annotated[float, Field(ge=0, le=1)] = 0.25  # set by us
    posts_per_author: Annotated[
        int, Field(ge=1, validation_alias=AliasChoices("posts_per_author", "posts_per_voice"))
    ] = 3  # set by us
    blind_share: Annotated[float, Field(gt=0, le=1)] = 0.5  # set by us
    blind_after: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=15)  # a burst is worked off in less
    retired: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _set_aside(cls, raw: Any) -> Any:
        """Takes out keys of before, so that a configuration of before still starts."""
        if not isinstance(raw, dict) or not any(key in raw for key in RETIRED):
            return raw
        kept = {key: value for key, value in raw.items() if key not in RETIRED}
        return kept | {"retired": tuple(key for key in RETIRED if key in raw)}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one source is doing: when it last answered, and until when that is fresh (None: it has no rhythm)."""

    source: str
    last_success: datetime | None
    fresh_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known of a topic at a look, or of one wave of it.

    `window` counts what lies between `since` and `until`. `usual` and `bar` are discounted negatives an hour: what is
    expected at this time of day, and what would alarm. `crossing` is the step that `wave` is judged by; None both where
    there is no wave. `late` is how long ago the wave began, while nobody was told of it. `surge` is how far all posts
    rose, over their threshold. `known` is how long the topic has been observed. `behind` is how long the oldest post
    waits to be indexed, None where nobody can tell.
    """

    since: datetime
    until: datetime
    window: Bucket
    usual: float
    bar: float
    usual_share: float
    surge: float
    known: timedelta
    coverage: Sequence[Coverage]
    behind: timedelta | None
    wave: Wave | None = None
    crossing: Crossing | None = None
    late: timedelta = timedelta(0)

    @property
    def length(self) -> timedelta:
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason with its number and the number it was held against."""

    reason: Reason
    measured: float
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A judgement that explains itself. Counts are of the window; `effective` is `negative` with copies discounted.

    `expected` is what is usual for the window, `bar` the count that would have alarmed within an hour.
    `usual_total` is what is usual of all posts, told where they dried up.
    """

    topic: str
    state: State
    at: datetime
    window_start: datetime
    since: datetime
    total: int
    negative: int
    authors: Annotated[int, Field(validation_alias=AliasChoices("authors", "voices"))]  # as cases of before have it
    texts: int
    unscored: int
    effective: float
    expected: float
    share: float
    usual_share: float
    findings: tuple[Finding, ...]
    bar: float = 0.0
    usual_total: float = 0.0
    window_end: datetime | None = None
    silent: tuple[str, ...] = ()

    @property
    def factor(self) -> float:
        """How many times the expected count was reached."""
        return self.effective / self.expected

    @property
    def reasons(self) -> frozenset[Reason]:
        return frozenset(finding.reason for finding in self.findings)

    @property
    def late(self) -> bool:
        return Reason.LATE in self.reasons

    @property
    def length(self) -> timedelta:
        """How long the window is."""
        return (self.window_end or self.at) - self.window_start

    @property
    def fell(self) -> bool:
        return Reason.FALL in self.reasons


def effective(bucket: Bucket, limits: Thresholds) -> float:
    """Counts negatives, discounting copies and one author's repetitions: 500 pastes of one text are not 500 authors."""
    copies = max(0, bucket.negative - bucket.texts)
    return min(bucket.texts + limits.copy_weight * copies, float(limits.posts_per_author * bucket.authors))


def judge(topic: str, view: View, limits: Thresholds, now: datetime) -> Signal:
    """Judges the state of `topic` at `now`."""
    window, crossing = view.window, view.crossing
    signal = Signal(
        topic=topic, state=State.CALM, at=now, window_start=view.since, window_end=view.until,
        since=view.wave.first.since if view.wave else view.since,
        total=window.total, negative=window.negative, authors=window.authors, texts=window.texts,
        unscored=window.unscored, effective=effective(window, limits),
        expected=crossing.due if crossing and not crossing.fell else view.usual * max(1.0, view.length / HOUR),
        share=window.negative / max(1, window.total), usual_share=view.usual_share, bar=view.bar, findings=(),
        usual_total=crossing.due if crossing and crossing.fell else 0.0,
    )  # fmt: skip
    return _conclude(signal, view, limits)


def coverage_of(sources: Sequence[str], coverage: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """Tells how the named sources are doing, all where none is named; one that nobody has heard of never answered."""
    known = {one.source: one for one in coverage}
    return tuple(known.get(name) or Coverage(name, None, None) for name in sources or known)


def silent_sources(coverage: Sequence[Coverage], now: datetime) -> tuple[str, ...]:
    """Names the sources that never answered, or not by the time they should have."""
    return tuple(
        one.source
        for one in coverage
        if one.last_success is None or (one.fresh_until is not None and one.fresh_until < now)
    )


def share_tail(negative: int, total: int, usual: float) -> float:
    """Tells how likely at least `negative` of `total` are negative by chance, at the usual share (beta-binomial)."""
    a, b = usual * SHARE_WEIGHT, (1 - usual) * SHARE_WEIGHT
    return min(1.0, sum(exp(_log_beta_binomial(k, total, a, b)) for k in range(negative, total + 1)))


def _conclude(signal: Signal, view: View, limits: Thresholds) -> Signal:
    crossings = _crossings(view)
    obstacles = _obstacles(signal, view, limits)
    notes = _notes(signal, view, limits)
    silent = silent_sources(view.coverage, signal.at)
    blindness = _blindness(view, silent, limits)
    steady = [one for one in view.coverage if one.fresh_until is not None or one.last_success is None]
    blind = (bool(silent) and len(silent) >= limits.blind_share * len(steady)) or any(
        one.reason is Reason.STAGES_BEHIND for one in blindness
    )
    if crossings and not obstacles:
        state = State.SPIKE
    elif blind:
        state = State.BLIND
    elif crossings or any(note.reason is not Reason.COPIES for note in notes):
        state = State.WATCH
    else:
        state = State.CALM
    shown = crossings + (obstacles if crossings else ()) + (_of_wave(signal, view) if crossings else ())
    return replace(signal, state=state, findings=shown + notes + blindness, silent=silent)


def _crossings(view: View) -> tuple[Finding, ...]:
    one = view.crossing
    if one is None:
        return ()
    if one.bare:
        return (Finding(Reason.BARE, one.counted, one.threshold),)
    reason = Reason.FALL if one.fell else Reason.RISE if one.span <= HOUR else Reason.LEVEL
    return (Finding(reason, one.score, one.threshold),)


def _of_wave(signal: Signal, view: View) -> tuple[Finding, ...]:
    found = []
    if view.late >= LATE_AFTER:
        found.append(Finding(Reason.LATE, view.late / HOUR, LATE_AFTER / HOUR))
    if view.wave and view.wave.runs >= FLAPPING:
        found.append(Finding(Reason.FLAPPING, view.wave.runs, FLAPPING))
    return tuple(found)


def _obstacles(signal: Signal, view: View, limits: Thresholds) -> tuple[Finding, ...]:
    """Lists what keeps a crossing from being a spike. A topic that dried up has no posts to ask more of."""
    crossing = view.crossing
    if crossing is None or crossing.fell:
        return ()
    posts = min(crossing.threshold, limits.absolute_posts) if crossing.bare else limits.least_posts
    authors = round(limits.absolute_authors * posts / limits.absolute_posts) if crossing.bare else limits.least_authors
    found = []
    if signal.effective < posts:
        found.append(Finding(Reason.FEW_POSTS, signal.effective, posts))
    if signal.authors < max(authors, limits.least_authors):
        found.append(Finding(Reason.FEW_AUTHORS, signal.authors, max(authors, limits.least_authors)))
    return tuple(found)


def _notes(signal: Signal, view: View, limits: Thresholds) -> tuple[Finding, ...]:
    """Notes what colours the judgement: more of everything or a worse share, copies, posts the model could not read."""
    found = []
    if signal.total >= limits.least_posts and view.surge >= 1.0:
        tail = share_tail(signal.negative, signal.total, signal.usual_share)
        worse = tail < limits.share_tail
        found.append(
            Finding(Reason.SHARE, tail, limits.share_tail) if worse else Finding(Reason.VOLUME, view.surge, 1.0)
        )
    if signal.negative >= limits.least_posts and signal.texts * 2 <= signal.negative:
        found.append(Finding(Reason.COPIES, signal.negative - signal.texts, signal.negative / 2))
    if signal.unscored >= limits.least_posts:
        found.append(Finding(Reason.UNSCORED, signal.unscored, limits.least_posts))
    return tuple(found)


def _blindness(view: View, silent: tuple[str, ...], limits: Thresholds) -> tuple[Finding, ...]:
    """Says what cannot be seen, between the site and the index, and what is too new to be judged by its past."""
    found = []
    if view.behind is None:
        found.append(Finding(Reason.STAGES_UNKNOWN, 0, 1))
    elif view.behind > limits.blind_after:
        minute = timedelta(minutes=1)
        found.append(Finding(Reason.STAGES_BEHIND, view.behind / minute, limits.blind_after / minute))
    if view.known < PROBATION:
        found.append(Finding(Reason.COLD_START, view.known / HOUR, PROBATION / HOUR))
    if not view.coverage:
        found.append(Finding(Reason.SOURCES_UNKNOWN, 0, 1))
    elif silent:
        found.append(Finding(Reason.SOURCES_SILENT, len(silent), len(view.coverage)))
    return tuple(found)


def _log_beta_binomial(k: int, n: int, a: float, b: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return choose + lgamma(k + a) + lgamma(n - k + b) - lgamma(n + a + b) - lgamma(a) - lgamma(b) + lgamma(a + b)
