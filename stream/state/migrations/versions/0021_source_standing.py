"""How a source stands: how its last crawl ended, since when, how long it rests, when anything new last came."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIMES = (
    "state_since", "due_at", "page_at", "rests_until", "expires_at", "newest_at", "news_at",
)  # fmt: skip
COUNTS = ("failed_in_a_row", "refused_in_a_row", "not_understood")


def upgrade() -> None:
    with op.batch_alter_table("source_health") as table:
        table.add_column(sa.Column("ended_state", sa.String))
        for name in TIMES:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True)))
        for name in COUNTS:
            table.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("news_gap", sa.Double))
        table.add_column(sa.Column("details", sa.Text, nullable=False, server_default="{}"))
    op.execute("UPDATE source_health SET ended_state = state, state_since = ended_at WHERE state != 'running'")
    # what came before nobody noted: an upgrade must not call every quiet source stale
    op.execute("UPDATE source_health SET news_at = succeeded_at")


def downgrade() -> None:
    with op.batch_alter_table("source_health") as table:
        for name in ("ended_state", *TIMES, *COUNTS, "news_gap", "details"):
            table.drop_column(name)
