"""What the crawling benchmark is made of: a forum that our own reader understands, and tables that hold their aims."""

from datetime import UTC, datetime
from functools import cache

import pytest

from crawlers.config import CrawlersConfig
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import Answer
from stream.process.configuration import Configuration
from tests.bench.bench_crawling import MS, PARSE_SHARE, Lap
from tests.bench.bench_schedule import KINDS, Costs, configuration
from tests.bench.crawl_site import answer, fetch, served
from tests.bench.made_forum import PER_PAGE, MadeForum
from tests.bench.sheets import PER_CORE, Spent

ROOT = "http://127.0.0.1:8000"
READER = DiscuzForum(f"{ROOT}/forum.php")


@cache
def pages(forum: MadeForum) -> dict[str, str]:
    return dict(forum.everything())


def page(forum: MadeForum, url: str) -> Answer:
    body = pages(forum)[url.removeprefix(ROOT)]
    return Answer(body=body.encode(), url=url, content_type="text/html; charset=utf-8", at=datetime.now(UTC))


def test_every_page_of_the_made_up_forum_is_reached_by_our_own_reader_and_counted() -> None:
    forum = MadeForum(90, pages=2)
    reached, posts = 1, 0
    for board in READER.read_boards(page(forum, READER.index_url())).boards:
        following: str | None = READER.board_url(board)
        while following is not None:
            listing = READER.read_board(page(forum, following), board)
            reached, following = reached + 1, listing.next
            for row in listing.threads:
                at: str | None = READER.thread_url(row.thread)
                while at is not None:
                    shown = READER.read_thread(page(forum, at), row.thread, None)
                    reached, posts, at = reached + 1, posts + len(shown.observations), shown.next
    assert (reached, posts) == (forum.size, forum.posts) == (len(pages(forum)), 90 * 2 * PER_PAGE)


def test_a_page_has_the_size_that_the_benchmark_speaks_of_and_all_that_a_post_may_have() -> None:
    forum = MadeForum(4)
    url = READER.thread_url("3")
    size = len(page(forum, url).body)
    assert 16_000 < size < 19_000
    shown = READER.read_thread(page(forum, url), "3", None)
    assert [one.floor for one in shown.observations] == list(range(1, PER_PAGE + 1))
    for one in shown.observations:
        assert (one.text, one.author, one.published_at, one.board, one.title) > ("", "", datetime.min, "", "")  # type: ignore[operator]
    assert shown.observations[0].counts.views == 21


def test_the_same_forum_is_made_at_each_run() -> None:
    assert dict(MadeForum(5).everything()) == dict(MadeForum(5).everything())


def test_a_served_page_is_the_one_that_was_made_and_any_other_is_not_there() -> None:
    forum = MadeForum(2, pages=1)
    paths = [path for path, _ in forum.everything()]
    with served(forum) as port:
        assert fetch(port, paths) == sum(len(body.encode()) for _, body in forum.everything())
        assert fetch(port, ["/nowhere"]) == 0
    assert answer("", status="404 Not Found").startswith(b"HTTP/1.1 404 Not Found\r\n")


def test_a_lap_tells_pages_of_a_core_second_and_the_share_of_reading_them() -> None:
    cells = Lap(Spent(100, wall=2.0, core=0.5), parsing=0.1).cells
    assert (cells[PER_CORE], cells[MS], cells[PARSE_SHARE]) == (200, 5, "20%")
    assert PARSE_SHARE not in Lap(Spent(100, wall=2.0, core=0.5)).cells


@pytest.mark.parametrize("hosts", [True, False])
def test_a_configuration_of_many_sources_is_one_that_we_read(tmp_path, hosts: bool) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "key").write_text("k" * 32, "utf-8")
    root = "https://h{number}.corp.cn" if hosts else ROOT
    (tmp_path / "crawlers.yml").write_text(configuration(12, tmp_path, root, hosts), "utf-8")
    config = Configuration(tmp_path).add("crawlers.yml", CrawlersConfig)()
    assert len(config.timed) == 12
    assert len({one.software for one in config.sources.values()}) == len(KINDS)
    assert len({one.host for one in config.pulled.values()}) == (12 if hosts else 1)


def test_the_costs_of_a_scheduler_are_shown_by_source() -> None:
    cells = Costs(1000, read=1, begun=1, idle=0.001, tick=0.002, look=0.01, memory=100).cells
    assert (cells["idle ms"], cells["look µs a source"]) == (1, 10)
