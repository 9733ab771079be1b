"""Letters about no case: briefs, digests, answers to mails."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATES = sa.CheckConstraint("state in ('queued', 'claimed', 'sent', 'failed', 'withdrawn')")
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("alert_outbox", table_args=(STATES,)) as table:
        table.alter_column("case_id", existing_type=SERIAL, nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM alert_outbox WHERE case_id IS NULL")
    with op.batch_alter_table("alert_outbox", table_args=(STATES,)) as table:
        table.alter_column("case_id", existing_type=SERIAL, nullable=False)
