"""The claims library: what was claimed and verified, and what the organisation says of it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("case_id", SERIAL, nullable=True),
        sa.Column("retired_at", TIME, nullable=True),
    )


def downgrade() -> None:
    op.drop_table("claim")
