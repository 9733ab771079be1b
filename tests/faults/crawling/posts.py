"""What came of a crawl that was killed again and again: its log is held against the site, version by version.

Nothing here asks the code under test: it is all counted again from the site's own script and the records of the log.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from scripts.demo.world import Entry, Thread, World
from stream.messages import Kind, Post, post_id

Version = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Crawl:
    """One process: when it was started by the forum's clock, and whether it was killed."""

    number: int
    started_at: datetime
    killed: bool


@dataclass(slots=True)
class Account:
    """What was found: figures by name, and complaints by what they are about."""

    figures: Counter[str] = field(default_factory=Counter)
    complaints: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def account(world: World, site: str, records: Sequence[Post], crawls: Sequence[Crawl], end: datetime) -> Account:
    """Holds the log's records, in its order, against the site as of `end`."""
    found = Account()
    entries = {post_id(site, f"pid:{pid}"): entry for pid, entry in world.entries.items()}
    by_id: dict[str, list[Post]] = defaultdict(list)
    for record in records:
        by_id[record.id].append(record)
    for strange in by_id.keys() - entries.keys():
        found.complaints["foreign"].append(f"{strange} is in the log and never was on the site")
    openings: dict[int, int] = {}
    for entry in sorted(world.entries.values(), key=lambda entry: entry.pid):
        openings.setdefault(entry.tid, entry.pid)
    for one, entry in entries.items():
        _judge_end(found, world, entry, by_id.get(one, []), end)
        _judge_order(found, by_id.get(one, []))
        for record in by_id.get(one, []):
            _judge_record(found, world.threads[entry.tid], entry, record)
            _judge_place(found, openings[entry.tid], entry, record)
    _judge_copies(found, by_id.values(), crawls)
    found.figures |= Counter({"posts of the site": len(entries), "records in the log": len(records)})
    return found


def _judge_end(found: Account, world: World, entry: Entry, versions: Sequence[Post], end: datetime) -> None:
    """What a guest can read in the end is in the log as he reads it, and nothing else as if it could be read."""
    stands = entry.is_there(end) and world.thread(entry.tid, end) is not None
    newest = versions[-1] if versions else None
    if stands:
        found.figures["posts that stand in the end"] += 1
    if stands and newest is None:
        found.complaints["lost"].append(f"pid {entry.pid} is on the site and not in the log")
    elif stands and newest is not None:
        words = entry.edited_text if entry.is_edited(end) else entry.text
        if newest.deleted_at is not None:
            found.complaints["lost"].append(f"{_name(newest)} stands on the site and is told as deleted")
        if newest.text != words:
            found.complaints["texts"].append(f"{_name(newest)} is in the log as {newest.text!r}, it says {words!r}")
    elif newest is not None:
        found.figures["posts gone in the end"] += 1
        if newest.deleted_at is None:
            found.complaints["deletions"].append(f"{_name(newest)} is gone and not told as deleted")


def _judge_record(found: Account, thread: Thread, entry: Entry, record: Post) -> None:
    """Every record says what stood there by then, and when it was written."""
    seen = record.observed_at
    words = {entry.text} if not entry.is_edited(seen) else {entry.text, entry.edited_text}
    if record.text not in words:
        found.complaints["texts"].append(f"{_name(record)} says {record.text!r} as of {seen}, it said {words}")
    if record.title != thread.title:
        found.complaints["texts"].append(f"{_name(record)} has the title {record.title!r}, not {thread.title!r}")
    if record.published_at != entry.at.replace(microsecond=0):
        found.complaints["times"].append(f"{_name(record)} is of {record.published_at}, it was written {entry.at}")
    gone = min((at for at in (entry.deleted_at, thread.deleted_at) if at is not None), default=None)
    if record.deleted_at is not None and (gone is None or seen < gone):
        found.complaints["deletions"].append(f"{_name(record)} is told as deleted as of {seen}, it went {gone}")


def _judge_place(found: Account, opening: int, entry: Entry, record: Post) -> None:
    """Every record says in which thread it stands, and which post it answers."""
    quoted = post_id(record.site, f"pid:{entry.quotes}") if entry.quotes else None
    place = (post_id(record.site, f"pid:{opening}"), quoted, Kind.THREAD if entry.pid == opening else Kind.REPLY)
    if (record.thread_id, record.parent_id, record.kind) != place:
        found.complaints["places"].append(f"{_name(record)} stands elsewhere than the site has it")


def _judge_copies(found: Account, posts: Iterable[Sequence[Post]], crawls: Sequence[Crawl]) -> None:
    """A version comes twice where a kill fell between log and memory: of every kill at most one page's posts."""
    copied: dict[int, set[datetime]] = defaultdict(set)
    for versions in posts:
        for original, copy in _copies(versions):
            found.figures["copies that ids fold"] += 1
            crawl = _crawl_of(crawls, original.observed_at)
            if crawl is None or not crawl.killed:
                found.complaints["doubled"].append(f"{_name(copy)} came twice, and no kill is the reason")
            else:
                copied[crawl.number].add(original.observed_at)
    for number, moments in copied.items():
        if len(moments) > 1:
            found.complaints["doubled"].append(f"the kill of crawl {number} doubled {len(moments)} pages")


def _judge_order(found: Account, versions: Sequence[Post]) -> None:
    """Old words do not come back, nor does what was deleted; when it was first seen never changes."""
    if not versions:
        return
    if len({record.first_seen_at for record in versions}) > 1:
        found.complaints["times"].append(f"{_name(versions[0])} was seen first at several times")
    states = [(record.text, record.deleted_at is not None) for record in versions]
    kept = [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]
    if len(set(kept)) < len(kept):
        found.complaints["doubled"].append(f"{_name(versions[0])} was sent again as it was before")
    if any(gone and not later for (_, gone), (_, later) in pairwise(kept)):
        found.complaints["deletions"].append(f"{_name(versions[0])} came back")


def _copies(versions: Sequence[Post]) -> Iterator[tuple[Post, Post]]:
    """Records of one version after each other: the second one lands on the first."""
    for earlier, later in pairwise(versions):
        if _version(earlier) == _version(later):
            yield earlier, later


def _version(post: Post) -> Version:
    """What makes a record worth sending; a reply's counters are told with no page of its own."""
    counters = (post.counts.replies, post.counts.views) if post.kind is Kind.THREAD else ()
    return (post.title, post.text, post.edited_at, post.deleted_at is not None, post.board, counters)


def _crawl_of(crawls: Sequence[Crawl], at: datetime) -> Crawl | None:
    return max((one for one in crawls if one.started_at <= at), key=lambda one: one.started_at, default=None)


def _name(post: Post) -> str:
    return f"{post.native_id} ({post.id[:8]})"
