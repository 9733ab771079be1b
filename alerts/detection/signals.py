"""From counts to a judgement: calm, watch, spike or blind, with every number that led to it. Pure.

Two tests on the discounted negatives: a negative-binomial CUSUM for a four-fold rise (quick at low counts) and the
square-root residual of the trailing hour (for topics with many posts). Floors keep one person, or one text pasted
over and over, from looking like a public.

Why these two. Against EARS C1-C3 the CUSUM found outbreaks more often at the same rate of false alarms (Watkins et al.
2008, Ross River virus: sensitivity 0.87-1.00 against 0.53-0.60 at 0.005; Fricker et al. 2008). In a simulation of our
own (means of 0.05 to 60 posts per 5 minutes, variance/mean 1.2 and 2.5, outbreaks put into the series, one threshold
per detector set to one false alarm per topic and week) the pair found .66 of the outbreaks of ten and .91 of those of
twenty deviations within two hours, the best of thirteen detectors. By itself the CUSUM falls from .91 at a mean of 2 to
.12 at 60 per step, where a four-fold rise is far more than ten deviations: there the residual finds .23 to .29.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp, lgamma, log
from typing import Annotated

from pydantic import AliasChoices, Field
from pydantic.dataclasses import dataclass as checked

from alerts.detection.baseline import Baseline, learn, residual
from stream.index.port import Bucket
from stream.process.configuration import STRICT, Duration

STEP = timedelta(minutes=5)  # as the series of the Numenta Anomaly Benchmark (NAB), and our simulation
SHARE_WEIGHT = 20.0  # posts: how much the usual share of negatives is trusted to hold within one hour; set by us
CUSUM_CAP = 2.0  # times the threshold: it is held there, so that the end of an outbreak shows within hours; set by us
PRIOR_NEGATIVE, PRIOR_TOTAL = 3, 10  # posts: the share of negatives before anything is known of a topic; set by us


class State(StrEnum):
    """What a topic looks like now. Blind: the sources did not answer, so silence proves nothing."""

    CALM = "calm"
    WATCH = "watch"
    SPIKE = "spike"
    BLIND = "blind"


class Reason(StrEnum):
    """What was found. The same word stands in the log, the letter and the case's record."""

    RISE = "rise"
    LEVEL = "level"
    SHARE = "share"
    VOLUME = "volume"
    COPIES = "copies"
    FEW_POSTS = "few_posts"
    FEW_AUTHORS = "few_authors"
    COLD_START = "cold_start"
    UNSCORED = "unscored"
    SOURCES_SILENT = "sources_silent"
    SOURCES_UNKNOWN = "sources_unknown"


@checked(frozen=True, kw_only=True, config=STRICT)
class Thresholds:
    """The detector's numbers, with where each default comes from. Simulation: of this module's docstring."""

    window: Duration = timedelta(minutes=60)  # simulation: the residual of 60 minutes goes best with the CUSUM
    history: Duration = timedelta(days=21)  # as long as the day curve remembers: FORGETTING in baseline.py
    probation: Duration = timedelta(days=1)  # NAB judges nobody before 15 % of a series, 2.6 days of 5 minutes
    rise: Annotated[float, Field(gt=1)] = 4.0  # simulation: the CUSUM for a four-fold rise
    cusum: Annotated[float, Field(gt=0)] = 6.0  # quiet series: 0-1.2 false alarms a week, 3.7 where they swing wildly
    residual: Annotated[float, Field(gt=0)] = 5.0  # deviations of the topic's own hours; set with `cusum`
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


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one source is doing: when it last answered, and until when that is fresh (None: it has no rhythm)."""

    source: str
    last_success: datetime | None
    fresh_until: datetime | None


@dataclass(frozen=True, slots=True)
class DetectorInput:
    """What the detector looks at: hours of history, 5-minute steps of the last day, the window as one bucket."""

    hours: Sequence[Bucket]
    steps: Sequence[Bucket]
    window: Bucket
    history_since: datetime | None
    coverage: Sequence[Coverage]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason with its number and the number it was held against."""

    reason: Reason
    measured: float
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A judgement that explains itself. Counts are of the window; `effective` is `negative` with copies discounted."""

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
    cusum: float
    residual: float
    findings: tuple[Finding, ...]
    silent: tuple[str, ...] = ()

    @property
    def factor(self) -> float:
        """How many times the expected count was reached."""
        return self.effective / self.expected

    @property
    def reasons(self) -> frozenset[Reason]:
        return frozenset(finding.reason for finding in self.findings)


def effective(bucket: Bucket, limits: Thresholds) -> float:
    """Counts negatives, discounting copies and one author's repetitions: 500 pastes of one text are not 500 authors."""
    copies = max(0, bucket.negative - bucket.texts)
    return min(bucket.texts + limits.copy_weight * copies, float(limits.posts_per_author * bucket.authors))


def judge(topic: str, view: DetectorInput, limits: Thresholds, now: datetime) -> Signal:
    """Judges the state of `topic` at `now`."""
    usual = learn([(hour.start, effective(hour, limits)) for hour in view.hours])
    crowd = learn([(hour.start, float(hour.total)) for hour in view.hours])
    start, count = view.window.start, effective(view.window, limits)
    expected = usual.expected(start, limits.window)
    score, since = cusum([(step.start, effective(step, limits)) for step in view.steps], usual, limits)
    signal = Signal(
        topic=topic, state=State.CALM, at=now, window_start=start, since=since or start,
        total=view.window.total, negative=view.window.negative, authors=view.window.authors, texts=view.window.texts,
        unscored=view.window.unscored, effective=count, expected=expected,
        share=view.window.negative / max(1, view.window.total), usual_share=_usual_share(view.hours),
        cusum=score, residual=residual(count, expected) / usual.spread, findings=(),
    )  # fmt: skip
    surge = residual(view.window.total, crowd.expected(start, limits.window)) / crowd.spread
    return _conclude(signal, view, surge, limits)


def cusum(
    steps: Sequence[tuple[datetime, float]], usual: Baseline, limits: Thresholds
) -> tuple[float, datetime | None]:
    """Computes the likelihood-ratio sum for a `rise`-fold count after the last step, and when it last left zero.

    For counts of a negative binomial whose variance is `dispersion` times their mean.
    """
    score, since = 0.0, None
    odds = usual.dispersion - 1  # mean over r of the negative binomial, r growing with the mean
    quieter = log((1 + 1 / odds) / (limits.rise + 1 / odds))
    for start, count in steps:
        mean = usual.expected(start, STEP)
        gain = count * (log(limits.rise) + quieter) + mean / odds * quieter
        if score == 0.0 and gain > 0:
            since = start
        score = min(max(0.0, score + gain), CUSUM_CAP * limits.cusum)
    return score, since if score > 0 else None


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


def _conclude(signal: Signal, view: DetectorInput, surge: float, limits: Thresholds) -> Signal:
    crossings = _crossings(signal, limits)
    obstacles = _obstacles(signal, view, limits)
    notes = _notes(signal, surge, limits)
    silent = silent_sources(view.coverage, signal.at)
    sources = _sources(view.coverage, silent)
    steady = [one for one in view.coverage if one.fresh_until is not None or one.last_success is None]
    blind = bool(silent) and len(silent) >= limits.blind_share * len(steady)
    if crossings and not obstacles:
        state = State.SPIKE
    elif blind:
        state = State.BLIND
    elif crossings or any(note.reason is not Reason.COPIES for note in notes):
        state = State.WATCH
    else:
        state = State.CALM
    shown = crossings + (obstacles if crossings else ()) + notes + sources
    return replace(signal, state=state, findings=shown, silent=silent)


def _crossings(signal: Signal, limits: Thresholds) -> tuple[Finding, ...]:
    found = []
    if signal.cusum >= limits.cusum and signal.effective > signal.expected:
        found.append(Finding(Reason.RISE, signal.cusum, limits.cusum))
    if signal.residual >= limits.residual:
        found.append(Finding(Reason.LEVEL, signal.residual, limits.residual))
    return tuple(found)


def _obstacles(signal: Signal, view: DetectorInput, limits: Thresholds) -> tuple[Finding, ...]:
    found = []
    if signal.effective < limits.least_posts:
        found.append(Finding(Reason.FEW_POSTS, signal.effective, limits.least_posts))
    if signal.authors < limits.least_authors:
        found.append(Finding(Reason.FEW_AUTHORS, signal.authors, limits.least_authors))
    known = (signal.at - view.history_since) / timedelta(hours=1) if view.history_since else 0.0
    probation = limits.probation / timedelta(hours=1)
    if known < probation:
        found.append(Finding(Reason.COLD_START, known, probation))
    return tuple(found)


def _notes(signal: Signal, surge: float, limits: Thresholds) -> tuple[Finding, ...]:
    """Notes what colours the judgement: more of everything or a worse share, copies, posts the model could not read."""
    found = []
    if signal.total >= limits.least_posts and surge >= limits.residual:
        tail = share_tail(signal.negative, signal.total, signal.usual_share)
        worse = tail < limits.share_tail
        found.append(
            Finding(Reason.SHARE, tail, limits.share_tail) if worse else Finding(Reason.VOLUME, surge, limits.residual)
        )
    if signal.negative >= limits.least_posts and signal.texts * 2 <= signal.negative:
        found.append(Finding(Reason.COPIES, signal.negative - signal.texts, signal.negative / 2))
    if signal.unscored >= limits.least_posts:
        found.append(Finding(Reason.UNSCORED, signal.unscored, limits.least_posts))
    return tuple(found)


def _sources(coverage: Sequence[Coverage], silent: tuple[str, ...]) -> tuple[Finding, ...]:
    if not coverage:
        return (Finding(Reason.SOURCES_UNKNOWN, 0, 1),)
    return (Finding(Reason.SOURCES_SILENT, len(silent), len(coverage)),) if silent else ()


def _usual_share(hours: Sequence[Bucket]) -> float:
    """Computes the history's share of negatives, drawn towards the prior while there is little of it."""
    negative, total = sum(hour.negative for hour in hours), sum(hour.total for hour in hours)
    return (negative + PRIOR_NEGATIVE) / (total + PRIOR_TOTAL)


def _log_beta_binomial(k: int, n: int, a: float, b: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return choose + lgamma(k + a) + lgamma(n - k + b) - lgamma(n + a + b) - lgamma(a) - lgamma(b) + lgamma(a + b)
