"""The console: accounts, sessions, spent links, who did what, saved searches, who looks at which case."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "console_account",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("password", sa.String),
        sa.Column("invited_at", TIME),
        sa.Column("changed_at", TIME),
    )
    op.create_table(
        "console_session",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", sa.String, nullable=False, index=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_table(
        "console_spent_link",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_table(
        "console_access",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("at", TIME, nullable=False, index=True),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "console_saved_search",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("person", sa.String, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_table(
        "console_viewing",
        sa.Column("case_id", SERIAL, primary_key=True, autoincrement=False),
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_index("ix_alert_outbox_state", "alert_outbox", ["state"])  # its pages ask how many wait
    op.create_index("ix_alert_outbox_case_id", "alert_outbox", ["case_id"])  # a case's page lists its letters


def downgrade() -> None:
    op.drop_index("ix_alert_outbox_case_id", "alert_outbox")
    op.drop_index("ix_alert_outbox_state", "alert_outbox")
    for table in ("viewing", "saved_search", "access", "spent_link", "session", "account"):
        op.drop_table(f"console_{table}")
