"""What crawlers remember: threads, posts, boards, feeds, and how each source is doing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_health",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        *(sa.Column(name, TIME) for name in ("started_at", "ended_at", "succeeded_at", "fresh_until", "parked_until")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("pages", "read", "new", "changed", "deleted")),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("norm", sa.Double),
    )
    op.create_table(
        "crawler_board",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("board", sa.String, primary_key=True),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("listed_at", TIME, nullable=False),
    )
    op.create_table(
        "crawler_thread",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("thread", sa.String, primary_key=True),
        sa.Column("listed", sa.String, nullable=False),
        sa.Column("published_at", TIME),
        sa.Column("visited_at", TIME),
        sa.Column("due_at", TIME),
    )
    op.create_index("crawler_thread_due", "crawler_thread", ["site", "due_at"])
    op.create_table(
        "crawler_post",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("native_id", sa.String, primary_key=True),
        sa.Column("thread", sa.String, nullable=False),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("sent", sa.LargeBinary),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("missed", sa.Boolean, nullable=False),
    )
    op.create_index("crawler_post_thread", "crawler_post", ["site", "thread"])
    op.create_table(
        "crawler_feed",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("url", sa.String, primary_key=True),
        sa.Column("etag", sa.String),
        sa.Column("modified", sa.String),
    )


def downgrade() -> None:
    for table in ("crawler_feed", "crawler_post", "crawler_thread", "crawler_board", "source_health"):
        op.drop_table(table)
