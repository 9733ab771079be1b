"""The table of accounts: who of alerts.yml has a password for the console. Letters ask, so it stands below them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.state.database import Base


class AccountRow(Base):
    """The account of a person of alerts.yml, by key. `password` is an argon2 hash, None until it is set by a link.

    `invited_at` is when a link was last issued by hand, `changed_at` when the password was last set.
    """

    __tablename__ = "console_account"

    person: Mapped[str] = mapped_column(primary_key=True)
    password: Mapped[str | None]
    invited_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]


def has_password(session: Session, person: str) -> bool:
    """Tells whether the person of that key has set a password."""
    row = session.get(AccountRow, person)
    return row is not None and row.password is not None
