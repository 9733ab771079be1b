"""What is removed when its time is over: one step for all that the stream keeps, which can also only tell.

The times are those of the log's topics, since the index is rebuilt from the log: posts as long as `posts.scored`, the
stages' health as long as `health`; raw posts and the quarantine by their own topics. When a source was silent is kept
as long as posts are, whose counts it explains; so is what cases claimed of sites' answers. What the crawlers remember
of posts goes when the index's posts go, by their own hand (crawlers.cursors). Cases stay. Tombstones, too, unless they
were given an end: a post erased on request must never come back, however long its site shows it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from stream.config import StreamConfig
from stream.index.admin import IndexAdmin
from stream.index.events import EventWriter
from stream.log.broker import HEALTH, SCORED, Admin
from stream.responses.evidence import open_evidence
from stream.responses.store import open_responses
from stream.state.source_health import remove_gaps
from stream.state.tombstones import all_gone, remove_expired


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Everything whose time can be over."""

    log: Admin
    posts: IndexAdmin
    health: EventWriter
    state: Engine


def remove_past(kept: Kept, config: StreamConfig, now: datetime, *, dry: bool = False) -> Mapping[str, object]:
    """Removes what is past its time, old indices by name; returns what, by kind. `dry`: returns what it would remove.

    Raises `Retryable` where an engine is away; what was removed before is gone, and doing it again does no harm.
    """
    posts, health = (now - config.topic(name).keep for name in (SCORED, HEALTH))
    return {
        "records of the log": kept.log.expire(now, dry=dry),
        "posts of the index": ", ".join(kept.posts.expire(posts, dry=dry)) or 0,
        "health of the index": kept.health.expire(health, dry=dry),
        "tombstones with an end": remove_expired(kept.state, now, dry=dry),
        "silences of sources": remove_gaps(kept.state, posts, dry=dry),
        "answers of sites": open_responses(config).expire(now, dry=dry),
        "answers that cases claimed": open_evidence(config).expire(posts, dry=dry),
    }


def erase_pages(config: StreamConfig, posts: Collection[str]) -> int:
    """Removes the captured answers of sites that show any of the posts, claimed or not; returns how many."""
    return open_responses(config).erase(posts) + open_evidence(config).erase(posts)


def clear_pages(config: StreamConfig, state: Engine, now: datetime) -> int:
    """Removes captured answers whose day is over, and those that show what was erased; returns how many.

    What is kept a day must not wait for the nightly round, nor for an erasing that was cut off.
    """
    return open_responses(config).expire(now) + erase_pages(config, frozenset(all_gone(state, now)))
