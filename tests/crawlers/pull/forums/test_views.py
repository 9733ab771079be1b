"""Where the usual pages are not understood, plainer ones are read; less is concluded from them, and it is told."""

from datetime import timedelta

import pytest

from crawlers.health import source_health
from crawlers.pages.forum import Refusal
from crawlers.pull.forums.views import IN_A_ROW, USUAL, MetViews
from stream.messages import Precision
from stream.state.source_health import SourceState
from stream.state.source_standing import Condition, StandingSign, fact_of, judge
from tests.crawlers.pull.plainer import NEW_LAYOUT, ServedViews
from tests.crawlers.pull.served import texts
from tests.crawlers.running import NAME, Crawler
from tests.crawlers.site import Answer, Site

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOTH = {"board", "thread"}


@pytest.fixture
def forum(site: Site) -> ServedViews:
    site.answer = made = ServedViews(site.now)
    made.boards = {3: "停电"}
    return made


def views(*plainer: str, few_tell: bool = False, remembered: str = USUAL) -> MetViews[str]:
    return MetViews("desktop", {name: name for name in plainer}, few_tell=few_tell, remembered=remembered)


def test_views_are_tried_in_their_order_and_the_usual_one_comes_first() -> None:
    met = views("mobile", "archiver")
    assert (met.choose(), met[USUAL], met["mobile"]) == (USUAL, "desktop", "mobile")
    assert (met.after(USUAL), met.after("mobile"), met.after("archiver")) == ("mobile", "archiver", None)
    assert views().after(USUAL) is None


def test_after_several_usual_pages_in_a_row_what_told_them_is_asked_first() -> None:
    met = views("mobile")
    for _ in range(IN_A_ROW):
        assert (met.choose(), met.gave_way) == (USUAL, False)
        assert met.after(USUAL) == "mobile"
        met.understood("mobile")
    assert (met.choose(), met.gave_way) == ("mobile", True)


def test_one_usual_page_that_is_understood_makes_the_others_exceptions() -> None:
    met = views("mobile", few_tell=True)
    met.after(USUAL)
    met.understood("mobile")
    assert met.gave_way
    met.understood(USUAL)
    assert (met.choose(), met.gave_way) == (USUAL, False)


def test_after_a_crawl_that_read_otherwise_the_usual_view_is_asked_once_to_see_whether_it_is_understood_again() -> None:
    met = views("mobile", remembered="mobile")
    assert [met.choose(), met.choose(), met.choose()] == [USUAL, "mobile", "mobile"]
    assert met.gave_way  # also where nothing was read
    met.understood(USUAL)
    assert (met.choose(), met.gave_way) == (USUAL, False)


def test_a_view_that_is_not_wanted_any_more_is_not_remembered() -> None:
    met = views("archiver", few_tell=True, remembered="mobile")
    assert ([met.choose(), met.choose()], met.gave_way) == ([USUAL, USUAL], False)


def test_what_no_view_tells_has_not_given_way() -> None:
    met = views("mobile", few_tell=True)
    for _ in range(IN_A_ROW):
        met.after(USUAL)
    assert (met.choose(), met.gave_way) == (USUAL, False)


def test_a_forum_in_a_new_layout_is_read_for_telephones_and_stands_as_changed(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    for tid in range(1, 6):
        forum.write(tid, site.now - tid * HOUR, *(f"{tid}-{n}" for n in range(tid)))
    forum.changed |= BOTH
    tally = crawler.crawl()
    posts = crawler.posts()
    assert texts(posts) == sorted(f"{tid}-{n}" for tid in range(1, 6) for n in range(tid))
    assert {post.crawl.parser for post in posts} == {"discuz/mobile"}
    reply = next(post for post in posts if post.text == "5-4")  # on the second page of its thread
    assert (reply.title, reply.board, reply.published_precision) == ("标题5", "停电", Precision.DAY)
    assert reply.published_at == site.now - 5 * HOUR
    assert not any("mobile" in post.url for post in posts)
    assert tally.state() is SourceState.PARTIAL
    assert 1 + IN_A_ROW <= tally.failures["layout"] < 1 + 5  # the board's, and the first threads'
    assert tally.plainer == {"lists": "mobile", "threads": "mobile"}
    assert "pages read by the mobile view" in tally.reason()
    row = source_health(crawler.engine, NAME)
    assert row is not None
    standing = judge(fact_of(row), crawler.clock.now())
    assert (standing.condition, standing.sign, standing.since) == (Condition.CHANGED, StandingSign.VIEW, site.now)
    assert "lists by the mobile view, threads by the mobile view" in standing.why


def test_since_when_a_forum_is_read_otherwise_is_told_until_its_usual_pages_are_understood(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.changed.add("board")
    began = site.now
    crawler.crawl()
    crawler.crawl(HOUR)
    row = source_health(crawler.engine, NAME)
    assert row is not None
    assert (fact_of(row).details.plainer, fact_of(row).details.plainer_since) == ({"lists": "mobile"}, began)
    forum.changed.clear()
    assert crawler.crawl(HOUR).state() is SourceState.OK
    row = source_health(crawler.engine, NAME)
    assert row is not None
    assert (fact_of(row).details.plainer, fact_of(row).details.plainer_since) == ({}, None)


def test_a_forum_known_to_be_in_a_new_layout_is_asked_for_one_usual_page_of_each_kind(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    for tid in range(1, 6):
        forum.write(tid, site.now - tid * HOUR, f"帖{tid}")
    forum.changed |= BOTH
    crawler.crawl()
    for tid in range(6, 12):
        forum.write(tid, site.now, f"帖{tid}")
    tally = crawler.crawl(HOUR)
    assert (tally.failures, tally.plainer) == ({"layout": 2}, {"lists": "mobile", "threads": "mobile"})
    assert tally.new == 6
    forum.changed.clear()
    assert crawler.crawl(HOUR).plainer == {}


def test_posts_that_the_usual_pages_told_are_not_sent_again_by_a_plainer_one_nor_edited_nor_gone(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    thread = forum.write(1, site.now - HOUR, "停电了", "我家也是", "不知道")
    forum.write(2, site.now - 2 * HOUR, "电费")
    crawler.crawl()
    assert len(crawler.posts()) == 4
    forum.changed |= BOTH
    thread.posts[1].text = "我家 也是"  # as the plainer view may show it
    del thread.posts[2]
    del forum.threads[2]
    tally = crawler.crawl(HOUR)
    crawler.crawl(DAY)
    assert (tally.new, tally.changed, tally.deleted, crawler.posts()) == (0, 0, 0, [])


def test_what_comes_in_a_new_layout_is_new_and_the_counters_of_a_list_move_none_else(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    for tid in (1, 2):
        forum.write(tid, site.now - 60 * DAY, f"旧帖{tid}")
    crawler.crawl()
    crawler.posts()
    forum.changed |= BOTH
    forum.now = site.now + HOUR
    forum.write(1, site.now, "新的回复")
    asked = len(site.asked)
    crawler.crawl(HOUR, sweep=0)
    (post,) = crawler.posts()
    assert (post.text, post.published_at) == ("新的回复", site.now - HOUR)
    assert not any("tid=2" in path for path in site.asked[asked:])
    forum.changed.clear()
    crawler.crawl(HOUR, sweep=0)
    assert (crawler.posts(), [path for path in site.asked[asked:] if "tid=2" in path]) == ([], [])
    forum.write(1, site.now, "第二个回复")
    crawler.crawl(HOUR, sweep=0)
    posts = {post.text: post for post in crawler.posts()}
    assert posts.keys() == {"旧帖1", "新的回复", "第二个回复"}  # the first for its counters
    again = posts["新的回复"]  # the usual view has its time to the second, and it is no edit
    assert (again.published_precision, again.edited_at, again.crawl.parser) == (Precision.SECOND, None, "discuz")


def test_the_archiver_lists_the_threads_where_there_is_no_view_for_telephones(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    for tid in range(1, 6):
        forum.write(tid, site.now - tid * HOUR, f"帖{tid}")
    forum.write(9, site.now - 9 * DAY, "公告", sticky=True)
    forum.changed.add("board")
    forum.off.add("mobile")
    tally = crawler.crawl()
    posts = crawler.posts()
    assert texts(posts) == sorted([*(f"帖{tid}" for tid in range(1, 6)), "公告"])
    assert {post.crawl.parser for post in posts} == {"discuz"}
    assert tally.plainer == {"lists": "archiver"}
    assert [path for path in site.asked if "archiver" in path] == [
        f"/archiver/?fid-3.html&filter=lastpost&orderby=lastpost{page}" for page in ("", "&page=2", "&page=3")
    ]


def test_threads_are_not_read_by_the_archiver(crawler: Crawler, forum: ServedViews, site: Site) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.changed.add("thread")
    forum.off.add("mobile")
    tally = crawler.crawl()
    assert (crawler.posts(), tally.failures["layout"]) == ([], 2)  # the usual page, and it again for telephones
    assert not any("archiver" in path for path in site.asked)


def test_an_archiver_that_is_off_or_leads_back_leaves_the_layout_unknown(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.changed.add("board")
    forum.off |= {"mobile", "archiver"}
    assert crawler.crawl().plainer == {}
    forum.redirects["/archiver/?fid-3.html&filter=lastpost&orderby=lastpost"] = "/forum.php?mod=forumdisplay&fid=3"
    tally = crawler.crawl(HOUR)
    assert (tally.plainer, tally.failures["layout"], crawler.posts()) == ({}, 3, [])


def test_where_the_archiver_is_to_come_first_and_is_off_the_next_view_is_asked(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.changed.add("board")
    forum.off.add("archiver")
    tally = crawler.crawl(views=("archiver", "mobile"))
    assert (texts(crawler.posts()), tally.plainer) == (["停电了"], {"lists": "mobile"})
    assert tally.failures == {"layout": 1, "http_404": 1}


def test_no_other_view_is_asked_where_the_owner_wants_none(crawler: Crawler, forum: ServedViews, site: Site) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.changed |= BOTH
    assert crawler.crawl(views=()).failures == {"layout": 1}
    assert not any("mobile" in path or "archiver" in path for path in site.asked)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<p>please prove that you are human</p>"),
        Answer(b'<form action="/login"><input type="password" name="p"></form>'),
        Answer(status=403),
    ],
    ids=["a wall nobody knows", "log-in", "403"],
)
def test_a_page_that_is_no_page_of_the_forum_is_not_walked_around(
    crawler: Crawler, forum: ServedViews, site: Site, answer: Answer
) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.instead[forum.thread_path(1)] = answer
    forum.instead[forum.board_path(3)] = answer
    crawler.crawl()
    forum.instead.pop(forum.board_path(3))
    crawler.crawl(DAY)
    assert not any("mobile" in path or "archiver" in path for path in site.asked)


@pytest.mark.parametrize("refusal", [Refusal.PERMISSION, Refusal.GONE, Refusal.CLOSED])
def test_a_refusal_of_the_forum_is_no_change_of_layout(
    crawler: Crawler, forum: ServedViews, site: Site, refusal: Refusal
) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.instead[forum.thread_path(1)] = forum.refusal(refusal)
    crawler.crawl()
    assert not any("mobile" in path for path in site.asked)


def test_a_view_that_robots_txt_forbids_is_not_read(crawler: Crawler, forum: ServedViews, site: Site) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    forum.changed |= BOTH
    told = b"User-agent: *\nDisallow: /*mobile=\n"
    site.robots = lambda: Answer(told, headers={"Content-Type": "text/plain"})
    tally = crawler.crawl()
    assert tally.failures == {"layout": 1, "robots_forbid": 1}
    assert not any("mobile" in path for path in site.asked)


def test_a_members_only_notice_for_telephones_withdraws_nothing(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    forum.write(1, site.now - HOUR, "停电了")
    crawler.crawl()
    crawler.posts()
    forum.changed.add("thread")
    forum.redirects[f"{forum.thread_path(1)}&mobile=2"] = "/member.php?mod=logging&action=login&mobile=2"
    for _ in range(3):
        assert crawler.crawl(2 * DAY).deleted == 0
    assert crawler.posts() == []


def test_an_empty_board_for_telephones_is_empty_and_not_unknown(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    forum.changed.add("board")
    tally = crawler.crawl()
    assert (tally.failures, tally.plainer, crawler.posts()) == ({"layout": 1}, {"lists": "mobile"}, [])


def test_one_odd_thread_is_read_otherwise_and_changes_nothing_else(
    crawler: Crawler, forum: ServedViews, site: Site
) -> None:
    for tid in range(1, 4):
        forum.write(tid, site.now - tid * HOUR, f"帖{tid}")
    forum.instead[forum.thread_path(2)] = NEW_LAYOUT
    tally = crawler.crawl()
    assert texts(crawler.posts()) == ["帖1", "帖2", "帖3"]
    assert (tally.plainer, tally.views, tally.failures) == ({}, {"mobile": 1}, {"layout": 1})
