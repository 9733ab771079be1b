"""Statements that two persons stand for, remedies with an owner and a date, copies of a case's letters; and of a case
what became of it: split, merged, reopened, supervised, graded by a person.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0016"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
NEW: dict[str, Any] = {
    "reopened_at": TIME, "previous_verdict": sa.String, "graded_by": sa.String, "seen_grade": sa.String,
    "count_at_end": sa.Double, "split_from": sa.Integer, "merged_into": sa.Integer, "supervised_at": TIME,
}  # fmt: skip


def case_of() -> sa.Column[int]:
    return sa.Column("case_id", SERIAL, sa.ForeignKey("alert_case.id"), nullable=False)


def upgrade() -> None:
    for name, kind in NEW.items():
        op.add_column("alert_case", sa.Column(name, kind, nullable=True))
    op.create_table(
        "alert_statement",
        sa.Column("id", SERIAL, primary_key=True),
        case_of(),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("approved_by", sa.String, nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("sent_back_by", sa.String, nullable=True),
        sa.Column("sent_back_at", TIME, nullable=True),
        sa.Column("sent_back_why", sa.Text, nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("void_at", TIME, nullable=True),
        sa.UniqueConstraint("case_id", "revision"),
    )
    op.create_table(
        "alert_remedy",
        sa.Column("id", SERIAL, primary_key=True),
        case_of(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("desk", sa.String, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("replaced_at", TIME, nullable=True),
        sa.Column("done_by", sa.String, nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("proof", sa.Text, nullable=True),
        sa.UniqueConstraint("case_id", "number"),
    )
    op.create_table(
        "alert_copy",
        sa.Column("id", SERIAL, primary_key=True),
        case_of(),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("case_id", "person"),
    )


def downgrade() -> None:
    for table in ("alert_copy", "alert_remedy", "alert_statement"):
        op.drop_table(table)
    for name in reversed(NEW):
        op.drop_column("alert_case", name)  # in place: a table made anew would leave its events without a case
