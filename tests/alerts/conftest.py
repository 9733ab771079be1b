"""What casework needs, on temporary files: real index and state database, the shipped configuration, made-up posts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import Engine

from alerts.casefile.context import CaseContext
from alerts.config import AlertsConfig
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts, Crawl, Kind, Label, Polarity, Precision, ScoredPost, content_hash, post_id
from stream.process.configuration import Configuration
from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from stream.topics import Rule, TopicsConfig, WatchedTopic
from tests.alerts.replies.mailing import DovecotMailbox, of_dovecot
from tests.engines import engine as address_of

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
ROOT = Path(__file__).parents[2]

Write = Callable[..., ScoredPost]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def config() -> AlertsConfig:
    return Configuration(ROOT / "configs" / "example", {}).add("alerts.yml", AlertsConfig)()


@pytest.fixture
def write() -> Write:
    def one(number: int, text: str = "停电了没人修", **changes: object) -> ScoredPost:
        native, at = f"pid:{number}", changes.pop("at", NOW)
        assert isinstance(at, datetime)
        post = ScoredPost(
            id=post_id("bbs", native), site="bbs", native_id=native, source="bbs", kind=Kind.REPLY,
            thread_id=post_id("bbs", "tid:1"), url=f"https://bbs.example.com/p/{number}", title="", text=text,
            voice=sha256(f"voice {number}".encode()).hexdigest()[:32], published_at=at,
            published_precision=Precision.MINUTE, first_seen_at=at, observed_at=at, counted_at=at, charted_at=at,
            counts=Counts(), content_hash=content_hash("", str(number)),
            crawl=Crawl(robots="allowed", rate=1.0, parser="t", version=1),
            emotion=None, polarity=Polarity(negative=0.9, neutral=0.1, positive=0.0), negative=0.9,
            label=Label.NEGATIVE, topics=("outage",), fingerprint=sha256(f"text {number}".encode()).hexdigest()[:16],
            model="test@1", scored_at=at,
        )  # fmt: skip
        return replace(post, **changes)  # type: ignore[arg-type]

    return one


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIndexWriter]:
    writer = SqliteIndexWriter(tmp_path / "index.db")
    yield writer
    writer.close()


@pytest.fixture
def context(tmp_path: Path, index: SqliteIndexWriter, engine: Engine, config: AlertsConfig) -> Iterator[CaseContext]:
    topics = TopicsConfig(
        topics={"outage": WatchedTopic(name="停电抢修", owner="dispatch", rules=(Rule(any_of=("停电",)),))}
    )
    reader = SqliteIndexReader(tmp_path / "index.db")
    with transaction(engine) as session:
        fresh = NOW + timedelta(days=30)
        session.add(SourceHealth(source="bbs", site="bbs", state="ok", succeeded_at=NOW, fresh_until=fresh))
    yield CaseContext(engine, reader, config, topics)
    reader.close()


@pytest.fixture
def quiet_weeks(index: SqliteIndexWriter, write: Write) -> None:
    """Five days of an ordinary topic: a post every other hour, a quarter of them negative."""
    posts = []
    for number in range(58):
        at = NOW - timedelta(hours=2 * number + 3)
        label = Label.NEGATIVE if number % 4 == 0 else Label.NEUTRAL
        posts.append(write(10_000 + number, f"平常的帖子 {number}", at=at, label=label))
    index.put(posts)


@pytest.fixture
def rumour(index: SqliteIndexWriter, write: Write) -> Callable[..., list[ScoredPost]]:
    """Lets a rumour ferment: `count` negative posts of as many voices, one a minute, the last at `until`."""

    def ferment(count: int, until: datetime = NOW, first: int = 1, **changes: object) -> list[ScoredPost]:
        said: dict[str, object] = {"text": "听说好几个小区停电三天没人管"} | changes
        step = timedelta(minutes=40) / count
        posts = [write(first + n, at=until - (count - n) * step, **said) for n in range(count)]
        index.put(posts)
        return posts

    return ferment


@pytest.fixture
def dovecot() -> DovecotMailbox:
    """A new mailbox on the real server; skipped without one, as tests/engines.py says."""
    box = of_dovecot(address_of("WENFENG_TEST_DOVECOT"), f"u{token_hex(6)}", folder="Replies")
    found = DovecotMailbox(box)
    with found.looked_at() as client:
        client.create("Replies")
    return found
