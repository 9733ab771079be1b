"""The one way in: from observations to the log, fetched or handed in. Synchronous, knows no Scrapy."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawlers.counters import counters_moved, same_words
from crawlers.cursors import Cursors, Known
from crawlers.edge import name_of, readable, to_post, unread_time
from crawlers.health import Tally
from crawlers.pages.observation import Observation
from crawlers.pages.weibo.cut import completes
from crawlers.pull.capturing import Capturing, FetchedPage
from crawlers.quarantine import publish_or_quarantine
from stream.codec import POSTS
from stream.log.broker import RAW, Message, Producer
from stream.messages import Counts, Crawl, Kind, Post, content_hash
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

FILE = "file"  # in `Crawl.parser`: a row of a file
QUARANTINED = "quarantined"  # among the failures of a tally
UNREADABLE = "unreadable"  # the same: words that are no text are no post
VIEW = "/"  # in `Crawl.parser` before the name of a plainer view, as in `discuz/mobile`
UNREAD_TIME = "time_not_understood"  # the same: such posts are sent, and count towards no spike until a person looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What all posts of one crawl or of one import have in common; without `keep_voice` nothing of the writer stays."""

    source: str
    site: str
    voice_key: bytes
    parser: str
    version: int
    keep_voice: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the observations of one `take`: each was new, changed, unchanged, closed or repeated.

    `closed` ones were erased or are past their time. `repeated` ones were followed by another of their id in the same
    `take`; the last one counts. Of the new and changed ones the log refused those `quarantined`.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    repeated: int = 0
    quarantined: int = 0

    @property
    def read(self) -> int:
        """All observations."""
        return self.new + self.changed + self.unchanged + self.closed + self.repeated

    @property
    def sent(self) -> int:
        """Those that the log had to learn of."""
        return self.new + self.changed


def worth_sending(known: Post | None, post: Post) -> bool:
    """Tells whether the log has to learn of this observation.

    New, other words, whole after it was cut, another edit note, back after a deletion, moved to another place, told by
    the usual view of its site for the first time; and, for opening posts alone, other counters: those of a reply come
    with no page of their own. Of a row of a file also another time or address: its column map was corrected.
    """
    if known is None or known.deleted_at is not None or _is_plainer(known, post):
        return True
    if (
        not same_words(known, post)
        or known.truncated != post.truncated
        or known.edited_at != post.edited_at
        or _moved(known, post)
        or _is_corrected(known, post)
    ):
        return True
    return post.kind in (Kind.THREAD, Kind.ARTICLE) and counters_moved(known, post)


def _moved(known: Post, post: Post) -> bool:
    """Tells whether a post stands elsewhere: in another thread or board, or below another post."""
    board = post.board if post.board is not None else known.board  # a page may lack it
    place = (post.thread_id, board, post.parent_id or known.parent_id)
    return place != (known.thread_id, known.board, known.parent_id)


def _is_corrected(known: Post, post: Post) -> bool:
    """Tells whether a row of a file says another time or address than it did; one that says none corrects nothing."""
    if not known.crawl.parser == post.crawl.parser == FILE:
        return False
    time, address = post.published_at or known.published_at, post.url or known.url
    return (time, address) != (known.published_at, known.url)


def as_believed(known: Post | None, post: Post) -> Post:
    """Takes from what a plainer view tells of a post what may be believed.

    Where the usual view told the post, its record stands, but for counters and for being there: other words may only be
    this view's way of showing them. Where this view did, the time that it told first does: `3 天前` moves with the day.
    """
    if known is None or VIEW not in post.crawl.parser:
        return post
    if known.crawl.parser == post.crawl.parser:
        return replace(
            post, published_at=known.published_at, published_precision=known.published_precision,
            counted_at=known.counted_at, charted_at=known.charted_at,
        )  # fmt: skip
    counts = known.counts if post.counts == Counts() else post.counts
    return replace(known, observed_at=post.observed_at, deleted_at=None, counts=counts)


def _is_plainer(known: Post, post: Post) -> bool:
    """Tells whether a post was known by a plainer view alone and is told by the usual one now."""
    return VIEW in known.crawl.parser and VIEW not in post.crawl.parser


class Intake:
    """The way of one source's posts into the log.

    A method that raises `Retryable` is called again with the same arguments: what the log has is not lost, and what it
    was sent twice lands on itself. What was done is added to `tally`, which also says what was found of robots.txt.
    The pages that bring something new are kept by `capturing`, where there is any.
    """

    def __init__(
        self, origin: Origin, *, producer: Producer, cursors: Cursors, clock: Clock, tally: Tally,
        capturing: Capturing | None = None,
    ) -> None:  # fmt: skip
        self.origin = origin
        self._producer = producer
        self._cursors = cursors
        self._clock = clock
        self._tally = tally
        self._capturing = capturing

    def take(
        self, thread: str, observations: Sequence[Observation], *, uncounted: Container[str] = frozenset(),
        page: FetchedPage | None = None, view: str = "",
    ) -> Taken:  # fmt: skip
        """Publishes, as one batch, what the log does not know yet of the observations; says what became of them.

        `thread` is what is read again from end to end, empty for what nobody reads again. Posts whose `native_id` is
        among the `uncounted` are charted and found, and never part of a spike. Those that are not `readable` are
        counted and left out. `page` is where they stand, and `view` the plainer view of the site that it is, if one.
        """
        now, crawl = self._clock.now(), self._crawl(view)
        whole, observations = len(observations), [one for one in observations if readable(one)]
        if whole > len(observations):
            self._tally.failures[UNREADABLE] += whole - len(observations)
        shown = {name_of(observation.native_id): observation for observation in observations}
        known = self._cursors.meet(thread, list(shown), now)
        failpoint("crawl.met")
        posts = [
            as_known(
                known[name].post,
                as_believed(
                    known[name].post,
                    self._post(observation, known[name].first_seen_at, now, crawl, name not in uncounted),
                ),
            )
            for name, observation in shown.items()
            if not known[name].closed
        ]
        news = [post for post in posts if worth_sending(known[post.native_id].post, post)]
        if news and page is not None and self._capturing is not None:
            # Before the log has them: who dies in between reads the page again.
            self._capturing.keep(page, {post.native_id: post.id for post in posts})
        quarantined = self._send(news)
        taken = _taken(len(observations), known, news, quarantined)
        self._count(taken)
        if unread := [words for post in news if (words := unread_time(shown[post.native_id]))]:
            self._tally.failures[UNREAD_TIME] += len(unread)
            self._tally.examples.setdefault(UNREAD_TIME, unread[0])
        return taken

    def withdraw(self, posts: Sequence[Post]) -> None:
        """Publishes that posts are gone at their source: the whole post again, with `deleted_at`."""
        now, crawl = self._clock.now(), self._crawl()
        self._send([replace(post, deleted_at=now, observed_at=now, crawl=crawl) for post in posts])
        self._tally.deleted += len(posts)

    def _send(self, posts: Sequence[Post]) -> int:
        """Sends the posts, all remembered now; tallies and returns how many went to the quarantine instead."""
        if not posts:
            return 0
        records = [POSTS.encode(post) for post in posts]
        messages = [Message(RAW, post.thread_id, record) for post, record in zip(posts, records, strict=True)]
        quarantined = publish_or_quarantine(self._producer, self._clock, messages)
        failpoint("crawl.sent")
        self._cursors.keep(posts, records)
        failpoint("crawl.noted")
        if quarantined:
            self._tally.failures[QUARANTINED] += quarantined
        return quarantined

    def _post(
        self, observation: Observation, first_seen_at: datetime, now: datetime, crawl: Crawl, counts_now: bool
    ) -> Post:
        return to_post(
            observation,
            site=self.origin.site,
            source=self.origin.source,
            voice_key=self.origin.voice_key,
            first_seen_at=first_seen_at,
            observed_at=now,
            crawl=crawl,
            keep_voice=self.origin.keep_voice,
            counts_now=counts_now,
        )

    def _crawl(self, view: str = "") -> Crawl:
        """Tells how the posts of this moment are obtained, of a plainer view with its name behind the parser's.

        robots.txt may have been read, the pace lengthened meanwhile.
        """
        tally, origin = self._tally, self.origin
        parser = f"{origin.parser}{VIEW}{view}" if view else origin.parser
        return Crawl(robots=tally.robots, rate=tally.rate, parser=parser, version=origin.version)

    def _count(self, taken: Taken) -> None:
        self._tally.read += taken.read
        self._tally.new += taken.new
        self._tally.changed += taken.changed


def as_known(known: Post | None, post: Post) -> Post:
    """Adds what only the record of before tells: the rest of a text that is shown cut, and when words changed.

    Where the site notes no edit, it is when other words were noticed first, and unchanged words keep that time. The
    rest of a text that was cut is no edit.
    """
    if known is None:
        return post
    if post.truncated and completes(known.text, post.text):
        words = content_hash(post.title, known.text)
        post = replace(post, text=known.text, truncated=known.truncated, content_hash=words)
    if post.edited_at is not None:
        return post
    continued = known.truncated and completes(post.text, known.text)
    unchanged = same_words(known, post) or continued or _is_plainer(known, post)
    edited_at = known.edited_at if unchanged else post.observed_at
    return post if edited_at is None else replace(post, edited_at=edited_at)


def _taken(read: int, known: Mapping[str, Known], news: Sequence[Post], quarantined: int) -> Taken:
    new = sum(known[post.native_id].post is None for post in news)
    closed = sum(one.closed for one in known.values())
    return Taken(
        new=new,
        changed=len(news) - new,
        unchanged=len(known) - closed - len(news),
        closed=closed,
        repeated=read - len(known),
        quarantined=quarantined,
    )
