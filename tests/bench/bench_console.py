"""How long the console takes to write each page: `python -m tests.bench.bench_console --posts 1000000`.

Posts and cases are made up once and kept below var/bench; the embedded engines answer. Time is the server's, from the
request read to the answer written, in this process: no network, no browser. Bytes are of the answer as it leaves.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from alerts.casefile.casework import numbers
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot, from_json, to_json
from alerts.casefile.tables import CaseRow, EventKind, insert_case, insert_task, read_case, record
from alerts.config import AlertsConfig
from alerts.console.accounts.sessions import begin_session
from alerts.console.app import build_app, cookie_name
from alerts.console.door import Door, Premises, address
from alerts.console.doors import DOORS
from alerts.desk.cases import act_on_case
from alerts.desk.reporting import open_by_hand
from alerts.notify.console import ConsoleConfig
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Case, OpenRequest
from alerts.workflow.ladder import begin, owed
from alerts.workflow.rules import WORKFLOW
from stream.config import StreamConfig
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.state.database import disposing, migrate, open_state, transaction
from stream.state.source_health import SourceHealth
from stream.topics import Rule, TopicsConfig, WatchedTopic
from tests.bench.bench_index import BATCH, SPAN, START, made
from tests.bench.sheets import Aim, Sheet, show

KEPT = Path("var/bench")
EXAMPLE = Path("configs/example")
ADDRESS = "http://127.0.0.1:8420"
NOW = START + SPAN
PERSON = "zhao_lei"
FIRST = 1  # the number of the case that is looked at
WARMING, LEARNING = 120.0, "正在读取话题走势"  # seconds; what the page says until then
WANTED_MS, WANTED_BYTES = 150.0, 100_000.0
TOPICS = 50
OPEN, ENDED = ("screening", "reporting", "verifying", "wording", "tracking"), ("reviewing", "false_alarm", "archived")
#: What is asked of a page beyond its address.
ASKED: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "/search": ({}, {"q": "食品安全"}, {"q": "没有这句话"}, {"q": "食品安全", "topics": "topic-3"}),
}
BESIDE = ("/healthz", "/readyz", "/metrics", "/out", "/case/{number}/express.docx", "/case/{number}/report.docx")


def topics() -> TopicsConfig:
    """The watched topics."""
    rows = {
        f"topic-{number}": WatchedTopic(
            name=f"话题{number}", owner="dispatch", rules=(Rule(any_of=(f"话题{number}",)),)
        )
        for number in range(TOPICS)
    }  # fmt: skip
    return TopicsConfig(topics=rows)


def post_of(rng: random.Random, number: int, posts: int) -> ScoredPost:
    """A post; every third belongs to a topic."""
    one = made(rng, number, START + SPAN * number / posts)
    return replace(one, topics=(f"topic-{number // 3 % TOPICS}",) if number % 3 == 0 else ())


def fill_index(path: Path, posts: int) -> None:
    """Puts the posts into a new index."""
    rng = random.Random(20260921)
    with closing(SqliteIndexWriter(path)) as writer:
        for first in track(range(0, posts, BATCH), description="filling", transient=True):
            numbers = range(first, min(first + BATCH, posts))
            writer.put([post_of(rng, number, posts) for number in numbers])


def open_cases(context: CaseContext, cases: int) -> None:
    """Makes the cases: the first one as people do, with its letters, the rest as copies; one a topic is open."""
    with transaction(context.engine) as session:
        for number in range(5):
            key, fresh = f"source-{number}", NOW + timedelta(days=1)
            session.add(SourceHealth(source=key, site="bbs", state="ok", succeeded_at=NOW, fresh_until=fresh))
    Watcher(context, (), "bench").look(NOW)  # what it learns of every topic is kept; without it each look learns anew
    first = open_by_hand(context, OpenRequest("topic-0", "zhang_min", "接到来电反映", claimed=False), NOW)
    for action in ("acknowledge", "judge", "report"):
        act_on_case(context, first.id, ActRequest(action, "wang_fang", "已电话核对", claimed=False), NOW)
    with transaction(context.engine) as session:
        snapshot = from_json(session.get_one(CaseRow, first.id).found)
        for number in reversed(range(1, cases)):  # those that have ended first: a row is written as if it were open
            copy_case(session, context, first, snapshot, number)


def copy_case(session: Session, context: CaseContext, first: Case, snapshot: CaseSnapshot, number: int) -> None:
    """Writes a case like the first one, at one of several stages: beyond one a topic they have ended."""
    is_open = number < TOPICS
    topic, stages = f"topic-{number if is_open else 1 + number % (TOPICS - 1)}", OPEN if is_open else ENDED
    at, stage = NOW - timedelta(minutes=number), stages[number % len(stages)]
    found = replace(snapshot, signal=replace(snapshot.signal, topic=topic))
    ends = None if WORKFLOW.is_open(stage) else at
    copied = replace(
        first, topic=topic, stage=stage, opened_at=at, since=at, ended_at=ends,
        acknowledged_at=at if number % 3 else None, acknowledged_by="张敏" if number % 3 else None,
    )  # fmt: skip
    case = read_case(insert_case(session, copied, to_json(found)))
    record(session, case.id, EventKind.OPENED, at=at, by="watch", detail=numbers(found.signal, case.grade))
    if (step := owed(case)) is not None and ends is None:
        insert_task(session, begin(case, step, context.config.ladder, owner="dispatch", turn=0, now=at))


@contextmanager
def premises(posts: int, cases: int, kept: Path = KEPT) -> Iterator[Premises]:
    """The console's engines over so many posts and cases, made where they are not kept from before."""
    folder = kept / f"console-{posts}-{cases}"
    folder.mkdir(parents=True, exist_ok=True)
    index, done = folder / "index.db", folder / "done"
    if not done.exists():
        for left in folder.iterdir():
            left.unlink()
        fill_index(index, posts)
    alerts = Configuration(EXAMPLE, {}).add("alerts.yml", AlertsConfig)()
    console = ConsoleConfig(address=ADDRESS, administrators=(PERSON,))
    with ExitStack() as stack:
        configure("console", stream=stack.enter_context((folder / "console.log").open("w", encoding="utf-8")))
        engine = stack.enter_context(disposing(open_state(f"sqlite:///{folder / 'state.db'}")))
        reader = stack.enter_context(closing(SqliteIndexReader(index)))
        migrate(engine)
        context = CaseContext(engine, reader, replace(alerts, console=console), topics())
        if not done.exists():
            open_cases(context, cases)
            done.touch()
        yield Premises(context, console, StreamConfig(var=folder), EXAMPLE)


def pages(case_id: int) -> Iterator[str]:
    """Every page that somebody who signed in may look at."""
    for door in DOORS:
        if isinstance(door, Door) and door.show is not None and door.path not in BESIDE:
            path = door.path.replace("{number}", str(case_id))
            yield from (address(path, **asked) for asked in ASKED.get(door.path, ({},)))


def measured(ask: Callable[[], bytes], times: int) -> tuple[float, float, float]:
    """Milliseconds at the median and at worst, and the bytes; the first time, which loads templates, is left out."""
    size, took = len(ask()), []
    for _ in range(times):
        begun = perf_counter()
        ask()
        took.append((perf_counter() - begun) * 1000)
    return median(took), max(took), float(size)


def sheet(posts: int, *, cases: int = 500, times: int = 20, kept: Path = KEPT) -> Sheet:
    """A row a page. The clock stands still: what is kept for a moment is kept for all requests but the first."""
    found = Sheet("console", f"pages of the console over {posts:,} posts, {TOPICS} topics and {cases} cases")
    with premises(posts, cases, kept) as over:
        client = TestClient(build_app(over, DOORS, ScriptedClock(NOW)), base_url=ADDRESS, follow_redirects=False)
        client.cookies.set(cookie_name(over.console), begin_session(over.context.engine, PERSON, NOW))

        def ask(path: str) -> bytes:
            answer = client.get(path)
            if answer.status_code >= 400:
                raise RuntimeError(f"{path}: {answer.status_code}")
            return answer.content

        until = monotonic() + WARMING  # a console that was just started learns all topics beside its first answers
        while LEARNING in ask("/").decode() and monotonic() < until:
            sleep(0.5)
        for path in pages(FIRST):
            middle, worst, size = measured(lambda path=path: ask(path), times)  # type: ignore[misc]
            found.rows[path] = {"p50 ms": middle, "worst ms": worst, "bytes": size}
    slowest, largest = (max(float(row[column]) for row in found.rows.values()) for column in ("p50 ms", "bytes"))
    found.aims.append(Aim("a page of the console, the slowest", WANTED_MS, slowest, "ms", at_most=True))
    found.aims.append(Aim("a page of the console, the largest", WANTED_BYTES, largest, "bytes", at_most=True))
    return found


@click.command()
@click.option("--posts", default=100_000, show_default=True, help="How many posts are in the index.")
@click.option("--cases", default=500, show_default=True, help="How many cases there are.")
@click.option("--times", default=20, show_default=True, help="How often each page is asked for.")
def main(posts: int, cases: int, times: int) -> None:
    """Measure the console's pages: milliseconds and bytes."""
    show(sheet(posts, cases=cases, times=times), Console())


if __name__ == "__main__":
    main()
