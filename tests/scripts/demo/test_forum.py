from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import Answer, BoardListing, PageRefused, ThreadPage
from crawlers.pages.observation import Observation
from scripts.demo.drafts import BOARDS
from scripts.demo.forum import AccessLog, open_forum
from scripts.demo.story import START, Story, tell
from scripts.demo.world import Thread
from stream.process.clock import ScriptedClock

Get = Callable[[str], tuple[HTTPResponse, bytes]]
HOME = "http://forum.invalid"
FORUM = DiscuzForum(f"{HOME}/forum.php")
WHEN = timedelta(hours=4)  # after the rumour began


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


@pytest.fixture
def log() -> AccessLog:
    return AccessLog()


@pytest.fixture
def get(story: Story, log: AccessLog) -> Iterator[Get]:
    with open_forum(story.world, ScriptedClock(story.rumour.at + WHEN), log) as address:
        connection = HTTPConnection(urlsplit(address).netloc)

        def ask(path: str) -> tuple[HTTPResponse, bytes]:
            connection.request("GET", path)
            response = connection.getresponse()
            return response, response.read()

        yield ask
        connection.close()


def answer(get: Get, path: str, at: datetime = START) -> Answer:
    response, body = get(path)
    return Answer(body=body, url=f"{HOME}{path}", content_type=response.headers["Content-Type"], at=at)


def listing(get: Get, fid: int, number: int = 1) -> BoardListing:
    return FORUM.read_board(answer(get, f"/forum.php?mod=forumdisplay&fid={fid}&page={number}"), str(fid))


def titled(story: Story, words: str) -> Thread:
    return next(thread for thread in story.world.threads.values() if words in thread.title)


def posts(get: Get, story: Story, tid: int, number: int = 1) -> ThreadPage:
    shown = answer(get, f"/forum.php?mod=viewthread&tid={tid}&page={number}", story.rumour.at + WHEN)
    return FORUM.read_thread(shown, str(tid), None)


def test_every_readable_post_is_parsed_word_for_word(get: Get, story: Story, log: AccessLog) -> None:
    now = story.rumour.at + WHEN
    for thread in story.world.threads.values():
        there = [post for post in story.world.posts(thread.tid, now) if post.author.uid and not post.shielded]
        board = story.world.board(thread.fid)
        if not thread.is_there(now) or thread.moved_to or thread.members_only or (board and board.closed):
            continue
        seen: dict[str, Observation] = {}
        for number in range(1, -(-len(story.world.posts(thread.tid, now)) // 10) + 1):
            seen |= {one.native_id: one for one in posts(get, story, thread.tid, number).observations}
        assert seen.keys() == {f"pid:{post.pid}" for post in there}
        for post in there:
            observation = seen[f"pid:{post.pid}"]
            assert observation.published_at is not None
            assert abs(observation.published_at - post.at) < timedelta(seconds=1)
            if post.markup is None:
                assert observation.text.strip() == (post.edited_text if post.is_edited(now) else post.text)
        assert seen.keys() <= log.served().keys()


def test_a_list_page_beyond_the_last_is_the_first(get: Get) -> None:
    assert listing(get, 2, 99).page == 1


def test_a_thread_page_beyond_the_last_is_the_last(get: Get, story: Story) -> None:
    long = posts(get, story, titled(story, "停电三天？").tid, 99)
    assert (long.page or 0) > 1
    assert long.next is None


def test_the_sub_board_is_linked_from_its_parent_alone(get: Get) -> None:
    sub = next(board for board in BOARDS if board.parent)
    assert str(sub.fid) not in FORUM.read_boards(answer(get, "/forum.php")).boards
    assert sub.parent is not None
    assert str(sub.fid) in listing(get, sub.parent).boards


def test_a_board_without_threads_says_so(story: Story, log: AccessLog) -> None:
    with open_forum(story.world, ScriptedClock(START), log) as address:
        connection = HTTPConnection(urlsplit(address).netloc)
        connection.request("GET", "/forum.php?mod=forumdisplay&fid=5")
        response = connection.getresponse()
        content_type = response.headers["Content-Type"]
        shown = Answer(body=response.read(), url=address, content_type=content_type, at=START)
        connection.close()
    assert FORUM.read_board(shown, "5").threads == ()


@pytest.mark.parametrize("words", ["转让闲置电饭煲", "只有会员能看", "九月巡查安排"])
def test_what_is_for_members_is_a_message(get: Get, story: Story, words: str) -> None:
    with pytest.raises(PageRefused):
        posts(get, story, titled(story, words).tid)


def test_a_moved_thread_leaves_a_redirect(get: Get, story: Story) -> None:
    stub = titled(story, "（移）")
    response, _ = get(f"/forum.php?mod=viewthread&tid={stub.tid}")
    assert response.status == 302
    assert response.headers["Location"].endswith(f"tid={stub.moved_to}")


def test_the_date_header_is_the_scripted_time(get: Get, story: Story) -> None:
    response, _ = get("/robots.txt")
    assert parsedate_to_datetime(response.headers["Date"]) == story.rumour.at + WHEN
