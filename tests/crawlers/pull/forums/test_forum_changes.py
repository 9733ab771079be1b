from datetime import timedelta

import pytest
from sqlalchemy import select

from crawlers.cursors import PAST, PostRow
from crawlers.pages.forum import Refusal
from stream.messages import Kind
from stream.state.database import reading
from stream.state.source_health import SourceState
from stream.state.tombstones import bury
from tests.crawlers.pull.served import ServedForum, due, texts
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_an_edit_is_noticed_when_the_thread_is_due_though_no_counter_moved(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "第一楼")
    crawler.crawl()
    crawler.posts()
    thread.posts[1].text = "改过了"
    crawler.crawl(later=timedelta(minutes=30))
    assert crawler.posts() == []
    crawler.crawl(later=HOUR)
    (edited,) = crawler.posts()
    assert (edited.text, edited.edited_at, edited.deleted_at) == ("改过了", crawler.clock.now(), None)
    assert edited.first_seen_at < edited.observed_at
    crawler.crawl(later=HOUR)
    assert crawler.posts() == []
    forum.write(1, crawler.clock.now(), "新回复")  # the thread's counters are news, the edit no longer is
    crawler.crawl(later=HOUR)
    assert "改过了" not in texts(crawler.posts())


def test_a_deleted_reply_is_sent_again_whole_with_its_end(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "要删的", "留下的")
    crawler.crawl()
    before = {post.text: post for post in crawler.posts()}
    del thread.posts[1]
    tally = crawler.crawl(later=2 * HOUR)
    (gone,) = [post for post in crawler.posts() if post.kind is Kind.REPLY]
    assert (gone.id, gone.text, gone.deleted_at) == (before["要删的"].id, "要删的", crawler.clock.now())
    assert tally.deleted == 1
    crawler.crawl(later=2 * HOUR)
    assert [post for post in crawler.posts() if post.kind is Kind.REPLY] == []


def test_a_post_past_its_time_is_neither_remembered_nor_sent_again_nor_told_as_deleted(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "过期的", "也过期的")
    crawler.crawl()
    old = {post.text: post.id for post in crawler.posts()}
    thread.posts[1].text = "改过的字"
    del thread.posts[2]
    forum.write(1, site.now + 91 * DAY, "新的")
    crawler.crawl(later=91 * DAY)
    assert texts(crawler.posts()) == ["新的"]
    with reading(crawler.engine) as session:
        kept = session.scalars(select(PostRow.sent).where(PostRow.post_id.in_(old.values())))
        assert set(kept) == {PAST}


def test_an_erased_post_is_neither_remembered_nor_sent_again(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "请删除我", "留下的")
    crawler.crawl()
    (erased,) = [post for post in crawler.posts() if post.text == "请删除我"]
    bury(crawler.engine, [erased.id], crawler.clock.now(), reason="request")
    thread.posts[1].text = "改过的字"
    forum.write(1, site.now, "新的")
    crawler.crawl(later=2 * HOUR)
    assert "新的" in texts(posts := crawler.posts())
    assert erased.id not in {post.id for post in posts}
    del thread.posts[1]
    crawler.crawl(later=2 * HOUR)
    assert erased.id not in {post.id for post in crawler.posts()}
    with reading(crawler.engine) as session:
        assert session.scalar(select(PostRow.sent).where(PostRow.post_id == erased.id)) is None


def test_a_shielded_reply_is_gone_too_and_may_come_back(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "被屏蔽")
    crawler.crawl()
    crawler.posts()
    thread.posts[1].shielded = True
    crawler.crawl(later=2 * HOUR)
    assert [post.deleted_at is None for post in crawler.posts()] == [False]
    thread.posts[1].shielded = False
    crawler.crawl(later=2 * HOUR)
    assert [(post.text, post.deleted_at) for post in crawler.posts()] == [("被屏蔽", None)]


def test_a_deleted_thread_takes_all_its_posts_along(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    forum.write(1, site.now - HOUR, "开帖", "一", "二", "三")
    crawler.crawl()
    crawler.posts()
    del forum.threads[1]
    crawler.crawl(later=2 * HOUR)
    assert texts(post for post in crawler.posts() if post.deleted_at) == sorted(["开帖", "一", "二", "三"])


BARE = Answer(b"<h1>Not Found</h1>", 404)


@pytest.mark.parametrize("refusal", [None, Refusal.CLOSED])
def test_only_the_forums_own_word_makes_a_thread_deleted(
    crawler: Crawler, forum: ServedForum, site: Site, refusal: Refusal | None
) -> None:
    forum.write(1, site.now - HOUR, "开帖", "一")
    crawler.crawl()
    crawler.posts()
    forum.instead[forum.thread_path(1)] = BARE if refusal is None else forum.refusal(refusal)
    crawler.crawl(later=2 * HOUR)
    assert crawler.posts() == []


@pytest.mark.parametrize("status", [200, 404, 410])
def test_a_thread_that_the_forum_calls_gone_is_gone_under_any_status(
    crawler: Crawler, forum: ServedForum, site: Site, status: int
) -> None:
    forum.write(1, site.now - HOUR, "开帖", "一")
    crawler.crawl()
    crawler.posts()
    forum.instead[forum.thread_path(1)] = forum.refusal(Refusal.GONE, status)
    assert crawler.crawl(later=2 * HOUR).deleted == 2
    assert crawler.crawl(later=2 * HOUR).deleted == 0
    assert due(crawler) == {}


def test_a_bare_404_is_a_failure_and_the_thread_is_asked_for_again(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "开帖", "一")
    forum.instead[forum.thread_path(1)] = BARE
    tally = crawler.crawl()
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {"http_404": 1})
    forum.instead.clear()
    crawler.crawl(later=timedelta(minutes=5))
    assert texts(crawler.posts()) == ["一", "开帖"]


def test_a_post_that_slips_between_two_pages_is_not_taken_for_deleted(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, *"甲乙丙丁戊己")
    crawler.crawl()
    crawler.posts()
    first, second = forum.thread_path(1), forum.thread_path(1, 2)
    forum.instead[first] = forum(first)  # read just before the deletion, by which a post moved up to this page
    deleted = forum.on_first_page(thread)
    thread.posts.remove(deleted)
    forum.instead[second] = forum(second)
    crawler.crawl(later=2 * HOUR)
    assert [post for post in crawler.posts() if post.deleted_at] == []
    forum.instead.clear()
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.deleted_at] == [deleted.text]


def test_a_thread_that_becomes_shorter_while_it_is_read_withdraws_nothing_in_a_hurry(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, *"甲乙丙丁")
    crawler.crawl()
    crawler.posts()
    first = forum.thread_path(1)
    forum.instead[first] = forum(first)  # it leads to page two, whose only post moves up to page one after that
    deleted = forum.on_first_page(thread)
    thread.posts.remove(deleted)
    site.log.clear()
    tally = crawler.crawl(later=2 * HOUR)
    assert [path for path in site.asked if path.startswith(first)] == [first, forum.thread_path(1, 2)]
    assert (tally.state(), tally.deleted) == (SourceState.OK, 0)
    forum.instead.clear()
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.deleted_at] == [deleted.text]


def test_the_end_of_a_thread_that_was_cut_off_while_it_was_read_is_withdrawn_at_the_next_reading(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, *"甲乙丙丁戊己")
    crawler.crawl()
    crawler.posts()
    first = forum.thread_path(1)
    forum.instead[first] = forum(first)
    last = forum.shown(thread)[3:]
    for post in last:
        thread.posts.remove(post)
    assert crawler.crawl(later=2 * HOUR).deleted == 0
    forum.instead.clear()
    assert crawler.crawl(later=2 * HOUR).deleted == 3
    assert {post.text for post in crawler.posts() if post.deleted_at} == {post.text for post in last}


def test_a_page_that_breaks_in_the_middle_of_a_thread_loses_and_withdraws_nothing(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, *"甲乙丙丁戊己庚")
    forum.instead[forum.thread_path(1, 2)] = Answer(b"<p>502</p>")
    tally = crawler.crawl()
    assert (tally.state(), tally.failures, tally.new) == (SourceState.PARTIAL, {"layout": 1}, 3)
    forum.instead.clear()
    crawler.crawl(later=timedelta(minutes=1))
    assert sorted("".join(texts(crawler.posts()))) == sorted("甲乙丙丁戊己庚")


def test_a_post_that_is_not_understood_is_reported_and_not_taken_for_deleted(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "一", "二")
    crawler.crawl()
    crawler.posts()
    thread.posts[1].spoilt = True
    tally = crawler.crawl(later=2 * HOUR)
    assert (tally.failures, tally.deleted, crawler.posts()) == ({"layout": 1}, 0, [])
