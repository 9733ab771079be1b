"""Two schedulers on one state never double a crawl; what cannot be begun is late, then missed, and counted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from crawlers.config import CrawlersConfig
from crawlers.health import all_sources
from crawlers.pull.politeness.stops import resume, stop
from crawlers.scheduling.ledger import LASTS, ticks
from crawlers.scheduling.scheduler import CrawlScheduler
from crawlers.scheduling.watched import WatchedConfig
from crawlers.scheduling.worker import CrawlEnd, CrawlJob
from stream.process.configuration import Configuration
from tests.crawlers.scheduling.test_watched import folder  # noqa: F401 - a fixture
from tests.databases import opened

NOW = datetime(2026, 11, 28, 8, 0, 30, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LINE = (
    "  {name}: {{site: {name}, software: feed, url: 'https://{host}/feed', basis: a test, cron: '*/10 * * * *'"
    "{more}}}\n"
)


class Hall:
    """Processes as the scheduler sees them, which crawl nothing; a test says when a crawl ends."""

    def __init__(self, size: int = 4) -> None:
        self.size, self.running, self.begun = size, dict[str, CrawlJob](), list[str]()
        self.cut_off: list[str] = []
        self._ended: list[str] = []

    def free(self) -> bool:
        return len(self.running) < self.size

    def start(self, job: CrawlJob) -> None:
        self.running[job.name] = job
        self.begun.append(job.name)

    def end(self, *names: str) -> None:
        self._ended += names

    def collect(self) -> list[CrawlEnd]:
        ended, self._ended = self._ended, []
        for name in ended:
            del self.running[name]
        return [CrawlEnd(name, "ok", last=False) for name in ended]

    def cut(self, name: str) -> None:
        self.cut_off.append(name)

    def stop(self) -> None:
        self.running.clear()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Engine]:
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine:
        yield engine


@pytest.fixture
def write(folder: Path) -> Any:  # noqa: F811
    def write(*names: str, more: str = "", top: str = "", hosts: dict[str, str] | None = None) -> WatchedConfig:
        lines = [LINE.format(name=name, host=(hosts or {}).get(name, f"{name}.corp.cn"), more=more) for name in names]
        head = f"contact: ops@corp.cn\nvoice_key_file: {folder}/key\n{top}sources:\n"
        (folder / "crawlers.yml").write_text(head + "".join(lines), "utf-8")
        read = lambda: Configuration(folder).add("crawlers.yml", CrawlersConfig)()  # noqa: E731
        return WatchedConfig(folder / "crawlers.yml", read)

    return write


def scheduler(watched: WatchedConfig, state: Engine, hall: Hall, holder: str = "here 1") -> CrawlScheduler:
    return CrawlScheduler(watched, state, hall, holder, NOW)  # type: ignore[arg-type]


def test_what_was_never_read_is_crawled_at_once_and_then_at_its_ticks(write: Any, state: Engine) -> None:
    hall = Hall()
    one = scheduler(write("a", "b"), state, hall)
    one.round(NOW)
    assert sorted(hall.begun) == ["a", "b"]
    hall.end("a", "b")
    one.round(NOW + SECOND)
    one.round(NOW + 9 * MINUTE)
    assert len(hall.begun) == 2
    one.round(NOW + 9.5 * MINUTE)
    assert sorted(hall.begun[2:]) == ["a", "b"]
    assert hall.running["a"].contact == "ops@corp.cn"


def test_two_schedulers_share_the_work_and_double_none_of_it(write: Any, state: Engine) -> None:
    halls = [Hall(2), Hall(2)]
    watched = write("a", "b", "c", "d", "e")
    both = [scheduler(watched, state, hall, f"machine-{number} 1") for number, hall in enumerate(halls)]
    for step in range(40):
        for one, hall in zip(both, halls, strict=True):
            one.round(NOW + step * 6 * SECOND)
            if step % 3 == 2:
                hall.end(*hall.running)
    assert sorted(halls[0].begun + halls[1].begun) == ["a", "b", "c", "d", "e"]
    assert all(hall.begun for hall in halls)


def test_one_host_is_crawled_by_one_process_at_a_time(write: Any, state: Engine) -> None:
    hall = Hall()
    one = scheduler(write("a", "b", hosts={"a": "corp.cn", "b": "corp.cn"}), state, hall)
    one.round(NOW)
    assert len(hall.begun) == 1
    hall.end(*hall.running)
    one.round(NOW + 6 * SECOND)
    assert sorted(hall.begun) == ["a", "b"]


def test_a_tick_that_comes_while_the_crawl_runs_is_left_out_and_counted(write: Any, state: Engine) -> None:
    hall = Hall()
    one = scheduler(write("a"), state, hall)
    one.round(NOW)
    with capture_logs() as told:
        for minute in range(26):
            one.round(NOW + minute * MINUTE)
    assert [line["event"] for line in told].count("crawl still running, tick left out") == 2
    assert (hall.begun, ticks(state)["a"].missed) == (["a"], 2)
    hall.end("a")
    one.round(NOW + 26 * MINUTE)
    assert hall.begun == ["a"]  # not back to back
    one.round(NOW + 30 * MINUTE)
    assert hall.begun == ["a", "a"]


def test_ticks_of_a_time_in_which_nothing_ran_are_one_crawl_and_counted(write: Any, state: Engine) -> None:
    first = Hall()
    one = scheduler(write("a"), state, first)
    one.round(NOW)
    first.end("a")
    one.round(NOW + SECOND)
    one.end(NOW + SECOND)
    hall = Hall()
    again = CrawlScheduler(write("a"), state, hall, "here 2", NOW + 65 * MINUTE)  # type: ignore[arg-type]
    again.round(NOW + 65 * MINUTE)
    assert (hall.begun, ticks(state)["a"].missed) == (["a"], 5)


def test_the_crawls_of_a_scheduler_that_was_killed_are_done_by_another_one(write: Any, state: Engine) -> None:
    watched, hall = write("a"), Hall()
    scheduler(watched, state, Hall(), "gone 1").round(NOW)
    other = scheduler(watched, state, hall, "here 1")
    other.round(NOW + MINUTE)
    assert hall.begun == []
    other.round(NOW + LASTS + MINUTE)
    assert hall.begun == ["a"]


def test_a_long_crawl_keeps_its_tick(write: Any, state: Engine) -> None:
    watched, hall, there = write("a"), Hall(), Hall()
    one, other = scheduler(watched, state, hall), scheduler(watched, state, there, "there 1")
    for step in range(120):
        one.round(NOW + step * 15 * SECOND)
        other.round(NOW + step * 15 * SECOND)
    assert (hall.begun, there.begun) == (["a"], [])


def test_what_is_stopped_or_left_alone_waits_until_it_is_let_go_on(write: Any, state: Engine) -> None:
    hall = Hall()
    stop(state, "a.corp.cn", "the owner called", NOW)
    one = scheduler(write("a", "b", more=", avoid: '16:00-17:00'"), state, hall)
    one.round(NOW)  # 16:00 in Beijing
    assert hall.begun == []
    one.round(NOW + 60 * MINUTE)
    assert hall.begun == ["b"]
    resume(state, "a.corp.cn")
    one.round(NOW + 61 * MINUTE)
    assert hall.begun == ["b", "a"]


def test_a_changed_file_adds_sources_and_ends_the_crawls_of_those_that_are_gone(write: Any, state: Engine) -> None:
    hall = Hall()
    one = scheduler(write("a", "b"), state, hall)
    one.round(NOW)
    write("b", "c", top="opted_out: [b.corp.cn]\n")
    one.round(NOW + SECOND)
    assert (sorted(hall.cut_off), hall.begun[2:]) == (["a", "b"], ["c"])
    assert set(one.waiting) == {"c"}
    assert all(row.retired_at is not None for row in all_sources(state).values())


def test_a_clock_that_is_set_back_brings_the_ticks_again(write: Any, state: Engine) -> None:
    hall = Hall()
    one = scheduler(write("a"), state, hall)
    one.round(NOW)
    hall.end("a")
    one.round(NOW + SECOND)
    earlier = NOW - timedelta(hours=3)
    for minute in range(21):
        one.round(earlier + minute * MINUTE)
        hall.end(*hall.running)
    assert hall.begun == ["a", "a", "a"]


def test_only_sources_with_a_cron_are_timed(write: Any) -> None:
    watched = write("a", more=", enabled: false")
    assert watched.config.timed == {}
    assert list(write("b").config.timed) == ["b"]
