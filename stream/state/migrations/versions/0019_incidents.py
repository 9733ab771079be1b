"""What is wrong with sources and stages of ours, and which briefs went out."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "trouble",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("grade", sa.String, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("gone_at", TIME),
        sa.Column("told_at", TIME),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id")),
    )
    op.create_table(
        "bulletin",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("at", TIME, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("bulletin")
    op.drop_table("trouble")
