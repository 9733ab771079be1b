"""What a crawl that was cut off leaves: the next one asks again for what was in hand, and misses nothing."""

from collections.abc import Sequence
from datetime import timedelta
from time import sleep

import pytest

from stream.log.broker import Message, Producer
from tests.crawlers.pull.served import LIST, ServedDiscuz, texts
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CUT = Answer(b"<p>half a page</p>")  # nothing is remembered of it, as if the crawl had been killed over it


@pytest.fixture
def forum(site: Site) -> ServedDiscuz:
    made = ServedDiscuz()
    site.answer = made
    return made


def old_threads(forum: ServedDiscuz, site: Site, number: int) -> None:
    """Several pages of a list, whose threads are read again only when they move."""
    for thread in range(1, number + 1):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, f"帖{thread}")


def test_a_page_is_asked_for_only_when_the_log_has_the_one_before(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    old_threads(forum, site, 6)
    in_hand = []

    def publish(inner: Producer, messages: Sequence[Message]) -> None:
        sleep(0.05)  # a log that takes its time is no reason to have more pages in hand
        in_hand.append(sum("viewthread" in path for path in site.asked) - len(in_hand))
        inner.publish(messages)

    crawler.publish_through(publish)
    crawler.crawl()
    assert in_hand == [1] * 6


def test_a_list_of_which_nothing_came_is_not_gone_through_anew(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    old_threads(forum, site, 3 * LIST)
    crawler.crawl()
    forum.instead[forum.board_path(3)] = CUT
    crawler.crawl(later=HOUR)
    forum.instead.clear()
    site.log.clear()
    crawler.crawl(later=HOUR)
    assert forum.board_path(3) in site.asked
    assert forum.board_path(3, 2) not in site.asked


def test_a_list_that_was_cut_off_after_news_is_gone_through_to_its_end(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    old_threads(forum, site, 3 * LIST)
    crawler.crawl()
    crawler.posts()
    for thread in range(1, LIST + 2):
        forum.write(thread, site.now + thread * MINUTE, f"新回复{thread}")
    forum.instead[forum.board_path(3, 2)] = CUT
    crawler.crawl(later=HOUR)
    forum.instead.clear()
    crawler.crawl(later=HOUR)
    assert {f"新回复{thread}" for thread in range(1, LIST + 2)} <= set(texts(crawler.posts()))
    site.log.clear()
    crawler.crawl(later=HOUR)
    assert forum.board_path(3, 2) not in site.asked


def test_a_list_that_a_long_crawl_looked_at_again_and_was_cut_off_over_is_gone_through_to_its_end(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    old_threads(forum, site, 3 * LIST)
    crawler.crawl()
    crawler.posts()
    forum.write(20, site.now + MINUTE, "新帖")

    def slow(path: str) -> Answer:
        if path == forum.thread_path(20) and not forum.instead:  # the way through the list is over by now
            for thread in range(1, LIST + 2):
                forum.write(thread, crawler.clock.now() + thread * MINUTE, f"新回复{thread}")
            crawler.clock.sleep(11 * 60)
            forum.instead[forum.board_path(3, 2)] = CUT
        return forum(path)

    site.answer = slow
    crawler.crawl(later=HOUR)
    site.answer = forum
    forum.instead.clear()
    crawler.crawl(later=HOUR)
    assert {f"新回复{thread}" for thread in range(1, LIST + 2)} <= set(texts(crawler.posts()))


def test_a_list_that_a_long_crawl_looked_at_again_to_its_end_is_not_gone_through_anew(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    old_threads(forum, site, 4 * LIST)
    crawler.crawl()
    forum.write(20, site.now + MINUTE, "新帖")

    def slow(path: str) -> Answer:
        if path == forum.thread_path(20):
            forum.write(1, crawler.clock.now() + MINUTE, "新回复")
            crawler.clock.sleep(11 * 60)
        return forum(path)

    site.answer = slow
    crawler.crawl(later=HOUR)
    assert site.asked.count(forum.board_path(3)) == 3
    site.answer = forum
    site.log.clear()
    crawler.crawl(later=HOUR)
    assert forum.board_path(3) in site.asked
    assert forum.board_path(3, 2) not in site.asked
