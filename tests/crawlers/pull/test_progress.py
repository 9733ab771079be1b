from pathlib import Path
from time import sleep
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

PAGES = Path(__file__).parents[1] / "pages" / "discuz"
INDEX = (PAGES / "index-with-rewritten-and-filtered-links" / "input.html").read_bytes()
INDEX = INDEX.replace(b"http://bbs.invalid/", b"")  # two boards of this site
EMPTY = (PAGES / "board-without-threads" / "input.html").read_bytes()


@pytest.fixture
def lines(crawler: Crawler, site: Site, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What one slow crawl of an index and its boards writes."""
    monkeypatch.setattr("crawlers.pull.progress.EVERY", 0.05)

    def answer(path: str) -> Answer:
        sleep(0.12)
        return Answer(INDEX if path == "/forum.php" else EMPTY)

    site.answer = answer
    with capture_logs() as told:
        crawler.crawl()
    return [dict(line) for line in told]


def test_a_running_crawl_says_again_and_again_how_far_it_is(lines: list[dict[str, Any]]) -> None:
    told = [line for line in lines if line["event"] == "crawling"]
    assert len(told) >= 3
    assert {(line["source"], line["log_level"]) for line in told} == {("forum", "info")}
    pages = [line["pages"] for line in told]
    assert pages == sorted(pages)
    assert pages[-1] >= 1
    assert max(line["queue"] for line in told) >= 1
    assert min(line["queue"] for line in told) >= 0
    assert {line["posts"] for line in told} == {0}


def test_nothing_is_told_once_the_crawl_has_ended(lines: list[dict[str, Any]]) -> None:
    events = [line["event"] for line in lines]
    assert "crawling" not in events[events.index("intake ended") :]


def test_a_crawl_shorter_than_ten_seconds_says_only_how_it_ended(crawler: Crawler, site: Site) -> None:
    site.answer = lambda _path: Answer(EMPTY)
    with capture_logs() as told:
        crawler.crawl()
    assert [line["event"] for line in told].count("crawling") == 0
