"""What each list of a source has by its site's own count and of it here; posts a page; threads that are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
COUNTS = ("threads_told", "threads_held", "posts_told", "posts_held")


def upgrade() -> None:
    op.create_table(
        "source_list",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        *(sa.Column(name, sa.Integer) for name in COUNTS),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("read_at", TIME, nullable=False),
        sa.Column("complete_until", TIME),
        sa.Column("short_since", TIME),
    )
    op.add_column("crawler_thread", sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("source_health") as table:
        table.add_column(sa.Column("filled", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("page_norm", sa.Double))


def downgrade() -> None:
    with op.batch_alter_table("source_health") as table:
        table.drop_column("page_norm")
        table.drop_column("filled")
    op.drop_column("crawler_thread", "gone")
    op.drop_table("source_list")
