"""Whether a wave looks like one that a person called a false alarm. Pure.

Alike is what comes at the same time of day and goes about as many times beyond the usual, as a bill day does each
month; or what repeats the texts of before, as an advertisement does. It is told and decides nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.detection.signals import HOUR, Reason, Signal, State
from stream.messages import ScoredPost
from stream.process.clock import SHANGHAI

SAME_HOUR = timedelta(hours=2)  # apart in their time of day at most; set by us
SAME_FACTOR = 1.5  # between what they are times the usual; set by us
SAME_TEXTS = 0.5  # part of the posts whose texts were there before; set by us
TEXTS = 20  # commonest texts kept of a wave
DAY = timedelta(days=1)

Texts = tuple[tuple[str, int], ...]  # fingerprints, and by how many posts they were said


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a wave is held against another one."""

    signal: Signal
    texts: Texts


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that was ended as a false alarm at `judged_at`, and in what it is alike.

    `shape`: the time of day, and how many times the usual. `texts` is the part of posts whose texts it had, 0 where
    that is less than half.
    """

    case: int
    judged_at: datetime
    shape: bool
    texts: float


def common_texts(posts: Sequence[ScoredPost]) -> Texts:
    """Counts the commonest texts of the posts by their fingerprints."""
    counted = Counter(post.fingerprint for post in posts)
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:TEXTS])


def compare(wave: Traits, before: Traits, case: int, judged_at: datetime) -> Alike | None:
    """Tells in what a wave is like that of `case`; None where it is not."""
    shape, texts = _same_shape(wave.signal, before.signal), _repeated(wave.texts, before.texts)
    if not shape and texts < SAME_TEXTS:
        return None
    return Alike(case, judged_at, shape, texts if texts >= SAME_TEXTS else 0.0)


def _same_shape(one: Signal, other: Signal) -> bool:
    """Compares rises over a window of one length; a first day's is held against nothing."""
    if {one.state, other.state} != {State.SPIKE}:
        return False
    if {Reason.FALL, Reason.BARE} & (one.reasons | other.reasons) or _length(one) != _length(other):
        return False
    apart = abs(_time_of_day(one.since) - _time_of_day(other.since))
    factors = sorted((_factor(one), _factor(other)))
    return min(apart, DAY - apart) <= SAME_HOUR and factors[1] <= SAME_FACTOR * factors[0]


def _repeated(texts: Texts, before: Texts) -> float:
    known = dict(before)
    return sum(count for text, count in texts if text in known) / max(1, sum(count for _, count in texts))


def _length(signal: Signal) -> timedelta:
    return signal.window_end - signal.window_start if signal.window_end else HOUR


def _time_of_day(moment: datetime) -> timedelta:
    local = moment.astimezone(SHANGHAI)
    return timedelta(hours=local.hour, minutes=local.minute)


def _factor(signal: Signal) -> float:
    return signal.effective / max(signal.expected, 1.0)
