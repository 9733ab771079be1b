"""What a crawl of a forum looks at, and in which order: what is new first, then back-fill, then the sweep."""

from datetime import timedelta

import pytest

from stream.state.source_health import SourceState
from tests.crawlers.pull.served import ServedDiscuz, texts
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def forum(site: Site) -> ServedDiscuz:
    made = ServedDiscuz()
    site.answer = made
    return made


def test_a_long_crawl_looks_at_the_lists_again_and_what_is_new_comes_before_the_old(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    for thread in range(1, 9):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, f"帖{thread}")

    def slow(path: str) -> Answer:
        if "tid=3" in path:  # on page two: back-fill has begun
            forum.write(1, crawler.clock.now(), "新回复")
            forum.write(20, crawler.clock.now(), "新帖")
            crawler.clock.sleep(11 * 60)
        return forum(path)

    site.answer = slow
    tally = crawler.crawl()
    assert tally.state() is SourceState.OK
    asked = [path for path in site.asked if "viewthread" in path]
    assert set(texts(crawler.posts())) == {*(f"帖{thread}" for thread in range(1, 9)), "新回复", "新帖"}
    assert asked.index(forum.thread_path(20)) < asked.index(forum.thread_path(8))
    assert (asked.count(forum.thread_path(1)), asked.count(forum.thread_path(8))) == (2, 1)
    assert site.asked.count(forum.board_path(3)) == 2
    site.answer = forum
    site.log.clear()
    crawler.crawl(later=MINUTE)
    assert forum.board_path(3, 2) not in site.asked  # the first walk came to its end, whatever went over the list again


def test_back_fill_keeps_to_its_budget_and_goes_on_at_the_next_crawl(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    for thread in range(1, 9):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, f"帖{thread}")
    crawler.crawl(backfill=2)
    assert texts(crawler.posts()) == ["帖1", "帖2", "帖3", "帖4"]
    forum.write(20, site.now + MINUTE, "新帖")
    crawler.crawl(later=HOUR, backfill=3)
    assert texts(crawler.posts()) == ["帖5", "帖6", "帖7", "新帖"]
    crawler.crawl(later=HOUR, backfill=3)
    assert texts(crawler.posts()) == ["帖8"]


def test_old_threads_are_swept_for_edits_and_deletions_that_no_counter_tells(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    for thread in (1, 2, 3):
        forum.write(thread, site.now - 40 * DAY, f"帖{thread}")
    crawler.crawl()
    crawler.posts()
    forum.threads[1].posts[0].text = "更正"
    del forum.threads[2]
    crawler.crawl(later=2 * DAY, sweep=0)
    assert crawler.posts() == []
    crawler.crawl(sweep=33)
    assert texts(crawler.posts()) == ["更正"]
    crawler.crawl(later=HOUR, sweep=33)  # a third a day, not a crawl
    assert crawler.posts() == []
    crawler.crawl(later=2 * DAY, sweep=100)
    assert [(post.text, post.deleted_at is None) for post in crawler.posts()] == [("帖2", False)]


def test_a_board_known_by_a_name_is_read_and_one_of_an_address_nobody_knows_is_told(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "停电了", board=3)
    forum.write(2, site.now - HOUR, "电费贵", board=4)
    links = (
        '<a href="forum-outage-1.html">停电</a><a href="forum-4-1.html">电费</a><a href="forum-直播-1.html">直播</a>'
    )
    forum.instead[forum.index] = Answer(links.encode())
    forum.instead["/forum-outage-1.html?filter=lastpost&orderby=lastpost"] = forum.answer(forum.board_path(3))
    tally = crawler.crawl()
    assert texts(crawler.posts()) == ["停电了", "电费贵"]
    assert tally.state() is SourceState.PARTIAL
    assert tally.reason() == "1 not understood: board address, as forum-直播-1.html"
