"""The last line: what went through, and what got lost on the way. Lost is counted from outside the pipeline:
posts from the forum's access log, letters from the mailbox."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from alerts.casefile.tables import CaseRow
from alerts.notify.tables import OutboxRow
from scripts.demo.mailbox import Mailbox
from stream.codec import POSTS
from stream.errors import DecodeError
from stream.index.port import Query, Reader
from stream.log.broker import RAW, SCORED, Admin
from stream.log.quarantine import Quarantined
from stream.messages import post_id
from stream.state.database import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Crawled and scored are observations in the log, indexed are posts: edited and deleted ones were seen again."""

    crawled: int
    scored: int
    indexed: int
    quarantined: int
    cases: int
    letters: int
    lost: tuple[str, ...]


def count(
    admin: Admin, reader: Reader, engine: Engine, quarantined: Collection[Quarantined], mailbox: Mailbox,
    *, site: str, served: Mapping[str, bool],
) -> Counts:  # fmt: skip
    """Everything, at the end of the run."""
    with transaction(engine) as session:
        cases = session.scalar(select(func.count()).select_from(CaseRow)) or 0
        letters = {row.message_id: row.state for row in session.scalars(select(OutboxRow).where(OutboxRow.place == 0))}
    arrived = {str(letter["Message-ID"]) for letter in mailbox.letters}
    return Counts(
        crawled=_written(admin, RAW),
        scored=_written(admin, SCORED),
        indexed=reader.count(Query()),
        quarantined=len(quarantined),
        cases=cases,
        letters=len(mailbox.letters),
        lost=(*lost_posts(reader, quarantined, site, served), *lost_letters(letters, arrived)),
    )


def lost_posts(
    reader: Reader, quarantined: Collection[Quarantined], site: str, served: Mapping[str, bool]
) -> list[str]:
    """Posts the forum handed out that are neither indexed nor quarantined, or indexed only as they were before."""
    kept = {post.native_id: post for post in reader.get([post_id(site, native_id) for native_id in served])}
    aside = {native_id for entry in quarantined if (native_id := _native_id(entry)) is not None}
    missing = served.keys() - kept.keys() - aside
    outdated = {name for name, edited in served.items() if edited and name in kept and kept[name].edited_at is None}
    return sorted(missing | outdated)


def lost_letters(letters: Mapping[str, str], arrived: Collection[str]) -> list[str]:
    """Letters written and not taken back that never reached the mailbox."""
    return sorted(name for name, state in letters.items() if state != "withdrawn" and name not in arrived)


def _written(admin: Admin, topic: str) -> int:
    return sum(end for _, end in admin.ends(topic).values())


def _native_id(entry: Quarantined) -> str | None:
    try:
        return POSTS.decode(entry.raw).native_id
    except DecodeError:
        return None
