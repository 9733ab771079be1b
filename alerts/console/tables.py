"""The tables of the console: sessions, what was used once, and who did what there; accounts are people's."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base, Serial


class SessionRow(Base):
    """A browser that signed in. `digest` is that of its cookie, `told` what the next page tells once."""

    __tablename__ = "console_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    told: Mapped[str] = mapped_column(Text)


class SpentLinkRow(Base):
    """A link of a letter that was used. `digest` is that of its token."""

    __tablename__ = "console_spent_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class AccessRow(Base):
    """What was done on the console beside acts on cases, which their histories tell: signing in, exports and the like.

    `person` is a key of people, "" for somebody unknown; `client` the address it came from.
    """

    __tablename__ = "console_access"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person: Mapped[str]
    client: Mapped[str]
    what: Mapped[str]
    detail: Mapped[str] = mapped_column(Text)


class SavedSearchRow(Base):
    """A search that a person keeps under a name; `asked` is what stands behind `?` in its address."""

    __tablename__ = "console_saved_search"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    asked: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ViewingRow(Base):
    """Who has a case's page open, as of `at`."""

    __tablename__ = "console_viewing"

    case_id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
