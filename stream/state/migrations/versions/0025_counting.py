"""Counting the posts of a list that stand, by the index alone: a crawl does so at its end, however many are known."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make("site", "thread", "deleted")


def downgrade() -> None:
    _make("site", "thread")


def _make(*columns: str) -> None:
    op.drop_index("crawler_post_thread", "crawler_post")
    op.create_index("crawler_post_thread", "crawler_post", [*columns])
