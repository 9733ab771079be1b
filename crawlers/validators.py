"""What a server gave us to ask whether a document changed: ETag and Last-Modified, per address."""

from collections.abc import Mapping

from sqlalchemy import Engine
from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base, advisory_lock, reading, transaction

_ASKED_BY = {"etag": "If-None-Match", "modified": "If-Modified-Since"}


class FeedRow(Base):
    """One feed's validators as the server wrote them: a date is sent back letter for letter."""

    __tablename__ = "crawler_feed"

    site: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str | None]
    modified: Mapped[str | None]


class Validators:
    """The validators of one site's documents. Kept only once everything that a document said is in the log."""

    def __init__(self, engine: Engine, site: str) -> None:
        self._engine = engine
        self._site = site

    def headers(self, url: str) -> Mapping[str, str]:
        """Builds the headers of a conditional request; empty where nothing is known, so that all of it comes."""
        with reading(self._engine) as session:
            row = session.get(FeedRow, (self._site, url))
            found = {header: getattr(row, column) for column, header in _ASKED_BY.items()} if row else {}
        return {header: value for header, value in found.items() if value}

    def keep(self, url: str, *, etag: str | None, modified: str | None) -> None:
        """Remembers what came with the document at `url`."""
        with transaction(self._engine) as session:
            advisory_lock(session, f"crawler {self._site}")
            session.merge(FeedRow(site=self._site, url=url, etag=etag, modified=modified))
