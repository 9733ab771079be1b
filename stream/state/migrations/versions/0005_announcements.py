"""Events of cases on their way into the log: written with the event, gone once the log has them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "alert_announcement",
        sa.Column("event_id", SERIAL, sa.ForeignKey("alert_event.id"), primary_key=True, autoincrement=False),
        sa.Column("case_id", SERIAL, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("alert_announcement")
