"""Labels that people gave to single posts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("post_id", sa.String, nullable=True),
        sa.Column("content_hash", sa.String, nullable=True),
        sa.Column("text", sa.Text, nullable=True),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("emotion", sa.String, nullable=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("case_id", SERIAL, nullable=True),
    )
    op.create_index("ix_review_post_id", "review", ["post_id"])


def downgrade() -> None:
    op.drop_table("review")
