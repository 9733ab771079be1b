"""Why a letter waits or was taken back, lost answers, and silences. Letters in line may go as they could before."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("topic", sa.String, nullable=True),
        sa.Column("owner", sa.String, nullable=True),
        sa.Column("desk", sa.String, nullable=True),
        sa.Column("colour", sa.String, nullable=True),
        sa.Column("occasion", sa.String, nullable=True),
        sa.Column("cleared", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("held_for", sa.String, nullable=True),
        sa.Column("held_until", TIME, nullable=True),
        sa.Column("lost", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tried_at", TIME, nullable=True),
        sa.Column("instead", sa.String, nullable=True),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("alert_outbox", column)
    op.create_index("ix_alert_outbox_instead", "alert_outbox", ["instead"])
    op.create_table(
        "silence",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("topic", sa.String, nullable=False, index=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("up_to", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("silence")
    op.drop_index("ix_alert_outbox_instead", "alert_outbox")
    for column in reversed(_columns()):
        op.drop_column("alert_outbox", column.name)
