"""Tombstones of erased posts; and a post's id beside what the crawlers remember of it, by which they forget."""

from hashlib import sha256
from json import dumps

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CHUNK = 1000
POST = sa.table("crawler_post", sa.column("site"), sa.column("native_id"), sa.column("post_id"))


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("post_id", sa.String, primary_key=True),
        sa.Column("erased_at", TIME, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("until", TIME),
    )
    op.add_column("crawler_post", sa.Column("post_id", sa.String, nullable=False, server_default=""))
    op.create_index("crawler_post_id", "crawler_post", ["post_id"])
    _name_posts(op.get_bind())


def _name_posts(connection: sa.Connection) -> None:
    unnamed = sa.select(POST.c.site, POST.c.native_id).where(POST.c.post_id == "").limit(CHUNK)
    named = (
        sa.update(POST)
        .where(POST.c.site == sa.bindparam("of"), POST.c.native_id == sa.bindparam("called"))
        .values(post_id=sa.bindparam("name"))
    )
    while rows := connection.execute(unnamed).all():
        connection.execute(
            named, [{"of": site, "called": native_id, "name": _post_id(site, native_id)} for site, native_id in rows]
        )


def _post_id(site: str, native_id: str) -> str:
    told = dumps([site, native_id], ensure_ascii=False, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()[:32]


def downgrade() -> None:
    op.drop_index("crawler_post_id", "crawler_post")
    with op.batch_alter_table("crawler_post") as batch:
        batch.drop_column("post_id")
    op.drop_table("tombstone")
