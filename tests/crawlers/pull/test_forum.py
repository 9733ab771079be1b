from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from crawlers.cursors import PAST, PostRow
from stream.errors import Retryable
from stream.messages import Kind
from stream.process.clock import SHANGHAI
from stream.state.database import reading
from stream.state.source_health import SourceState
from stream.state.tombstones import bury

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EMPTY = '<tbody><tr><th><p class="emp">本版块或指定的范围内尚无主题</p></th></tr></tbody>'
GONE = "抱歉，指定的主题不存在或已被删除或正在被审核"


@dataclass
class Written:
    pid: int
    text: str
    at: datetime
    shielded: bool = False


@dataclass
class Thread:
    tid: int
    fid: int
    posts: list[Written] = field(default_factory=list)
    sticky: bool = False


class Forum:
    """A Discuz forum in a hundred lines, with its traps: two threads a list page, three posts a thread page."""

    LIST, PAGE = 2, 3

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.threads: dict[int, Thread] = {}
        self.boards = {3: "停电", 4: "电费"}
        self.instead: dict[str, Any] = {}
        self.moved: dict[int, int] = {}
        self._pid = 100

    def write(self, tid: int, at: datetime, *texts: str, fid: int = 3, sticky: bool = False) -> Thread:
        thread = self.threads.setdefault(tid, Thread(tid, fid, sticky=sticky))
        for text in texts:
            self._pid += 1
            thread.posts.append(Written(self._pid, text, at))
        return thread

    def __call__(self, path: str) -> Any:
        if path in self.instead:
            return self.instead[path]
        query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        page = int(query.get("page", 1))
        if query.get("mod") == "forumdisplay":
            return self._page(self._list(int(query["fid"]), page))
        if query.get("mod") == "viewthread":
            tid = int(query["tid"])
            if tid in self.moved:
                return self._answer(status=302, headers={"Location": f"forum.php?mod=viewthread&tid={self.moved[tid]}"})
            if tid not in self.threads:
                return self.message(GONE, 404)
            return self._page(self._thread(self.threads[tid], page))
        return self._page(self._links())

    def message(self, words: str, status: int = 200) -> Any:
        return self._answer(f'<div id="messagetext"><p>{words}</p></div>'.encode(), status)

    def _page(self, body: str) -> Any:
        return self._answer(f"<html><body>{body}</body></html>".encode())

    def _links(self) -> str:
        return "".join(
            f'<a href="forum.php?mod=forumdisplay&fid={fid}">{name}</a>' for fid, name in self.boards.items()
        )

    def _list(self, fid: int, asked: int) -> str:
        ordinary = [thread for thread in self.threads.values() if thread.fid == fid and not thread.sticky]
        ordinary.sort(key=lambda thread: thread.posts[-1].at, reverse=True)
        pages = max(1, -(-len(ordinary) // self.LIST))
        page = asked if asked <= pages else 1
        rows = [self._row(thread, "stickthread") for thread in self.threads.values() if thread.sticky and page == 1]
        rows += [self._row(thread, "normalthread") for thread in ordinary[(page - 1) * self.LIST : page * self.LIST]]
        return f'{self._pager(page, pages)}<table id="threadlisttableid">{"".join(rows) or EMPTY}</table>'

    def _row(self, thread: Thread, kind: str) -> str:
        last = thread.posts[-1].at.astimezone(SHANGHAI)
        return (
            f'<tbody id="{kind}_{thread.tid}"><tr><th><a class="xst" '
            f'href="forum.php?mod=viewthread&amp;tid={thread.tid}">标题{thread.tid}</a></th>'
            f'<td class="num"><a>{len(thread.posts) - 1}</a><em>9</em></td>'
            f'<td class="by"><em><a>{last:%Y-%m-%d %H:%M}</a></em></td></tr></tbody>'
        )

    def _thread(self, thread: Thread, asked: int) -> str:
        pages = max(1, -(-len(thread.posts) // self.PAGE))
        page = min(asked, pages)
        shown = thread.posts[(page - 1) * self.PAGE : page * self.PAGE]
        return (
            f'<div id="pt"><a href="forum.php?mod=forumdisplay&fid={thread.fid}">{self.boards[thread.fid]}</a></div>'
            f'{self._pager(page, pages)}<div id="postlist"><div class="hm"><span class="xi1">9</span>'
            f'<span class="xi1">{len(thread.posts) - 1}</span></div><span id="thread_subject">标题{thread.tid}</span>'
            f"{''.join(map(self._post, shown))}</div>"
        )

    def _post(self, post: Written) -> str:
        body = f'<table><tr><td id="postmessage_{post.pid}">{post.text}</td></tr></table>'
        return (
            f'<div id="post_{post.pid}"><div id="favatar{post.pid}">'
            '<a href="home.php?mod=space&amp;uid=7" class="xw1">甲</a></div>'
            f'<em id="authorposton{post.pid}">发表于 {post.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}</em>'
            f"{'<div class=locked>屏蔽</div>' if post.shielded else body}</div>"
        )

    def _pager(self, page: int, pages: int) -> str:
        return f'<div class="pg"><strong>{page}</strong><label><span title="共 {pages} 页"></span></label></div>'


@pytest.fixture
def forum(site: Any) -> Forum:
    made = Forum(type(site.answer("/")))
    site.answer = made
    return made


def texts(posts: Any) -> list[str]:
    return sorted(post.text for post in posts)


def test_a_first_crawl_reads_every_page_once_and_every_post(crawler: Any, forum: Forum, site: Any) -> None:
    for tid in range(1, 8):
        forum.write(tid, site.now - tid * HOUR, *(f"{tid}-{n}" for n in range(tid)), fid=3 + tid % 2)
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
    crawler: Any, forum: Forum, site: Any
) -> None:
    for tid in range(1, 9):
        forum.write(tid, site.now - 40 * DAY - tid * HOUR, "旧帖")
    crawler.crawl()
    crawler.posts()
    site.log.clear()
    tally = crawler.crawl(later=HOUR)
    assert crawler.posts() == []
    assert site.asked == ["/forum.php", *(p for p in site.asked if "forumdisplay" in p)]
    assert len(site.asked) == 3  # the index and the first page of either board
    assert tally.state() is SourceState.OK


def test_a_new_reply_is_all_that_is_sent_of_a_thread_that_moved(crawler: Any, forum: Forum, site: Any) -> None:
    forum.write(1, site.now - 40 * DAY, "开帖", "第一楼")
    crawler.crawl()
    crawler.posts()
    forum.write(1, site.now + HOUR, "新回复")
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.kind is Kind.REPLY] == ["新回复"]


def test_an_edit_is_noticed_when_the_thread_is_due_though_no_counter_moved(
    crawler: Any, forum: Forum, site: Any
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


def test_a_deleted_reply_is_sent_again_whole_with_its_end(crawler: Any, forum: Forum, site: Any) -> None:
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
    crawler: Any, forum: Forum, site: Any
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


def test_an_erased_post_is_neither_remembered_nor_sent_again(crawler: Any, forum: Forum, site: Any) -> None:
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


def test_a_shielded_reply_is_gone_too_and_may_come_back(crawler: Any, forum: Forum, site: Any) -> None:
    thread = forum.write(1, site.now - HOUR, "开帖", "被屏蔽")
    crawler.crawl()
    crawler.posts()
    thread.posts[1].shielded = True
    crawler.crawl(later=2 * HOUR)
    assert [post.deleted_at is None for post in crawler.posts()] == [False]
    thread.posts[1].shielded = False
    crawler.crawl(later=2 * HOUR)
    assert [(post.text, post.deleted_at) for post in crawler.posts()] == [("被屏蔽", None)]


def test_a_deleted_thread_takes_all_its_posts_along(crawler: Any, forum: Forum, site: Any) -> None:
    forum.write(1, site.now - HOUR, "开帖", "一", "二", "三")
    crawler.crawl()
    crawler.posts()
    del forum.threads[1]
    crawler.crawl(later=2 * HOUR)
    assert texts(post for post in crawler.posts() if post.deleted_at) == sorted(["开帖", "一", "二", "三"])


@pytest.mark.parametrize("words", [None, "系统升级维护", "您没有权限访问该版块"])
def test_only_the_forums_own_word_makes_a_thread_deleted(
    crawler: Any, forum: Forum, site: Any, words: str | None
) -> None:
    forum.write(1, site.now - HOUR, "开帖", "一")
    crawler.crawl()
    crawler.posts()
    bare = forum.message("x", 404)
    path = "/forum.php?mod=viewthread&tid=1"
    forum.instead[path] = type(bare)(b"<h1>Not Found</h1>", 404) if words is None else forum.message(words)
    crawler.crawl(later=2 * HOUR)
    assert crawler.posts() == []


def test_a_post_that_slips_between_two_pages_is_not_taken_for_deleted(crawler: Any, forum: Forum, site: Any) -> None:
    thread = forum.write(1, site.now - HOUR, *"甲乙丙丁戊己")
    crawler.crawl()
    crawler.posts()
    first, second = "/forum.php?mod=viewthread&tid=1", "/forum.php?mod=viewthread&tid=1&page=2"
    forum.instead[first] = forum(first)  # read just before 乙 was deleted; 丁 then moved up to this page
    del thread.posts[1]
    forum.instead[second] = forum(second)
    crawler.crawl(later=2 * HOUR)
    assert [post for post in crawler.posts() if post.deleted_at] == []
    forum.instead.clear()
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.deleted_at] == ["乙"]


def test_a_list_that_shows_page_one_for_every_page_ends(crawler: Any, forum: Forum, site: Any) -> None:
    for tid in range(1, 6):
        forum.write(tid, site.now - 40 * DAY - tid * HOUR, "帖")
    listing = forum("/forum.php?mod=forumdisplay&fid=3")
    endless = type(listing)(listing.body.replace("共 3 页".encode(), "共 999 页".encode()))
    for page in range(2, 1000):
        forum.instead[f"/forum.php?mod=forumdisplay&fid=3&filter=lastpost&orderby=lastpost&page={page}"] = endless
    forum.instead["/forum.php?mod=forumdisplay&fid=3&filter=lastpost&orderby=lastpost"] = endless
    crawler.crawl()
    assert len([path for path in site.asked if "fid=3" in path]) == 2


def test_a_board_for_members_is_passed_by(crawler: Any, forum: Forum, site: Any) -> None:
    forum.write(1, site.now - HOUR, "公开", fid=4)
    forum.instead["/forum.php?mod=forumdisplay&fid=3&filter=lastpost&orderby=lastpost"] = forum.message(
        "抱歉，您没有权限访问该版块"
    )
    tally = crawler.crawl()
    assert texts(crawler.posts()) == ["公开"]
    assert (tally.state(), tally.blocked) == (SourceState.OK, "")


def test_a_guard_ends_the_crawl_politely_and_what_was_missed_is_read_later(
    crawler: Any, forum: Forum, site: Any
) -> None:
    for tid in range(1, 5):
        forum.write(tid, site.now - HOUR, f"帖{tid}")
    guard = type(forum.message(""))(b"<title>guard</title><script>setTimeout('document.location.reload()', 9)</script>")
    for tid in range(1, 5):
        forum.instead[f"/forum.php?mod=viewthread&tid={tid}"] = guard
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.BLOCKED, "flood_guard: guard")
    assert len([path for path in site.asked if "viewthread" in path]) <= 2
    forum.instead.clear()
    crawler.crawl(later=HOUR)
    assert texts(crawler.posts()) == [f"帖{tid}" for tid in range(1, 5)]


def test_a_merged_thread_leads_to_the_one_it_went_into(crawler: Any, forum: Forum, site: Any) -> None:
    thread = forum.write(1, site.now - HOUR, "原帖")
    forum.write(2, site.now - HOUR, "另一帖")
    crawler.crawl()
    crawler.posts()
    forum.moved[2] = 1
    thread.posts += forum.threads[2].posts
    crawler.crawl(later=2 * HOUR)
    assert [post.text for post in crawler.posts() if post.deleted_at] == []


def test_a_page_that_cannot_be_read_is_kept_with_its_reason_and_the_crawl_goes_on(
    crawler: Any, forum: Forum, site: Any
) -> None:
    forum.write(1, site.now - HOUR, "读不了")
    forum.write(2, site.now - HOUR, "读得了")
    forum.instead["/forum.php?mod=viewthread&tid=1"] = type(forum.message(""))("<p>新模板</p>".encode())
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.PARTIAL, "1 × layout")
    assert texts(crawler.posts()) == ["读得了"]
    (sample,) = (crawler.samples / "forum").glob("*.body")
    assert sample.read_text("utf-8") == "<p>新模板</p>"


def test_an_error_of_ours_ends_the_crawl_instead_of_asking_on_for_nothing(
    crawler: Any, forum: Forum, site: Any
) -> None:
    for tid in range(1, 20):
        forum.write(tid, site.now - HOUR, f"帖{tid}")

    def publish(_inner: Any, _messages: Any) -> None:
        raise OSError(28, "No space left on device")

    crawler.publish_through(publish)
    tally = crawler.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.FAILED, "OSError: [Errno 28] No space left on device")
    assert len([path for path in site.asked if "viewthread" in path]) <= 3


def test_a_log_that_does_not_answer_is_waited_for(crawler: Any, forum: Forum, site: Any) -> None:
    for tid in range(1, 4):
        forum.write(tid, site.now - HOUR, f"帖{tid}")
    failures = iter([True, True, False])

    def publish(inner: Any, messages: Any) -> None:
        if next(failures, False):
            raise Retryable("log is away", after=0.05)
        inner.publish(messages)

    crawler.publish_through(publish)
    tally = crawler.crawl()
    assert (tally.state(), texts(crawler.posts())) == (SourceState.OK, ["帖1", "帖2", "帖3"])


@pytest.mark.parametrize("acknowledged", [True, False], ids=["log-had-it", "log-had-it-not"])
def test_a_crash_at_the_log_loses_nothing_and_doubles_no_post(
    crawler: Any, forum: Forum, site: Any, acknowledged: bool
) -> None:
    for tid in range(1, 6):
        forum.write(tid, site.now - HOUR, f"帖{tid}")
    batches = 0

    def publish(inner: Any, messages: Any) -> None:
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
