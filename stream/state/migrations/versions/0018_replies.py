"""Letters answered by mail: the key of their codes, each mail that was dealt with, and how reading the mailbox goes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "reply_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reply",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("message_id", sa.String, nullable=False, unique=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("letter", sa.String, nullable=True),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=True),
    )
    op.create_index("ix_reply_letter", "reply", ["letter"])
    op.create_table(
        "inbox_health",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
    )


def downgrade() -> None:
    op.drop_table("inbox_health")
    op.drop_table("reply")
    op.drop_table("reply_key")
