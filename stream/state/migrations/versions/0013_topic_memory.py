"""What the watcher remembers: what every topic taught, its waves that were told, the last step judged; and cases whose
topic burnt again.

An installation of before remembers nothing: its topics are learnt from the index at the first look.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "topic_memory",
        sa.Column("topic", sa.String, primary_key=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("renewed_at", TIME, nullable=True),
        sa.Column("settled_until", TIME, nullable=True),
        sa.Column("numbers", sa.LargeBinary, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_table(
        "watch_memory",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("judged_until", TIME, nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("sources", sa.Text, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
    )
    op.add_column("alert_case", sa.Column("rekindled_at", TIME, nullable=True))


def downgrade() -> None:
    op.drop_column("alert_case", "rekindled_at")  # in place: a table made anew would leave its events without a case
    op.drop_table("watch_memory")
    op.drop_table("topic_memory")
