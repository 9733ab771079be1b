"""Which post an entry of a feed is: that of its id, one known by an older id, or another under an id not its own.

Decided from what is remembered; nothing is asked for here.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from crawlers.edge import MAX_TITLE, cut, line, normalise, web_address
from crawlers.pages.feeds.identity import Likeness, one_post, plain, renamed, same_words, spellings
from crawlers.pages.observation import Observation
from stream.messages import MAX_TEXT, Kind, Post

_PREFIX = "entry:"
_ZONES = timedelta(minutes=30)  # zones differ by whole half hours
_FARTHEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Met:
    """What is remembered under an id: whose `feed`, empty where nobody noted it, and the post, if the log has it."""

    feed: str
    post: Post | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is known before a page of `feed` is settled: by id, and the `latest` posts of that feed.

    `feeds` are all of the source. What a feed that is configured no more brought is anybody's.
    """

    feed: str
    feeds: Container[str]
    met: Mapping[str, Met] = field(default_factory=dict)
    latest: Sequence[Post] = ()

    def is_elsewhere(self, name: str) -> bool:
        """Tells whether another feed of the source owns the post."""
        owner = self.met[name].feed if name in self.met else ""
        return owner not in ("", self.feed) and owner in self.feeds


def names(entries: Iterable[Observation]) -> list[str]:
    """Lists every id under which the entries may be known."""
    return list(
        dict.fromkeys(name for entry in entries for name in (*_spellings(entry), _by_address(entry), _by_words(entry)))
    )


def settle(shown: Sequence[Observation], memory: Memory) -> list[Observation]:
    """Gives every entry the id of its post; drops what another feed of the source owns, and repetitions.

    The feed that brought a post first owns it: what another one shows under its id is the same post told otherwise, or
    another post. An entry with other words than its id's post becomes a post of its own, a reply to that one where it
    stands in a forum, so that nothing is overwritten and nothing lost.
    """
    latest = [(post.native_id, _remembered(post)) for post in memory.latest]
    taken: dict[str, Likeness] = {}
    settled = []
    for entry in shown:
        likeness = _of(entry)
        name = next((one for one in _spellings(entry) if one in memory.met or one in taken), None)
        name = name or renamed(latest, likeness) or _plainly(entry.native_id)
        known = memory.met[name].post if name in memory.met else None
        before = taken.get(name) or (_remembered(known) if known else None)
        if before is not None and not one_post(before, likeness, together=name in taken):
            entry = _apart(entry, name, before)
            name, known = entry.native_id, None
        if name in taken or memory.is_elsewhere(name):
            continue
        taken[name] = likeness
        settled.append(_in_known_time(_named(entry, name), known))
    return settled


def newest(published: Iterable[datetime | None], at: datetime) -> datetime | None:
    """Finds when the latest of the posts was published that is not of a time to come."""
    return max(
        (moment for moment in published if moment is not None and moment <= at + timedelta(minutes=5)), default=None
    )


def _spellings(entry: Observation) -> tuple[str, ...]:
    return tuple(_PREFIX + one for one in spellings(entry.native_id.removeprefix(_PREFIX)))


def _plainly(name: str) -> str:
    return _PREFIX + plain(name.removeprefix(_PREFIX))


def _by_address(entry: Observation) -> str:
    return _plainly(_PREFIX + entry.url)


def _by_words(entry: Observation) -> str:
    """Makes an id of the one that was told and the words, which two feeds show alike while they differ in times."""
    words = f"{entry.title}\n{entry.text}".encode("utf-8", "replace")
    return f"{_plainly(entry.native_id)}@{sha256(words).hexdigest()[:16]}"


def _apart(entry: Observation, name: str, holder: Likeness) -> Observation:
    """Makes another post of an entry whose id the `holder` has: in a forum a reply, in the topic of that name."""
    elsewhere = entry.url and _by_address(entry) not in _spellings(entry) and web_address(entry.url) != holder.url
    own = _named(entry, _by_address(entry) if elsewhere else _by_words(entry))
    if entry.kind not in (Kind.THREAD, Kind.REPLY):
        return own
    return replace(own, kind=Kind.REPLY, thread=name if entry.thread == entry.native_id else entry.thread)


def _named(entry: Observation, name: str) -> Observation:
    thread = name if entry.thread == entry.native_id else entry.thread
    return replace(entry, native_id=name, thread=thread)


def _in_known_time(entry: Observation, known: Post | None) -> Observation:
    """Keeps the time that is known where only the zone differs: of one post, told by two clocks."""
    told, before = entry.published_at, known.published_at if known else None
    if told is None or before is None or told == before or known is None:
        return entry
    apart = abs(told - before)
    if apart % _ZONES or apart > _FARTHEST or not same_words(known.text or known.title, entry.text or entry.title):
        return entry
    return replace(entry, published_at=before, published_precision=known.published_precision, edited_at=None)


def _of(entry: Observation) -> Likeness:
    text = cut(normalise(entry.text), MAX_TEXT)
    return Likeness(web_address(entry.url), line(entry.title, MAX_TITLE), text, entry.published_at)


def _remembered(post: Post) -> Likeness:
    return Likeness(post.url, post.title, post.text, post.published_at)
