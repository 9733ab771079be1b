"""How fast forums are crawled, and what many sources cost: `python -m tests.bench.bench_crawling --threads 400`.

A made-up Discuz! forum is served on loopback by a process of its own, without delays. Each contender is a process of
its own that has crawled once before, so that nothing is loaded while the clock runs; a core second is its own processor
time, of all its threads. Ours does all its work: robots.txt, its politeness but the delay, posts into the embedded log
and state with every flush. The parse share is the processor time inside the reader of pages.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, thread_time
from typing import cast

import click
from rich.console import Console
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from sqlalchemy import Engine, insert, update

from crawlers.cursors import PostRow, ThreadRow
from crawlers.health import Tally
from crawlers.kinds import KINDS, SourceKind
from crawlers.packing import pack
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import Answer, BoardListing, ThreadPage
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.forums.forum_source import DiscuzSource
from crawlers.pull.loop import CrawlLoop
from scripts.capacity.measure import bare
from stream.codec import POSTS
from stream.config import StreamConfig
from stream.engines import apply_topics, open_producer, open_state_engine
from stream.messages import post_id
from stream.process.clock import SystemClock
from stream.process.logs import configure
from stream.state.database import disposing, transaction
from tests.bench import bench_schedule
from tests.bench.bench_index import made
from tests.bench.crawl_site import fetch, served
from tests.bench.made_forum import PER_PAGE, MadeForum
from tests.bench.plain_spider import SETTINGS, PlainSpider
from tests.bench.sheets import PER_CORE, TIMES, Aim, Sheet, Spent, apart, show, spent

WANTED = 400.0  # pages a core second
GROWTH = 1.5  # times what a page may cost where ten and a hundred times as much is known
PLAIN = "Scrapy, parsel selectors"
FIRST, AGAIN = "ours, every post new", "ours, every page again, nothing new"
PARSE_SHARE, MS = "parse share", "core ms a page"
CLOCK = SystemClock()
OLD = datetime(2026, 11, 1, tzinfo=UTC)


class TimedForum(DiscuzForum):
    """The reader of Discuz! with a stopwatch."""

    spent = 0.0

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        begun = thread_time()
        try:
            return super().read_board(answer, board)
        finally:
            TimedForum.spent += thread_time() - begun

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        begun = thread_time()
        try:
            return super().read_thread(answer, thread, opening)
        finally:
            TimedForum.spent += thread_time() - begun


@dataclass(frozen=True, slots=True)
class Lap:
    """One crawl: its pages, what they took, and the part of the processor time that went into reading them."""

    pages: Spent
    parsing: float = 0.0

    @property
    def cells(self) -> dict[str, float | str]:
        """What a table shows of it."""
        shown: dict[str, float | str] = {**self.pages.rates, MS: self.pages.core / self.pages.count * 1000}
        return shown | ({PARSE_SHARE: f"{self.parsing / self.pages.core:.0%}"} if self.parsing else {})


@contextmanager
def environment(folder: Path) -> Iterator[CrawlEnvironment]:
    """What crawls need, on embedded engines in a folder."""
    config = StreamConfig(var=folder)
    apply_topics(config)
    with ExitStack() as stack:
        configure("crawlers", stream=stack.enter_context((folder / "crawlers.log").open("w", encoding="utf-8")))
        engine = stack.enter_context(disposing(open_state_engine(config)))
        producer = stack.enter_context(closing(open_producer(config, CLOCK)))
        loop = stack.enter_context(closing(CrawlLoop()))
        yield CrawlEnvironment(
            loop=loop, producer=producer, engine=engine, clock=CLOCK, voice_key=b"k" * 32,
            contact="bench@example.com", samples=folder / "samples", keep=timedelta(days=90),
        )  # fmt: skip


def source(port: int, site: str = "bbs") -> DiscuzSource:
    """The served forum as crawlers.yml has it."""
    return DiscuzSource(
        site=site, basis="benchmark", url=f"http://127.0.0.1:{port}/forum.php", delay=timedelta(0), private=True,
        sweep=0,
    )  # fmt: skip


def lap(port: int, wanted: int, around: CrawlEnvironment, site: str = "bbs") -> Lap:
    """One crawl. Raises RuntimeError where it did not read every page well."""
    TimedForum.spent = 0.0
    told: list[Tally] = []
    took = spent(wanted, lambda: told.append(crawl(site, source(port, site), around)))
    if (told[0].pages, told[0].reason()) != (wanted, ""):
        raise RuntimeError(f"{told[0].pages} of {wanted} pages: {told[0].reason()}")
    return Lap(took, TimedForum.spent)


def forget_visits(engine: Engine) -> None:
    """Makes every thread one that moved, so that all of them are read again."""
    with transaction(engine) as session:
        session.execute(update(ThreadRow).values(listed="before"))


def ours(port: int, wanted: int) -> tuple[Lap, Lap]:
    """Our spider twice over the forum: all posts new, then all known. A crawl of another site's name comes before."""
    cast(dict[str, SourceKind], KINDS)["discuz"] = replace(KINDS["discuz"], given={"software": TimedForum})
    with TemporaryDirectory() as folder, environment(Path(folder)) as around:
        crawl("warm", replace(source(port, "warm"), pages=1, backfill=10), around)
        first = lap(port, wanted, around)
        forget_visits(around.engine)
        return first, lap(port, wanted, around)


def plain(port: int, wanted: int, posts: int) -> Lap:
    """Scrapy alone, twice: the first time is not counted. Raises RuntimeError where it missed something."""
    with closing(CrawlLoop()) as loop:
        loop.trust("127.0.0.1", True)
        for _ in range(2):
            runner = AsyncCrawlerRunner(SETTINGS)
            crawler = runner.create_crawler(PlainSpider)
            wall, core = perf_counter(), process_time()
            loop.run(_plainly(runner, crawler, f"http://127.0.0.1:{port}/forum.php"))
            took = Spent(wanted, perf_counter() - wall, process_time() - core)
            spider = crawler.spider
            assert isinstance(spider, PlainSpider)
            if (spider.pages, spider.items) != (wanted, posts):
                raise RuntimeError(f"{spider.pages} of {wanted} pages, {spider.items} of {posts} posts")
    return Lap(took)


async def _plainly(runner: AsyncCrawlerRunner, crawler: Crawler, home: str) -> None:
    await runner.crawl(crawler, home=home)


def pages_sheet(threads: int) -> Sheet:
    """Ours beside plain Scrapy on one forum."""
    forum = MadeForum(threads)
    paths = [path for path, _ in forum.everything()]
    with served(forum) as port:
        begun, came = perf_counter(), fetch(port, paths)
        alone = len(paths) / (perf_counter() - begun)
        kilobytes = came / len(paths) / 1000
        found = Sheet(
            "crawling",
            f"a Discuz! forum of {forum.size:,} pages ({kilobytes:.0f} kB, {PER_PAGE} posts) on loopback, no delay",
        )
        found.rows[PLAIN] = apart(plain, port, forum.size, forum.posts).cells
        for name, one in zip((FIRST, AGAIN), apart(ours, port, forum.size), strict=True):
            found.rows[name] = one.cells
    found.compare(PLAIN)
    found.notes.append(f"the server alone answers {alone:,.0f} pages a second over one connection")
    found.aims.append(
        Aim("crawling, every post new", WANTED, float(found.rows[FIRST][PER_CORE]), "pages a core second")
    )
    found.aims.append(Aim("crawling, beside plain Scrapy", 1.0, float(found.rows[FIRST][TIMES]), "times"))
    return found


def fill(engine: Engine, threads: int, posts: int) -> None:
    """Writes what a site of so many threads and posts, all read long ago, leaves in the state."""
    record = pack(POSTS.encode(bare(made(Random(1), 1, OLD))))
    with transaction(engine) as session:
        connection = session.connection()
        connection.execute(
            insert(ThreadRow.__table__),  # type: ignore[arg-type]
            [
                {
                    "site": "bbs", "thread": f"{10**6 + one}", "listed": "1 2", "published_at": OLD, "visited_at": OLD,
                    "due_at": None, "board": str(one % 4 + 1),
                }
                for one in range(threads)
            ],
        )  # fmt: skip
        for start in range(0, posts, 10_000):
            connection.execute(
                insert(PostRow.__table__),  # type: ignore[arg-type]
                [
                    {
                        "site": "bbs", "native_id": (name := f"pid:{10**9 + one}"), "post_id": post_id("bbs", name),
                        "thread": f"{10**6 + one % threads}", "first_seen_at": CLOCK.now(), "sent": record,
                        "deleted": False, "missed": False,
                    }
                    for one in range(start, min(start + 10_000, posts))
                ],
            )  # fmt: skip


def grown(port: int, wanted: int, threads: int, posts: int) -> Lap:
    """A crawl of a forum by a state that knows so many other threads and posts of the same boards."""
    with TemporaryDirectory() as folder, environment(Path(folder)) as around:
        crawl("warm", replace(source(port, "warm"), pages=1, backfill=10), around)
        fill(around.engine, threads, posts)
        return lap(port, wanted, around)


def whole(port: int, wanted: int) -> Lap:
    """A crawl of everything, after one of another name that loads what a crawl needs."""
    with TemporaryDirectory() as folder, environment(Path(folder)) as around:
        crawl("warm", replace(source(port, "warm"), pages=1, backfill=1), around)
        return lap(port, wanted, around)


def growth_sheet(known: int, read: int) -> Sheet:
    """What a page costs where ten and a hundred times as much is known, is to be read, or stands in one thread."""
    found = Sheet("crawling_growth", "what a page costs where there is ten and a hundred times as much")
    with served(forum := MadeForum(100)) as port:
        laps = [apart(grown, port, forum.size, known * more, known * more * PER_PAGE) for more in (1, 10, 100)]
    _grow(found, [f"{known * more:,} threads, {known * more * PER_PAGE:,} posts known" for more in (1, 10, 100)], laps)
    _grow(found, *_by_size([MadeForum(read * more, pages=1) for more in (1, 10, 100)], "{0.threads:,} threads read"))
    _grow(found, *_by_size([MadeForum(4, pages=3 * more) for more in (1, 10, 100)], "4 threads of {0.pages:,} pages"))
    worst = max(float(row[TIMES]) for row in found.rows.values())
    found.aims.append(Aim("a page where a hundred times as much is known", GROWTH, worst, "times", at_most=True))
    return found


def _by_size(forums: Sequence[MadeForum], told: str) -> tuple[list[str], list[Lap]]:
    laps = []
    for forum in forums:
        with served(forum) as port:
            laps.append(apart(whole, port, forum.size))
    return [told.format(forum) for forum in forums], laps


def _grow(found: Sheet, names: Sequence[str], laps: Sequence[Lap]) -> None:
    """Adds the rows, each beside the first of them."""
    costs = [one.pages.core / one.pages.count for one in laps]
    for name, one, cost in zip(names, laps, costs, strict=True):
        found.rows[name] = {"pages": float(one.pages.count), MS: cost * 1000, TIMES: cost / costs[0]}


def sheets(threads: int, known: int, sources: int) -> Iterator[Sheet]:
    """All tables of collecting; `sources` at once, and a tenth and ten times as many beside them."""
    yield pages_sheet(threads)
    yield growth_sheet(known, max(known // 10, 1))
    yield bench_schedule.sheet(sources)


@click.command()
@click.option("--threads", default=300, show_default=True, help="Of the forum, three pages each.")
@click.option("--known", default=300, show_default=True, help="Threads that the state knows; ten and a hundred times.")
@click.option("--sources", default=1000, show_default=True, help="In one crawlers.yml.")
def main(threads: int, known: int, sources: int) -> None:
    """Measure collecting: pages of a core second, growth, many sources."""
    for sheet in sheets(threads, known, sources):
        show(sheet, Console())


if __name__ == "__main__":
    main()
