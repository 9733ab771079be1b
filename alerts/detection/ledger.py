"""Every topic's counts per step, read from the index in one question and kept: the last days are asked for each look.

Posts dated by a mere day are spread evenly over that day, because nobody knows more: counted when they arrive, one
export a day would be a burst a day.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import numpy as np

from alerts.detection.series.detector import STEP
from alerts.detection.series.memory import Flags, Floats
from alerts.detection.signals import Thresholds, effective
from stream.index.port import Axis, Bucket, Query, Reader
from stream.messages import COUNTED_FUTURE, Precision
from stream.process.clock import SHANGHAI

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AHEAD = COUNTED_FUTURE  # posts a site's clock dates a little after ours still belong to the last hour
FINE = (Precision.SECOND, Precision.MINUTE, Precision.UNKNOWN)
DATED_DAYS = 14  # looked back for posts dated by a mere day
RECENT = timedelta(hours=2)  # asked for at each look; what is older only once a step: posts come late, seldom later


class Ledger:
    """Counts of the topics, in their order: discounted negatives first, all posts behind, (2 x topics,) a step."""

    def __init__(
        self, reader: Reader, topics: Sequence[str], limits: Thresholds, charted_until: datetime | None = None
    ) -> None:
        """Steps before `charted_until` are counted by the time of charts."""
        self._charted_until = charted_until
        self._reader, self._topics, self._limits = reader, tuple(topics), limits
        self._column = {topic: at for at, topic in enumerate(topics)}
        self._steps: dict[datetime, Floats] = {}
        self._days: dict[datetime, Floats] = {}
        self._since: datetime | None = None
        self._whole_until: datetime | None = None

    def refresh(self, since: datetime, until: datetime) -> None:
        """Reads the steps in [since, until) anew: all of them once a step, the newest hours each time."""
        whole = self._whole_until != until or self._since is None or since < self._since
        start = since if whole else max(since, until - RECENT)
        self._steps = {at: counts for at, counts in self._steps.items() if since <= at < start}
        change = min(until, max(start, self._charted_until)) if self._charted_until else start
        self._steps.update(self._read(Axis.CHARTED, FINE, start, change, STEP))
        self._steps.update(self._read(Axis.COUNTED, FINE, change, until, STEP))
        if whole:
            first = midnight(since) - DATED_DAYS * DAY
            self._days = self._read(Axis.CHARTED, (Precision.DAY,), first, midnight(until) + DAY, DAY)
            self._since, self._whole_until = since, until

    def past(self, since: datetime, until: datetime) -> "Ledger":
        """Reads a stretch of the settled past, by the time that charts order by: back-fill teaches what was usual."""
        other = Ledger(self._reader, self._topics, self._limits)
        other._steps = other._read(Axis.CHARTED, FINE, since, until, STEP)
        other._days = other._read(Axis.CHARTED, (Precision.DAY,), midnight(since), midnight(until) + DAY, DAY)
        return other

    @property
    def dated_by_day(self) -> Flags:
        """Tells of which topics posts came lately that are dated by a mere day: their newest days are never whole."""
        count = len(self._topics)
        posts = sum((counts[count:] for counts in self._days.values()), np.zeros(count))
        found: Flags = posts >= self._limits.least_posts
        return found

    def of(self, at: datetime) -> Floats:
        """Tells the counts of the step that begins at `at`, zero where nothing was said."""
        nothing = np.zeros(2 * len(self._topics))
        counts = self._steps.get(at)
        spread = self._days.get(midnight(at))
        total: Floats = (nothing if counts is None else counts) + (0.0 if spread is None else spread * (STEP / DAY))
        return total

    def _read(
        self, axis: Axis, precisions: tuple[Precision, ...], since: datetime, until: datetime, step: timedelta
    ) -> dict[datetime, Floats]:
        found: dict[datetime, Floats] = {}
        if since >= until:
            return found
        told = self._reader.tally(Query(precisions=precisions), axis, since, until, step)
        for topic, buckets in told.items():
            column = self._column.get(topic)
            if column is None:
                continue
            for bucket in buckets:
                counts = found.setdefault(bucket.start, np.zeros(2 * len(self._topics)))
                counts[column] = effective(bucket, self._limits)
                counts[len(self._topics) + column] = bucket.total
        return found


def recent(reader: Reader, now: datetime) -> dict[str, Bucket]:
    """Counts the last hour of every topic that was spoken of in it."""
    end = now + AHEAD
    told = reader.tally(Query(precisions=FINE), Axis.COUNTED, end - HOUR, end, HOUR)
    return {topic: buckets[0] for topic, buckets in told.items()}


def first_posts(reader: Reader, since: datetime, until: datetime) -> dict[str, datetime]:
    """Finds, to a step, when each topic is first spoken of in [since, until), by the time that charts order by."""
    found = {}
    for topic, buckets in reader.tally(Query(), Axis.CHARTED, since, until, DAY).items():
        day = buckets[0].start
        steps = reader.tally(Query(topics=(topic,)), Axis.CHARTED, day, day + DAY, STEP)
        found[topic] = steps[topic][0].start
    return found


def window(reader: Reader, topic: str, since: datetime, until: datetime) -> Bucket:
    """Counts one window of a topic, exactly. Windows of a day and more hold what is dated by one of their days, too."""
    fine = _bucket(reader, Query(topics=(topic,), precisions=FINE), Axis.COUNTED, since, until)
    if until - since < DAY:
        return fine
    by_day = Query(topics=(topic,), precisions=(Precision.DAY,))
    dated = _bucket(reader, by_day, Axis.CHARTED, midnight(since), midnight(until) + DAY)
    return Bucket(
        since, fine.total + dated.total, fine.negative + dated.negative, fine.uncertain + dated.uncertain,
        fine.unscored + dated.unscored, fine.authors + dated.authors, fine.texts + dated.texts,
    )  # fmt: skip


def _bucket(reader: Reader, query: Query, axis: Axis, since: datetime, until: datetime) -> Bucket:
    (bucket,) = reader.histogram(query, axis, since, until, until - since)
    return bucket


def midnight(moment: datetime) -> datetime:
    """Returns the beginning of the day in Beijing."""
    return datetime.combine(moment.astimezone(SHANGHAI).date(), time(), SHANGHAI).astimezone(moment.tzinfo)
