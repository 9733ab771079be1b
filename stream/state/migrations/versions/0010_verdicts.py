"""Verdicts by their keys, as a program compares them, not by the words that people read.

Only the case's own column: an event's detail is part of a chain of digests and stays as it was written, and what waits
for the log is a record of the wire, which carries the words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = {
    "rumour": "谣言",
    "true": "属实",
    "partly_true": "部分属实",
    "opinion": "观点/评价",
    "unverifiable": "无法核实",
    "not_ours": "非本单位",
}

CASES = sa.table("alert_case", sa.column("verdict", sa.String))


def upgrade() -> None:
    _rename({word: key for key, word in WORDS.items()})


def downgrade() -> None:
    _rename(WORDS)


def _rename(names: dict[str, str]) -> None:
    for old, new in names.items():
        op.execute(CASES.update().where(CASES.c.verdict == old).values(verdict=new))
