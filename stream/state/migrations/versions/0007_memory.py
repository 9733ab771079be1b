"""Finding the posts whose words the crawlers still remember, the oldest first."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REMEMBERED = sa.text("length(sent) > 0")


def upgrade() -> None:
    op.create_index(
        "crawler_post_words",
        "crawler_post",
        ["first_seen_at"],
        sqlite_where=REMEMBERED,
        postgresql_where=REMEMBERED,
    )


def downgrade() -> None:
    op.drop_index("crawler_post_words", "crawler_post")
