"""How each source is doing: written by crawlers, read by alerts, which must know when silence means blindness.

Posts of hours in which a source did not answer may come later, with their own times. Such hours are incomplete evidence
all the same: nobody may learn from them what is usual.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.state.database import Base, reading, transaction

Span = tuple[datetime, datetime]  # from, to before


class SourceState(StrEnum):
    """How the last crawl of a source ended."""

    RUNNING = "running"  # or killed: its start tells
    OK = "ok"
    PARTIAL = "partial"  # content came, but some pages failed
    BLOCKED = "blocked"  # the site says no: robots.txt, login wall, captcha, guard; a person has to look
    FAILED = "failed"  # the site did not answer, or we broke


class SourceHealth(Base):
    """One row per source. Counters are of the last crawl, or import, that ended.

    `fresh_until` is when a source stops being trustworthy: two ticks of its rhythm after the last success began, None
    if it has none. `retired_at` is since when it is configured no more, or switched off: nobody waits for it. `norm` is
    what a crawl of it usually reads (posts read, running mean); a `read` far below it means that the layout changed or
    a wall went up. `ended_state` is how the last crawl that ended did, while another one runs, and `state_since` when
    one first ended so. `due_at` is one tick after the last success; `page_at` when a page was last understood.
    `rests_until`: after a refusal the site is left alone until then, longer each time. `expires_at` is when the
    source's credential ends. `newest_at` is the date of the newest thing that it showed, where it tells one; `news_at`
    when it last brought something new; `news_gap` how many seconds usually lie between two such (running mean).
    `not_understood` counts pages; `filled` are the pages that were read for their posts, and `page_norm` is how many
    posts such a page usually holds (running mean). `details` is `SourceDetails` as JSON.
    """

    __tablename__ = "source_health"

    source: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    fresh_until: Mapped[datetime | None]
    parked_until: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    pages: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    norm: Mapped[float | None]
    ended_state: Mapped[str | None]
    state_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    page_at: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    newest_at: Mapped[datetime | None]
    news_at: Mapped[datetime | None]
    news_gap: Mapped[float | None]
    failed_in_a_row: Mapped[int] = mapped_column(default=0, server_default="0")
    refused_in_a_row: Mapped[int] = mapped_column(default=0, server_default="0")
    not_understood: Mapped[int] = mapped_column(default=0, server_default="0")
    filled: Mapped[int] = mapped_column(default=0, server_default="0")
    page_norm: Mapped[float | None]
    details: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")


class SourceGap(Base):
    """One time in which a source did not answer: from the start of its last success to that of the next."""

    __tablename__ = "source_gap"

    source: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]


def gaps(session: Session, since: datetime, until: datetime) -> list[SourceGap]:
    """Reads the gaps that ended and that lie, even in part, in [since, until), by source and time."""
    overlapping = select(SourceGap).where(SourceGap.until > since, SourceGap.since < until)
    return list(session.scalars(overlapping.order_by(SourceGap.source, SourceGap.since)))


def unanswered(engine: Engine, since: datetime, now: datetime) -> Mapping[str, tuple[Span, ...]]:
    """Finds when the current sources did not answer within [since, now), the silence that still lasts included.

    Spans are in order and apart; a source without any is left out, and so is a retired one. One that never answered has
    no span either: what it never told, no hour ever had. Such a source is silent, by `succeeded_at`.
    """
    with reading(engine) as session:
        current = list(session.scalars(select(SourceHealth).where(SourceHealth.retired_at.is_(None))))
        closed = gaps(session, since, now)
    spans: dict[str, list[Span]] = {row.source: [] for row in sorted(current, key=lambda row: row.source)}
    for gap in closed:
        if gap.source in spans:
            spans[gap.source].append((gap.since, gap.until))
    for row in current:
        if row.succeeded_at is not None and row.fresh_until is not None and row.fresh_until < now:
            spans[row.source].append((row.succeeded_at, now))
    found = {source: _joined(some, since, now) for source, some in spans.items()}
    return {source: some for source, some in found.items() if some}


def remove_gaps(engine: Engine, before: datetime, *, dry: bool = False) -> int:
    """Removes the gaps that ended before then; how many. `dry`: removes none."""
    old = SourceGap.until < before
    with transaction(engine) as session:
        number = session.scalar(select(func.count()).select_from(SourceGap).where(old)) or 0
        if not dry:
            session.execute(delete(SourceGap).where(old))
    return number


def _joined(spans: Iterable[Span], since: datetime, until: datetime) -> tuple[Span, ...]:
    """Joins what overlaps or meets, and keeps what lies in [since, until)."""
    joined: list[Span] = []
    for start, end in sorted((max(start, since), min(end, until)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            start, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((start, end))
    return tuple(joined)
