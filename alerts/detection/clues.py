"""What may make a trigger fire, read from the index for all topics at once: a query or two a row."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from structlog import get_logger

from alerts.detection.firing import Evidence, asked, bears, spreading
from alerts.detection.triggers import MOST, SPREAD_EVERY, CounterTrigger, SpreadTrigger, Trigger
from stream.index.port import Query, Reader
from stream.messages import Label, ScoredPost
from stream.topics import TopicsConfig

OVERLAP = timedelta(minutes=5)  # from a post's observation to its being scored and found, far above what that takes
SWEEP = timedelta(hours=1)  # after which counters are read over their whole time: scoring may have stood still
PAGE = 500

log = get_logger()


class Clues:
    """Remembers, for as long as it lives, what need not be read again; a new one reads everything."""

    def __init__(self, reader: Reader, rows: Sequence[Trigger], topics: TopicsConfig) -> None:
        self._reader = reader
        self._rows = tuple(dict.fromkeys(rows))
        self._topics = topics
        self._looked: datetime | None = None
        self._swept: datetime | None = None
        self._spread: datetime | None = None
        self._known: set[tuple[str, str]] = set()
        self._known_on = datetime.min.date()

    def gather(self, now: datetime, *, whole: bool = False) -> Evidence:
        """Reads what may have happened since the last time; all there is within the rows' times with `whole`."""
        sweeps = whole or self._swept is None or now - self._swept >= SWEEP
        spreads = whole or self._spread is None or now - self._spread >= SPREAD_EVERY
        observed = None if sweeps or self._looked is None else self._looked - OVERLAP
        posts: dict[Trigger, list[ScoredPost]] = {row: [] for row in self._rows}
        for query, rows in self._queries(observed, now, spreads=spreads).items():
            for post in self._newest(query, rows):
                for row in rows:
                    if bears(row, post):
                        posts[row].append(post)
        known = self._known_sites(posts, now)
        self._looked = now
        self._swept = now if sweeps else self._swept
        self._spread = now if spreads else self._spread
        names = {key: mark.name for key, mark in self._topics.cues.items()}
        return Evidence(watched=self._topics.watched, posts=posts, cues=names, known=known)

    def _queries(self, observed: datetime | None, now: datetime, *, spreads: bool) -> dict[Query, list[Trigger]]:
        """Builds the queries of this time, each with the rows that want its posts."""
        wanted: dict[Query, list[Trigger]] = defaultdict(list)
        for row in self._rows:
            query = asked(row, self._topics.cues, now)
            if query is None or (isinstance(row, SpreadTrigger) and not spreads):
                continue
            if isinstance(row, CounterTrigger):
                query = replace(query, observed_since=observed)
            wanted[query].append(row)
        return wanted

    def _newest(self, query: Query, rows: Sequence[Trigger]) -> Iterator[ScoredPost]:
        read, after = 0, None
        while read < MOST:
            page = self._reader.search(query, PAGE, after)
            yield from page.posts
            if page.after is None:
                return
            read, after = read + len(page.posts), page.after
        log.warning("trigger_posts_cut", rows=[row.key for row in rows], read=read)

    def _known_sites(self, posts: dict[Trigger, list[ScoredPost]], now: datetime) -> frozenset[tuple[str, str]]:
        """Finds which of the sites that a topic is on now it was on before. That it was stays true for the day."""
        if self._known_on != now.date():
            self._known, self._known_on = set(), now.date()
        for row, found in posts.items():
            if isinstance(row, SpreadTrigger):
                for topic, sites in spreading(row, found, self._topics.watched).items():
                    self._known |= {(topic, site) for site in sites if self._was_on(row, topic, site, now)}
        return frozenset(self._known)

    def _was_on(self, row: SpreadTrigger, topic: str, site: str, now: datetime) -> bool:
        if (topic, site) in self._known:
            return True
        until = now - row.within
        about = Query(topics=(topic,), sites=(site,), labels=(Label.NEGATIVE,))
        return self._reader.count(replace(about, charted_since=until - row.before, charted_until=until)) > 0
