"""The table of briefs that went out: each once, whoever runs."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base


class BulletinRow(Base):
    """A brief that was put in line: its kind, and the time it was due in Beijing, as `2026-09-21 09:00`."""

    __tablename__ = "bulletin"

    kind: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
