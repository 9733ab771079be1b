"""The table of what is wrong: a row for each trouble that is there, was told of within a day, or has an open case."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base


class TroubleRow(Base):
    """A trouble as it was seen last; see `Remembered`. `case_id` is its last incident, None before there is one."""

    __tablename__ = "trouble"

    key: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[str]
    what: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    first_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("alert_case.id"))
