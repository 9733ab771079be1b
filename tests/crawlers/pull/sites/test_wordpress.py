from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawlers.health import Tally
from stream.messages import Kind, Post
from stream.state.source_health import SourceState
from stream.state.source_lists import SourceList
from tests.crawlers.pull.sites.blog import JSON, Blog, article, remark
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

pytestmark = pytest.mark.parametrize("state_url", ["sqlite"], indirect=True)


class Reader:
    """A crawler of one blog."""

    def __init__(self, crawler: Crawler, site: Site) -> None:
        self._crawler, self._site = crawler, site
        self.blog = Blog()
        site.answer = self.blog
        self.posts: Callable[[], list[Post]] = crawler.posts

    def crawl(self, later: timedelta = timedelta(minutes=10), **changes: Any) -> Tally:
        self._site.log.clear()
        settings = {"site": "官网", "software": "wordpress", "url": f"{self._site.root}/"}
        return self._crawler.crawl(later, **(settings | changes))

    def held(self) -> dict[str, tuple[int | None, int | None]]:
        """Of each list, how many posts the site counts for guests and how many are held."""
        return {name: (one.posts_told, one.posts_held) for name, one in self.lists().items()}

    def lists(self) -> dict[str, SourceList]:
        """How complete each list is."""
        return self._crawler.lists()

    @property
    def asked(self) -> list[str]:
        """The pages that were asked for last, without the fields."""
        return [path.removeprefix("/wp-json/wp/v2/").partition("&_fields")[0] for path in self._site.asked]


@pytest.fixture
def reader(crawler: Crawler, site: Site) -> Reader:
    return Reader(crawler, site)


def test_all_posts_and_comments_are_read_once_then_what_is_new_and_what_went(reader: Reader) -> None:
    reader.blog.posts = [article(number) for number in range(1, 31)]
    reader.blog.comments = [remark(number, post=1) for number in range(1, 251)]
    tally = reader.crawl()
    assert (tally.state(), tally.new, tally.pages) == (SourceState.OK, 280, 4)
    assert reader.held() == {"posts": (30, 30), "comments": (250, 250)}
    assert tally.newest == datetime(
        2026, 11, 19, 6, 49, tzinfo=UTC
    )  # none that is ahead of the site's clock by more than five minutes
    sent = {post.native_id: post for post in reader.posts()}
    assert len(sent) == 280
    assert (sent["post:1"].title, sent["post:1"].board, sent["post:1"].kind) == ("题 1", "停电 & 抢修", Kind.ARTICLE)
    assert (sent["comment:7"].title, sent["comment:7"].thread_id) == ("题 1", sent["post:1"].id)

    assert reader.crawl().new == 0
    assert [one.partition("?")[0] for one in reader.asked] == ["categories", "posts", "comments"]

    reader.blog.comments.append(remark(251, post=2, date_gmt="2026-11-19T06:50:00"))
    reader.blog.posts[4] = article(5, "来电了", modified_gmt="2026-11-19T06:51:00")
    tally = reader.crawl()
    assert (tally.new, tally.changed, tally.deleted) == (1, 1, 0)
    assert {(post.native_id, post.text, post.title) for post in reader.posts()} == {
        ("comment:251", "同问", "题 2"),
        ("post:5", "来电了", "题 5"),
    }

    del reader.blog.comments[9]
    reader.blog.comments[20] = remark(22, text="改过了")  # an edit shows nowhere but in the whole list
    tally = reader.crawl()
    assert (tally.new, tally.changed, tally.deleted) == (0, 1, 1)
    assert reader.held() == {"posts": (30, 30), "comments": (250, 250)}
    assert {(post.native_id, post.deleted_at is not None) for post in reader.posts()} == {
        ("comment:10", True),
        ("comment:22", False),
    }
    assert sum("orderby=id" in one for one in reader.asked) == 3


def test_a_comment_that_was_held_back_is_found_where_it_stands(reader: Reader) -> None:
    reader.blog.posts = [article(1)]
    reader.blog.comments = [remark(number) for number in range(2, 40)]
    reader.crawl()
    reader.blog.comments.append(remark(1, text="早就写了"))
    assert reader.crawl().new == 1


def test_what_guests_do_not_see_is_not_read_and_not_missed(reader: Reader) -> None:
    hidden = {"rendered": "", "protected": True}
    reader.blog.posts = [article(1), article(2, content=hidden), article(3)]
    reader.blog.comments = [remark(1), remark(2, type="pingback")]
    reader.blog.kept["comments"] = 3
    tally = reader.crawl()
    assert (tally.state(), tally.new) == (SourceState.OK, 3)
    assert reader.held() == {"posts": (2, 2), "comments": (1, 1)}
    assert reader.crawl().pages == 2
    reader.blog.posts[0] = article(1, content=hidden)
    assert reader.crawl().deleted == 1


def test_a_whole_day_later_the_lists_are_read_to_their_end(reader: Reader) -> None:
    reader.blog.posts, reader.blog.comments = [article(1)], [remark(number) for number in range(1, 31)]
    reader.crawl()
    reader.blog.comments[0] = remark(1, text="改过了")
    assert reader.crawl().changed == 0
    assert reader.crawl(timedelta(days=1)).changed == 1


def test_a_list_that_is_empty_all_at_once_deletes_nothing(reader: Reader) -> None:
    reader.blog.posts, reader.blog.comments = [article(1)], [remark(1), remark(2)]
    reader.crawl()
    reader.blog.comments = []
    assert reader.crawl().deleted == 0


def test_pages_that_repeat_are_told_and_delete_nothing(reader: Reader) -> None:
    reader.blog.posts, reader.blog.comments = [article(1)], [remark(number) for number in range(1, 131)]
    reader.crawl()
    page = reader.blog("/wp-json/wp/v2/comments?per_page=100&page=1")
    reader.blog.instead["comments"] = Answer(page.body, headers=dict(page.headers) | {"X-WP-Total": "120"})
    tally = reader.crawl()
    assert (tally.deleted, tally.failures, tally.state()) == (0, {"pages_repeat": 1}, SourceState.PARTIAL)


def test_a_page_that_does_not_come_leaves_the_list_open_and_says_what_is_missing(reader: Reader) -> None:
    reader.blog.posts = [article(1)]
    reader.blog.comments = [remark(number) for number in range(1, 131)]
    first = reader.blog("/wp-json/wp/v2/comments?per_page=100&page=1")
    answers = iter([first, Answer(b"<html>busy")])
    reader.blog.instead = {}
    whole = reader.blog
    reader._site.answer = lambda path: next(answers) if "/comments" in path else whole(path)
    tally = reader.crawl()
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {"not_wordpress": 1})
    assert reader.held() == {"posts": (1, 1), "comments": (130, 100)}
    comments = reader.lists()["comments"]
    assert (comments.posts_missing, comments.whole, comments.complete_until) == (30, False, None)
    reader._site.answer = whole
    assert reader.crawl().new == 30


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (Answer(b'{"code":"rest_not_logged_in"}', 401, JSON), SourceState.BLOCKED, "rest_closed (rest_not_logged_in)"),
        (Answer(b'{"code":"rest_disabled"}', 404, JSON), SourceState.FAILED, "no WordPress interface"),
        (Answer(b"<html>home"), SourceState.FAILED, "/wp-json (not_wordpress): ask its owner"),
        (Answer(b"", 500), SourceState.FAILED, "http_500"),
    ],
)
def test_an_interface_that_is_closed_or_not_there_is_said_in_words(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, answer: Answer, state: SourceState, told: str
) -> None:
    monkeypatch.setattr("crawlers.pull.politeness.patience.ATTEMPTS", 1)
    reader.blog.instead = dict.fromkeys(("categories", "posts"), answer)
    tally = reader.crawl()
    assert tally.state() is state
    assert told in tally.reason()
    assert not any("comments" in one for one in reader.asked)


def test_comments_alone_may_be_closed_or_not_wanted(reader: Reader) -> None:
    reader.blog.posts = [article(1)]
    reader.blog.instead["comments"] = Answer(b'{"code":"rest_forbidden"}', 401, JSON)
    tally = reader.crawl()
    assert (tally.state(), tally.new) == (SourceState.PARTIAL, 1)
    assert tally.failures == {"comments_closed (rest_forbidden)": 1}
    assert reader.crawl(comments=False).state() is SourceState.OK
