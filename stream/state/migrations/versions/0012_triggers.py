"""What triggers told of, so that nothing is told twice, whoever watches and however often it is started again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "fired_trigger",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("trigger_key", sa.String, nullable=False),
        sa.Column("thing", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=False),
        sa.UniqueConstraint("topic", "trigger_key", "thing", "case_id"),
    )


def downgrade() -> None:
    op.drop_table("fired_trigger")
