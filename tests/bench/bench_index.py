"""How fast an index takes posts and answers: `python -m tests.bench.bench_index --posts 1000000 [--elastic URL]`.

Synthetic Chinese forum posts from a seeded generator: characters as unequally frequent as in real text (Zipf), some
phrases of known share. Each batch is one `put`, flushed to the disk. On Elasticsearch the bench makes indices of a name
of its own and removes them.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from secrets import token_hex
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import click
from rich.console import Console
from rich.progress import track

from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect
from stream.index.port import Axis, Finder, Order, Query, Writer
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts, Crawl, Emotion, Kind, Label, Polarity, Precision, ScoredPost, content_hash, post_id
from tests.bench.sheets import PER_CORE, PER_SECOND, Aim, Sheet, Spent, show, spent

Opened = AbstractContextManager[tuple[Writer, Finder, Callable[[], int]]]

START = datetime(2026, 6, 1, tzinfo=UTC)
SPAN = timedelta(days=90)
BATCH = 500
PHRASE_ROWS = ("search 食品安全 (", "search 电池爆炸 (", "search 高空抛物 (", "search 没有这句话 (")
PHRASES = {"食品安全": 0.01, "电池爆炸": 0.001, "iphone15": 0.005, "👍🏽": 0.002, "高空抛物": 0.0001}

HAN = [chr(0x4E00 + (at * 7919) % 20_900) for at in range(4000)]
HAN[7:7] = "安品全食高空电池"  # the phrases' own characters are common ones, or a phrase would be too easy to find
WEIGHTS = list(accumulate(1 / (rank + 5) for rank in range(len(HAN))))


def text_of(rng: random.Random) -> str:
    """A post of 20 to 180 characters, cut by commas, holding each phrase as often as `PHRASES` says."""
    chars = rng.choices(HAN, cum_weights=WEIGHTS, k=rng.randint(20, 180))
    chars[10::11] = ["，"] * len(chars[10::11])
    chars += [phrase for phrase, share in PHRASES.items() if rng.random() < share]
    return "".join(chars)


def made(rng: random.Random, number: int, at: datetime) -> ScoredPost:
    """One post with all its fields set."""
    text, negative = text_of(rng), rng.random()
    label = Label.NEGATIVE if negative > 0.8 else Label.NEUTRAL
    return ScoredPost(
        id=post_id("bbs", f"pid:{number}"),
        site="bbs",
        native_id=f"pid:{number}",
        source=f"source-{number % 5}",
        kind=Kind.REPLY,
        thread_id=post_id("bbs", f"tid:{number // 20}"),
        board="市民之声",
        floor=number % 20 + 1,
        url=f"https://bbs.example.com/thread-{number // 20}-1-1.html#pid{number}",
        title="",
        text=text,
        voice=f"{rng.getrandbits(16):032x}",
        published_at=at,
        published_precision=Precision.MINUTE,
        first_seen_at=at,
        observed_at=at,
        counted_at=at,
        charted_at=at,
        counts=Counts(views=number % 999),
        content_hash=content_hash("", text),
        crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
        emotion=Emotion(happy=0.1, neutral=0.2, angry=negative / 2, sad=0.1, fear=0.05, surprise=0.05),
        polarity=Polarity(negative=negative, neutral=1 - negative, positive=0.0),
        negative=negative,
        label=label,
        topics=(f"topic-{number % 50}",) if number % 3 == 0 else (),
        fingerprint=f"{rng.getrandbits(64):016x}",
        model="wenfeng@1",
        scored_at=at,
    )


def fill(writer: Writer, posts: int) -> Spent:
    """What `put` takes. Making the posts is not timed."""
    rng, clock, cpu = random.Random(20260921), 0.0, 0.0
    for first in track(range(0, posts, BATCH), description="filling", transient=True):
        numbers = range(first, min(first + BATCH, posts))
        batch = [made(rng, number, START + SPAN * number / posts) for number in numbers]
        one = spent(len(batch), lambda batch=batch: writer.put(batch))  # type: ignore[misc]
        clock, cpu = clock + one.wall, cpu + one.core
    return Spent(posts, clock, cpu)


def measure(ask: Callable[[], object], times: int) -> tuple[float, float]:
    """Milliseconds at the median and at the 95th percentile."""
    spent = []
    for _ in range(times):
        begun = perf_counter()
        ask()
        spent.append((perf_counter() - begun) * 1000)
    return median(spent), quantiles(spent, n=20)[-1]


def questions(reader: Finder) -> dict[str, Callable[[], object]]:
    """What is asked, by the name it has in the table."""
    end = START + SPAN
    typed = [*PHRASES, HAN[0], HAN[300], HAN[0] + HAN[1], f"-{HAN[0]}", "食品安全 -电池爆炸", "没有这句话"]
    asked: dict[str, Callable[[], object]] = {}
    for words in typed:
        query = Query(words=words)
        asked[f"search {words} ({reader.count(query)} hits)"] = lambda query=query: reader.search(query)  # type: ignore[misc]
    asked["count 食品安全"] = lambda: reader.count(Query(words="食品安全"))
    asked["search 食品安全 in the last day"] = lambda: reader.search(
        Query(words="食品安全", charted_since=end - timedelta(days=1))
    )
    most_negative = Query(words=HAN[0])
    asked[f"most negative of {HAN[0]}"] = lambda: reader.search(most_negative, order=Order.NEGATIVE)
    asked["most answered of all"] = lambda: reader.search(Query(), order=Order.REPLIES)
    asked["search a board that there is not"] = lambda: reader.search(Query(boards=("无",)))
    asked[f"count {HAN[0]}, as far as a person waits"] = lambda: reader.count_up_to(most_negative)
    asked["newest negative of a topic"] = lambda: reader.search(Query(topics=("topic-3",), labels=(Label.NEGATIVE,)))
    for days, minutes in ((1, 5), (21, 60)):
        query, step = Query(topics=("topic-3",)), timedelta(minutes=minutes)
        asked[f"histogram of a topic, {days} d by {minutes} min"] = lambda q=query, s=step, d=days: reader.histogram(  # type: ignore[misc]
            q, Axis.COUNTED, end - timedelta(days=d), end, s
        )
    asked["histogram of all, 90 d by day"] = lambda: reader.histogram(
        Query(), Axis.CHARTED, START, end, timedelta(days=1)
    )
    return asked


@contextmanager
def embedded(folder: Path | None) -> Iterator[tuple[Writer, Finder, Callable[[], int]]]:
    """An index in a file that is removed afterwards, and what tells its bytes."""
    with TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "index.db"
        with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
            yield writer, reader, lambda: path.stat().st_size


@contextmanager
def elastic(url: str) -> Iterator[tuple[Writer, Finder, Callable[[], int]]]:
    """Indices on a server that are removed afterwards, and what tells their bytes once all is found."""
    client, names = connect(url), Names(f"bench-{token_hex(4)}")

    def size() -> int:
        client.indices.refresh(index=names.pattern)
        return int(client.indices.stats(index=names.pattern).body["_all"]["primaries"]["store"]["size_in_bytes"])

    try:
        yield ElasticIndexWriter(client, names), ElasticIndexReader(client, names), size
    finally:
        for index in [*client.indices.get_alias(index=names.pattern).body, names.erased]:
            client.indices.delete(index=index)
        client.indices.delete_index_template(name=names.posts)
        for component in (names.settings, names.mapping):
            client.cluster.delete_component_template(name=component)
        client.close()


def filled(key: str, engine: str, opened: Opened, *, posts: int, times: int) -> Iterator[Sheet]:
    """How fast it fills, then how fast it answers."""
    with opened as (writer, reader, size):
        into = Sheet(f"{key}_in", f"{engine}: {posts} posts in, {BATCH} at once, each put flushed")
        into.rows[engine] = {**fill(writer, posts).rates, "bytes a post": size() / posts}
        yield into
        out = Sheet(f"{key}_out", f"{engine}: answers over {posts} posts")
        for name, ask in questions(reader).items():
            middle, high = measure(ask, times)
            out.rows[name] = {"p50 ms": middle, "p95 ms": high}
        yield out


def sheets(posts: int, *, times: int = 20, folder: Path | None = None, url: str | None = None) -> Iterator[Sheet]:
    """The embedded index; Elasticsearch at `url` too, with a twentieth of the posts."""
    for sheet in filled("index", "embedded index", embedded(folder), posts=posts, times=times):
        if sheet.key == "index_in":
            row = sheet.rows["embedded index"]
            sheet.aims.append(Aim("embedded index, in", 5000, float(row[PER_SECOND]), "posts/s"))
            sheet.aims.append(Aim("embedded index, in, of a core", 5000, float(row[PER_CORE]), "posts a core second"))
        else:
            phrases = [row for name, row in sheet.rows.items() if name.startswith(tuple(PHRASE_ROWS))]
            slowest = max(float(row["p50 ms"]) for row in phrases)
            sheet.aims.append(Aim(f"phrase over {posts:,} posts, the slowest", 50, slowest, "ms", at_most=True))
        yield sheet
    if url is not None:
        yield from filled("elastic", "Elasticsearch", elastic(url), posts=max(BATCH, posts // 20), times=times)


@click.command()
@click.option("--posts", default=100_000, show_default=True, help="How many posts to index.")
@click.option("--times", default=20, show_default=True, help="How often to ask each question.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to keep the index file.")
@click.option("--elastic", "url", help="Measure Elasticsearch at this address too, with a twentieth of the posts.")
def main(posts: int, times: int, folder: Path | None, url: str | None) -> None:
    """Measure an index: posts a second in, milliseconds a question."""
    for sheet in sheets(posts, times=times, folder=folder, url=url):
        show(sheet, Console())


if __name__ == "__main__":
    main()
