"""Cases, their events and tasks, and the outbox of letters."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_cases()
    _create_events()
    _create_tasks()
    _create_outbox()


def _create_cases() -> None:
    op.create_table(
        "alert_case",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("open_key", sa.String, nullable=True, unique=True),
        sa.Column("topic", sa.String, nullable=False, index=True),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("grade", sa.String, nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("notified", sa.Double, nullable=False),
        sa.Column("peak", sa.Double, nullable=False),
        sa.Column("last_spike_at", TIME, nullable=False),
        sa.Column("acknowledged_at", TIME, nullable=True),
        sa.Column("acknowledged_by", sa.String, nullable=True),
        sa.Column("verdict", sa.String, nullable=True),
        sa.Column("calm_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
    )


def _create_events() -> None:
    op.create_table(
        "alert_event",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("case_id", "number"),
    )


def _create_tasks() -> None:
    op.create_table(
        "alert_task",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("desk", sa.String, nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False, index=True),
        sa.Column("warn_at", TIME, nullable=False),
        sa.Column("warned_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.UniqueConstraint("case_id", "step", "turn"),
    )


def _create_outbox() -> None:
    op.create_table(
        "alert_outbox",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=False),
        sa.Column("task_id", SERIAL, sa.ForeignKey("alert_task.id"), nullable=True),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("message_id", sa.String, nullable=False, unique=True),
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
        sa.Column("second_at", TIME, nullable=True),
        sa.Column("answer", sa.Text, nullable=True),
        sa.UniqueConstraint("case_id", "step", "recipient", "revision"),
        sa.CheckConstraint("state in ('queued', 'claimed', 'sent', 'failed', 'withdrawn')"),
    )


def downgrade() -> None:
    for table in ("alert_outbox", "alert_task", "alert_event", "alert_case"):
        op.drop_table(table)
