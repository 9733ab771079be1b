"""How each source is doing: written by crawlers, read by alerts, which must know when silence means blindness."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base


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
    a wall went up.
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
