"""A scored post made up for a test: say what matters, the rest is plausible."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from stream.messages import Counts, Crawl, Kind, Label, Polarity, Precision, ScoredPost, content_hash, post_id

NOON = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def scored(number: int, text: str = "食品安全", at: datetime = NOON, **changes: object) -> ScoredPost:
    """Post `number` of the site bbs, published, seen and observed at `at`."""
    native = f"pid:{number}"
    post = ScoredPost(
        id=post_id("bbs", native),
        site="bbs",
        native_id=native,
        source="bbs-main",
        kind=Kind.REPLY,
        thread_id=post_id("bbs", "tid:1"),
        url=f"https://bbs.example.com/p/{number}",
        title="",
        text=text,
        voice=sha256(f"voice {number}".encode()).hexdigest()[:32],
        published_at=at,
        published_precision=Precision.MINUTE,
        first_seen_at=at,
        observed_at=at,
        counted_at=at,
        charted_at=at,
        counts=Counts(views=number),
        content_hash=content_hash("", text),
        crawl=Crawl(robots="allowed", rate=1.0, parser="test", version=1),
        emotion=None,
        polarity=Polarity(negative=0.75, neutral=0.25, positive=0.0),
        negative=0.75,
        label=Label.NEGATIVE,
        topics=("food",),
        fingerprint=sha256(text.encode()).hexdigest()[:16],
        model="test@1",
        scored_at=at,
    )
    return replace(post, **changes)  # type: ignore[arg-type]
