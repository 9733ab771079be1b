"""The outbox holds a row for each person and channel; what an earlier version queued goes on under the same name.

An earlier version knew two ways out, mail and a folder, and kept one row for both: it says in `answer` by which one a
letter went, and in `second_at` when the folder took a copy while the mail server was away. Those that still wait get
no channel here: which there are is said in alerts.yml, and the sender gives the row to them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SHARED = (
    "id, case_id, task_id, step, revision, recipient, message_id, message, plain, without_text, state, token, "
    "lease_until, attempts, next_at, queued_at, sent_at, answer"
)
WENT_BY = """
    CASE WHEN state IN ('queued', 'claimed') THEN NULL WHEN second_at IS NOT NULL THEN 'smtp'
    WHEN answer LIKE 'smtp:%' THEN 'smtp' WHEN answer LIKE 'file:%' THEN 'folder' END
"""


def upgrade() -> None:
    _set_aside()
    _create(
        sa.Column("person", sa.String, nullable=True),
        sa.Column("channel", sa.String, nullable=True),
        sa.Column("medium", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("notice", sa.Text, nullable=True),
        sa.UniqueConstraint("message_id", "channel"),
    )
    op.create_index("ix_alert_outbox_task_id", "alert_outbox", ["task_id"])
    op.execute(
        f"INSERT INTO alert_outbox ({SHARED}, channel, medium, place) "
        f"SELECT {SHARED}, {WENT_BY}, 'mail', 0 FROM outbox_before"
    )
    _count_on()
    op.execute(
        "INSERT INTO alert_outbox (case_id, task_id, step, revision, recipient, message_id, message, plain, "
        "without_text, state, attempts, next_at, queued_at, sent_at, channel, medium, place) "
        "SELECT case_id, task_id, step, revision, recipient, message_id, message, plain, without_text, 'sent', 1, "
        "second_at, queued_at, second_at, 'folder', 'mail', 1 FROM outbox_before "
        "WHERE second_at IS NOT NULL ORDER BY id"
    )
    op.drop_table("outbox_before")


def downgrade() -> None:
    """Lets mail go on from its first row; of other media an earlier version knows nothing."""
    _set_aside()
    _create(
        sa.Column("second_at", TIME, nullable=True),
        sa.UniqueConstraint("message_id"),
        sa.UniqueConstraint("case_id", "step", "recipient", "revision"),
    )
    op.execute(
        f"INSERT INTO alert_outbox ({SHARED}, second_at) SELECT {SHARED}, (SELECT max(other.sent_at) FROM "
        "outbox_before AS other WHERE other.message_id = first.message_id AND other.place > first.place) "
        "FROM outbox_before AS first WHERE medium = 'mail' AND NOT EXISTS (SELECT 1 FROM outbox_before AS other WHERE "
        "other.message_id = first.message_id AND other.medium = 'mail' AND other.place < first.place)"
    )
    _count_on()
    op.drop_table("outbox_before")


def _set_aside() -> None:
    """Sets aside a copy without constraints, so that their names are free for the table to come."""
    op.execute("CREATE TABLE outbox_before AS SELECT * FROM alert_outbox")
    op.drop_table("alert_outbox")


def _create(*own: sa.schema.SchemaItem) -> None:
    op.create_table(
        "alert_outbox",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=False),
        sa.Column("task_id", SERIAL, sa.ForeignKey("alert_task.id"), nullable=True),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("plain", sa.LargeBinary, nullable=False),
        sa.Column("without_text", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", TIME, nullable=False, index=True),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("answer", sa.Text, nullable=True),
        sa.CheckConstraint("state in ('queued', 'claimed', 'sent', 'failed', 'withdrawn')"),
        *own,
    )


def _count_on() -> None:
    """Sets PostgreSQL's counter, which knows nothing of the ids that were copied."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('alert_outbox', 'id'), max(id)) FROM alert_outbox HAVING max(id) > 0"
        )
