from collections.abc import Sequence
from datetime import timedelta

import pytest

from crawlers.pages.forum import Refusal
from crawlers.pull.forums.forum_source import Boards
from crawlers.pull.forums.revisits import CLOSED_AGAIN
from stream.errors import Retryable
from stream.log.broker import Message, Producer
from stream.messages import Kind
from stream.state.source_health import SourceState
from tests.crawlers.pull.served import ServedForum, due, texts
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_a_first_crawl_reads_every_page_once_and_every_post(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    for tid in range(1, 8):
        forum.write(tid, site.now - tid * HOUR, *(f"{tid}-{n}" for n in range(tid)), board=3 + tid % 2)
    forum.write(9, site.now - 9 * DAY, "公告", sticky=True)
    tally = crawler.crawl()
    posts = crawler.posts()
    assert texts(posts) == sorted([f"{tid}-{n}" for tid in range(1, 8) for n in range(tid)] + ["公告"])
    assert len(set(site.asked)) == len(site.asked)
    assert (tally.state(), tally.new) == (SourceState.OK, len(posts))
    opening = next(post for post in posts if post.text == "7-0")
    (reply,) = [post for post in posts if post.text == "7-6"]  # on the last page, which does not show the opening post
    assert (reply.thread_id, reply.kind, reply.board) == (opening.id, Kind.REPLY, "电费")
    assert (opening.kind, opening.counts.replies, opening.title) == (Kind.THREAD, 6, "标题7")


def test_a_second_crawl_of_an_unchanged_forum_sends_nothing_and_asks_little(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    for tid in range(1, 9):
        forum.write(tid, site.now - 40 * DAY - tid * HOUR, "旧帖")
    crawler.crawl()
    crawler.posts()
    site.log.clear()
    tally = crawler.crawl(later=HOUR)
    assert crawler.posts() == []
    assert sorted(site.asked) == sorted([forum.index, forum.board_path(3), forum.board_path(4)])
    assert tally.state() is SourceState.OK


def test_a_new_reply_is_all_that_is_sent_of_a_thread_that_moved(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - 40 * DAY, "开帖", "第一楼")
    crawler.crawl()
    crawler.posts()
    forum.write(1, site.now + HOUR, "新回复")
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.kind is Kind.REPLY] == ["新回复"]


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_list_is_followed_as_far_as_the_source_says(
    crawler: Crawler, forum: ServedForum, site: Site, pages: int
) -> None:
    for thread in range(1, 8):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, f"帖{thread}")
    crawler.crawl(pages=pages)
    assert texts(crawler.posts()) == [f"帖{thread}" for thread in range(1, 2 * pages + 1)]


def test_old_pages_of_a_list_are_left_alone_once_all_of_it_was_read(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    for thread in range(1, 8):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, f"帖{thread}")
    crawler.crawl()
    forum.write(9, site.now, "公告", sticky=True)  # new, but sticky: it says nothing about what comes below
    site.log.clear()
    crawler.crawl(later=HOUR)
    assert [path for path in site.asked if path.startswith(forum.board_path(3))] == [forum.board_path(3)]
    forum.write(8, site.now, "新帖")
    site.log.clear()
    crawler.crawl(later=HOUR)
    assert forum.board_path(3, 2) in site.asked
    assert forum.board_path(3, 3) not in site.asked


def test_a_list_that_shows_page_one_for_every_page_ends(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    for thread in range(1, 6):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, "帖")
    forum.endless.add(3)
    crawler.crawl()
    assert [path for path in site.asked if path.startswith(forum.board_path(3))] == [
        forum.board_path(3),
        forum.board_path(3, 2),
    ]


def test_boards_below_others_are_found_and_only_the_wanted_ones_are_read(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.boards[5] = "直播"
    forum.below[5] = 3
    for board in (3, 4, 5):
        forum.write(board, site.now - HOUR, f"版{board}", board=board)
    unwanted = forum.board_path(4).partition("fid=")[2].partition("&")[0] or forum.board_path(4).rpartition("/")[2]
    crawler.crawl(boards=Boards(deny=(unwanted,)))
    assert texts(crawler.posts()) == ["版3", "版5"]
    assert forum.board_path(4) not in site.asked


def test_a_board_for_members_is_passed_by(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    forum.write(1, site.now - HOUR, "公开", board=4)
    forum.instead[forum.board_path(3)] = forum.refusal(Refusal.PERMISSION)
    tally = crawler.crawl()
    assert texts(crawler.posts()) == ["公开"]
    assert (tally.state(), tally.blocked) == (SourceState.OK, "")


def test_a_board_that_becomes_one_for_members_is_told_and_what_was_public_is_not_shown_any_more(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - 40 * DAY, "曾经公开", "也公开")
    forum.write(2, site.now - HOUR, "仍然公开", board=4)
    crawler.crawl()
    crawler.posts()
    for path in (forum.board_path(3), forum.thread_path(1)):
        forum.instead[path] = forum.refusal(Refusal.PERMISSION)
    forum.write(2, site.now + HOUR, "新回复", board=4)
    tally = crawler.crawl(later=2 * HOUR)
    posts = crawler.posts()
    assert texts(post for post in posts if post.deleted_at) == ["也公开", "曾经公开"]
    assert "新回复" in texts(posts)
    assert (tally.state(), len(tally.lost), tally.failures) == (SourceState.PARTIAL, 1, {"members_only": 1})
    asked = len(site.asked)
    again = crawler.crawl(later=HOUR)
    assert (again.lost, again.state(), again.failures) == (tally.lost, SourceState.PARTIAL, {})
    assert forum.thread_path(1) not in site.asked[asked:]  # not each time: after a week
    forum.instead.clear()
    back = crawler.crawl(later=CLOSED_AGAIN)
    assert texts(crawler.posts()) == ["也公开", "曾经公开"]
    assert (back.lost, back.state()) == ([], SourceState.OK)


def test_a_board_to_which_nothing_links_any_more_is_told_by_name_until_it_is_denied(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - 40 * DAY, "曾经公开")
    forum.write(2, site.now - HOUR, "仍然公开", board=4)
    crawler.crawl()
    crawler.posts()
    del forum.boards[3]
    forum.instead[forum.thread_path(1)] = forum.refusal(Refusal.PERMISSION)
    tally = crawler.crawl(later=2 * HOUR)
    assert texts(post for post in crawler.posts() if post.deleted_at) == ["曾经公开"]
    (lost,) = tally.lost
    assert tally.reason().startswith(f"1 × members_only; gone: {lost}")
    gone = forum.board_path(3).partition("fid=")[2].partition("&")[0] or forum.board_path(3).rpartition("/")[2]
    assert crawler.crawl(later=HOUR, boards=Boards(deny=(gone,))).state() is SourceState.OK


def test_a_board_that_refuses_us_is_told_though_another_one_does_not_answer(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    for board in (3, 4):
        forum.write(board, site.now - 40 * DAY, f"版{board}", board=board)
    crawler.crawl()
    crawler.posts()
    for path in (forum.board_path(3), forum.thread_path(3)):
        forum.instead[path] = forum.refusal(Refusal.PERMISSION)
    forum.instead[forum.board_path(4)] = Answer(status=410)
    tally = crawler.crawl(later=HOUR)
    assert (len(tally.lost), tally.failures) == (1, {"http_410": 1, "members_only": 1})
    assert texts(post for post in crawler.posts() if post.deleted_at) == ["版3"]


def test_no_board_is_told_as_lost_while_a_page_that_may_link_to_it_was_missed(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.boards[5] = "直播"
    forum.below[5] = 4
    for board in (3, 4, 5):
        forum.write(board, site.now - 40 * DAY, f"版{board}", board=board)
    crawler.crawl()
    forum.instead[forum.board_path(4)] = Answer("<p>新模板</p>".encode())
    tally = crawler.crawl(later=HOUR)
    assert (tally.lost, tally.failures) == ([], {"layout": 1})


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_site_that_refuses_its_index_is_left(
    crawler: Crawler, forum: ServedForum, site: Site, refusal: Refusal
) -> None:
    forum.instead[forum.index] = forum.refusal(refusal)
    tally = crawler.crawl()
    assert (tally.state(), tally.reason().partition(":")[0]) == (SourceState.BLOCKED, refusal.value)
    assert site.asked == [forum.index]


def test_an_index_without_boards_is_a_failure(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    forum.boards.clear()
    tally = crawler.crawl()
    assert (tally.state(), tally.broken) == (SourceState.FAILED, "the index shows no boards")
    assert len(list(crawler.samples.rglob("*.body"))) == 1


def test_one_closed_page_is_counted_and_three_in_a_row_end_the_crawl(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    for thread in range(1, 9):
        forum.write(thread, site.now - HOUR, f"帖{thread}", board=3 + thread % 2)
    forum.instead[forum.thread_path(5)] = forum.refusal(Refusal.CLOSED)
    tally = crawler.crawl()
    assert (tally.state(), tally.failures, tally.new) == (SourceState.PARTIAL, {"closed": 1}, 7)
    for thread in range(1, 9):
        forum.instead[forum.thread_path(thread)] = forum.refusal(Refusal.CLOSED)
    tally = crawler.crawl(later=2 * HOUR)
    assert (tally.state(), tally.failures["closed"] >= 3, tally.deleted) == (SourceState.BLOCKED, True, 0)


@pytest.mark.parametrize("refusal", [Refusal.FLOOD_GUARD, Refusal.CAPTCHA])
def test_a_guard_ends_the_crawl_politely_and_what_was_missed_is_read_later(
    crawler: Crawler, forum: ServedForum, site: Site, refusal: Refusal
) -> None:
    for thread in range(1, 5):
        forum.write(thread, site.now - HOUR, f"帖{thread}")
        forum.instead[forum.thread_path(thread)] = forum.refusal(refusal)
    tally = crawler.crawl()
    assert (tally.state(), tally.blocked.partition(":")[0]) == (SourceState.BLOCKED, refusal.value)
    assert len([path for path in site.asked if path in forum.instead]) <= 2
    forum.instead.clear()
    crawler.crawl(later=HOUR)
    assert texts(crawler.posts()) == [f"帖{thread}" for thread in range(1, 5)]


def test_a_merged_thread_leads_to_the_one_it_went_into(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    thread = forum.write(1, site.now - HOUR, "原帖")
    forum.write(2, site.now - HOUR, "另一帖")
    crawler.crawl()
    crawler.posts()
    forum.redirects[forum.thread_path(2)] = forum.thread_path(1)
    thread.posts += forum.threads[2].posts
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.deleted_at] == []


def test_a_thread_that_moves_to_another_address_once_is_read_there(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, *"甲乙丙丁")
    forum.redirects[forum.thread_path(1)] = f"{forum.thread_path(1)}#top"  # for a server, the very same address
    answers = iter([forum(forum.thread_path(1))])
    site.answer = lambda path: next(answers, forum.answer(path)) if path == forum.thread_path(1) else forum(path)
    tally = crawler.crawl()
    assert (tally.state(), texts(crawler.posts())) == (SourceState.OK, sorted("甲乙丙丁"))


@pytest.mark.parametrize("other", ["", "#x"], ids=["the-same-address", "an-anchor"])
def test_a_thread_that_redirects_for_ever_is_reported_and_stays_due(
    crawler: Crawler, forum: ServedForum, site: Site, other: str
) -> None:
    forum.write(1, site.now - HOUR, "开帖")
    forum.write(2, site.now - HOUR, "读得了")
    forum.redirects[forum.thread_path(1)] = forum.thread_path(1) + other
    tally = crawler.crawl()
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {"redirects": 1})
    assert site.asked.count(forum.thread_path(1)) == 4
    forum.redirects.clear()
    crawler.crawl(later=timedelta(minutes=1))
    assert texts(crawler.posts()) == ["开帖", "读得了"]


def test_two_threads_that_redirect_to_each_other_end(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    for thread, other in ((1, 2), (2, 1)):
        forum.write(thread, site.now - HOUR, f"帖{thread}")
        forum.redirects[forum.thread_path(thread)] = forum.thread_path(other)
    assert crawler.crawl().deleted == 0
    assert sorted(path for path in site.asked if path in forum.redirects) == sorted(forum.redirects)


def test_a_thread_that_redirects_to_the_login_is_doubted_for_a_day_and_believed_then(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "开帖")
    crawler.crawl()
    crawler.posts()
    forum.redirects[forum.thread_path(1)] = "/member.php?mod=logging&action=login"
    crawler.crawl(later=2 * HOUR)
    assert crawler.posts() == []
    assert list(due(crawler).values()) == [crawler.clock.now() + DAY]
    crawler.crawl(later=DAY)
    assert [post.deleted_at for post in crawler.posts()] == [crawler.clock.now()]
    assert list(due(crawler).values()) == [crawler.clock.now() + CLOSED_AGAIN]


def test_a_thread_that_redirects_to_an_address_of_the_sites_own_making_is_read_there(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, *"甲乙丙丁")
    for page in (1, 2):
        forum.redirects[forum.thread_path(1, page)] = f"/t/1/{page}"
        forum.instead[f"/t/1/{page}"] = forum.answer(forum.thread_path(1, page))
    tally = crawler.crawl()
    assert (tally.state(), texts(crawler.posts())) == (SourceState.OK, sorted("甲乙丙丁"))


def test_a_thread_that_redirects_to_a_page_nobody_knows_is_told_with_its_address(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "开帖")
    forum.redirects[forum.thread_path(1)] = "/t/1/1"
    forum.instead["/t/1/1"] = Answer("<p>新页面</p>".encode())
    tally = crawler.crawl()
    assert tally.state() is SourceState.PARTIAL
    assert tally.reason() == f"1 × layout; 1 not understood: thread address, as {site.root}/t/1/1"


def test_a_page_that_cannot_be_read_is_kept_with_its_reason_and_the_crawl_goes_on(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "读不了")
    forum.write(2, site.now - HOUR, "读得了")
    forum.instead[forum.thread_path(1)] = Answer("<p>新模板</p>".encode())
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.PARTIAL, "1 × layout")
    assert texts(crawler.posts()) == ["读得了"]
    (sample,) = (crawler.samples / "forum").glob("*.body")
    assert sample.read_text("utf-8") == "<p>新模板</p>"


def test_an_error_of_ours_ends_the_crawl_instead_of_asking_on_for_nothing(
    crawler: Crawler, forum: ServedForum, site: Site
) -> None:
    for tid in range(1, 20):
        forum.write(tid, site.now - HOUR, f"帖{tid}")

    def publish(_inner: Producer, _messages: Sequence[Message]) -> None:
        raise OSError(28, "No space left on device")

    crawler.publish_through(publish)
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.FAILED, "No space left on device")
    assert len([path for path in site.asked if path in map(forum.thread_path, forum.threads)]) <= 3


def test_a_log_that_does_not_answer_is_waited_for(crawler: Crawler, forum: ServedForum, site: Site) -> None:
    for tid in range(1, 4):
        forum.write(tid, site.now - HOUR, f"帖{tid}")
    failures = iter([True, True, False])

    def publish(inner: Producer, messages: Sequence[Message]) -> None:
        if next(failures, False):
            raise Retryable("log is away", after=0.05)
        inner.publish(messages)

    crawler.publish_through(publish)
    tally = crawler.crawl()
    assert (tally.state(), texts(crawler.posts())) == (SourceState.OK, ["帖1", "帖2", "帖3"])


@pytest.mark.parametrize("acknowledged", [True, False], ids=["log-had-it", "log-had-it-not"])
def test_a_crash_at_the_log_loses_nothing_and_doubles_no_post(
    crawler: Crawler, forum: ServedForum, site: Site, acknowledged: bool
) -> None:
    for tid in range(1, 6):
        forum.write(tid, site.now - HOUR, f"帖{tid}")
    batches = 0

    def publish(inner: Producer, messages: Sequence[Message]) -> None:
        nonlocal batches
        batches += 1
        if acknowledged:
            inner.publish(messages)
        if batches > 1:
            raise OSError("the machine goes down")
        if not acknowledged:
            inner.publish(messages)

    sound = crawler.producer
    crawler.publish_through(publish)
    assert crawler.crawl().state() is SourceState.FAILED
    crawler.producer = sound
    crawler.crawl(later=timedelta(minutes=1))
    posts = crawler.posts()
    assert sorted({post.text for post in posts}) == [f"帖{tid}" for tid in range(1, 6)]
    assert len({post.id for post in posts}) == 5
    assert len({(post.id, post.first_seen_at) for post in posts}) == 5
