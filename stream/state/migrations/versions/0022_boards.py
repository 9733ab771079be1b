"""Boards by name and when they were lost; which board a thread was listed in, so that a lost one's are looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crawler_board", sa.Column("name", sa.String))
    op.add_column("crawler_board", sa.Column("lost_at", sa.DateTime(timezone=True)))
    op.add_column("crawler_thread", sa.Column("board", sa.String))
    op.create_index("crawler_thread_board", "crawler_thread", ["site", "board"])


def downgrade() -> None:
    op.drop_index("crawler_thread_board", "crawler_thread")
    op.drop_column("crawler_thread", "board")
    op.drop_column("crawler_board", "lost_at")
    op.drop_column("crawler_board", "name")
