from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.demo.counts import lost_letters, lost_posts
from stream.codec import POSTS
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.log.quarantine import Quarantined
from stream.messages import (
    Counts,
    Crawl,
    Kind,
    Label,
    Post,
    Precision,
    ScoredPost,
    content_hash,
    post_id,
)

NOW = datetime(2026, 9, 22, 6, 30, tzinfo=UTC)
SITE = "bbs"


def scored(native_id: str, edited_at: datetime | None = None) -> ScoredPost:
    name = post_id(SITE, native_id)
    return ScoredPost(
        id=name, site=SITE, native_id=native_id, source="bbs", kind=Kind.REPLY, thread_id=name, url="", title="",
        text="停电了", published_at=NOW, published_precision=Precision.SECOND, first_seen_at=NOW, observed_at=NOW,
        counted_at=NOW, charted_at=NOW, edited_at=edited_at, counts=Counts(), content_hash=content_hash("", "停电了"),
        crawl=Crawl(robots="allowed", rate=None, parser="discuz", version=1), emotion=None, polarity=None,
        negative=None, label=Label.UNCERTAIN, topics=(), fingerprint="0" * 16, model="none@0", unscored="empty",
        scored_at=NOW,
    )  # fmt: skip


def quarantined(native_id: str) -> Quarantined:
    post = scored(native_id)
    raw = POSTS.encode(Post(**{name: getattr(post, name) for name in Post.__dataclass_fields__}))
    return Quarantined(
        id="0" * 32, stage="score", topic="posts.raw", partition=0, offset=0, key="", reason="too_large", detail="",
        sha256="", raw=raw, truncated=False, at=NOW,
    )  # fmt: skip


@pytest.fixture
def index(tmp_path: Path) -> Callable[..., SqliteIndexReader]:
    def filled(*posts: ScoredPost) -> SqliteIndexReader:
        writer = SqliteIndexWriter(tmp_path / "index.db")
        writer.put(posts)
        writer.close()
        return SqliteIndexReader(tmp_path / "index.db")

    return filled


def test_what_is_indexed_or_quarantined_is_not_lost(index: Callable[..., SqliteIndexReader]) -> None:
    reader = index(scored("pid:1"))
    assert lost_posts(reader, [quarantined("pid:2")], SITE, {"pid:1": False, "pid:2": False}) == []


def test_a_post_served_and_nowhere_to_be_found_is_lost(index: Callable[..., SqliteIndexReader]) -> None:
    assert lost_posts(index(scored("pid:1")), [], SITE, {"pid:1": False, "pid:3": False}) == ["pid:3"]


def test_an_edit_that_was_served_and_not_indexed_is_lost(index: Callable[..., SqliteIndexReader]) -> None:
    reader = index(scored("pid:1"), scored("pid:2", edited_at=NOW))
    assert lost_posts(reader, [], SITE, {"pid:1": True, "pid:2": True}) == ["pid:1"]


def test_a_letter_that_was_not_taken_back_and_did_not_arrive_is_lost() -> None:
    letters = {"<1>": "sent", "<2>": "sent", "<3>": "withdrawn", "<4>": "queued"}
    assert lost_letters(letters, {"<1>"}) == ["<2>", "<4>"]
