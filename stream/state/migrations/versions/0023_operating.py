"""Crawling by the clock on several machines: whose tick a crawl is, what is stopped by hand, what hosts were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "crawl_schedule",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("tick", TIME, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("missed_at", TIME),
    )
    op.create_table(
        "crawl_stop",
        sa.Column("what", sa.String, primary_key=True),
        sa.Column("since", TIME, nullable=False),
        sa.Column("why", sa.String, nullable=False),
    )
    op.create_table(
        "crawl_host_day",
        sa.Column("host", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("requests", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("host_day", "stop", "schedule"):
        op.drop_table(f"crawl_{table}")
