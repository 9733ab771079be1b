"""Which pages are kept as they came, when, and that no trouble with them reaches a post."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from crawlers.cursors import Cursors
from crawlers.edge import identify
from crawlers.intake import UNREADABLE, Intake, Origin, Taken
from crawlers.pages.observation import Observation
from crawlers.pull.capturing import Capturing, FetchedPage
from stream.errors import Retryable
from stream.process.failpoints import arm
from stream.responses.capture import Capture
from stream.responses.store import ResponseStore
from stream.state.tombstones import asking, bury
from tests.crawlers.test_intake import FIRST, REPLY, START, Failing, Place

BODY = "<html><b>张三</b> 城南停电了 <i>我家也停了</i></html>".encode()
ORIGIN = Origin(source="forum", site="bbs", voice_key=b"k" * 32, parser="test", version=3)
IDS = [identify("bbs", one.native_id) for one in (FIRST, REPLY)]


class Beside(Place):
    """A source's log and memory, and a store of pages beside them."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        super().__init__(folder, engine)
        self.folder = folder / "responses"
        self.store = ResponseStore(self.folder, keep=timedelta(days=1), most=2**20, reserve=0)
        self.capturing = Capturing(self.store, source="forum", site="bbs", gone=asking(engine, self.clock))

    def take(self, *observations: Observation, page: FetchedPage | None = None) -> Taken:
        """Takes in what a page shows; the page is one of these alone unless told."""
        intake = Intake(
            ORIGIN, producer=self.producer, cursors=Cursors(self.engine, "bbs"), clock=self.clock, tally=self.tally,
            capturing=self.capturing,
        )  # fmt: skip
        return intake.take("1", observations, page=page or self.page(*observations))

    def page(self, *shown: Observation) -> FetchedPage:
        return FetchedPage(
            url="https://bbs.example.com/t-1.html", status=200, headers={"ETag": '"7"'}, body=BODY, at=self.clock.now(),
            shown=tuple(one.native_id for one in shown),
        )  # fmt: skip

    def kept(self, *posts: str) -> list[Capture]:
        return list(self.store.showing(posts or IDS))


@pytest.fixture
def place(tmp_path: Path, engine: Engine) -> Iterator[Beside]:
    one = Beside(tmp_path, engine)
    yield one
    one.close()
    arm("")


def test_a_page_that_brings_posts_is_kept_as_it_came_and_found_by_each_of_them(place: Beside) -> None:
    place.take(FIRST, REPLY)
    (page,) = place.kept()
    assert page == Capture(
        source="forum", url="https://bbs.example.com/t-1.html", status=200, headers={"ETag": '"7"'}, body=BODY,
        at=START, posts=tuple(IDS),
    )  # fmt: skip
    assert [post.id for post in place.posts()] == IDS
    assert [place.kept(post) for post in IDS] == [[page], [page]]


def test_a_page_that_brings_nothing_new_is_not_kept_again(place: Beside) -> None:
    place.take(FIRST, REPLY)
    place.clock.sleep(600)
    assert place.take(FIRST, REPLY).sent == 0
    assert [page.at for page in place.kept()] == [START]


def test_an_edited_post_brings_its_page_as_it_is_then_with_all_that_stands_on_it(place: Beside) -> None:
    place.take(FIRST, REPLY)
    place.clock.sleep(600)
    place.take(FIRST, replace(REPLY, text="来电了"))
    assert [(page.at, page.posts) for page in place.kept()] == [
        (START, tuple(IDS)), (START + timedelta(minutes=10), tuple(IDS)),
    ]  # fmt: skip


def test_a_page_taken_in_piece_by_piece_is_kept_once_with_all_that_it_shows(place: Beside) -> None:
    page = place.page(FIRST, REPLY)
    place.take(FIRST, page=page)
    place.take(REPLY, page=page)
    assert [one.posts for one in place.kept()] == [tuple(IDS)]


def test_posts_that_nobody_can_read_are_among_those_that_a_page_shows(place: Beside) -> None:
    place.take(FIRST, replace(REPLY, text="\ufffd\ufffd\ufffd停"))
    assert place.tally.failures == {UNREADABLE: 1}
    assert [page.posts for page in place.kept(IDS[1])] == [tuple(IDS)]


def test_a_page_that_shows_an_erased_post_is_not_kept_though_another_post_is_new(place: Beside) -> None:
    bury(place.engine, [IDS[0]], START, reason="request")
    assert place.take(FIRST, REPLY) == Taken(new=1, closed=1)
    assert place.kept() == []
    assert [post.id for post in place.posts()] == [IDS[1]]


def test_a_page_of_which_another_post_was_erased_is_not_kept_for_the_one_that_is_taken_in(place: Beside) -> None:
    bury(place.engine, [IDS[1]], START, reason="request")
    assert place.take(FIRST, page=place.page(FIRST, REPLY)) == Taken(new=1)
    assert place.kept() == []


@pytest.mark.parametrize("step", ["publish.sent", "crawl.sent", "crawl.noted"])
def test_who_dies_after_the_page_was_kept_reads_it_again_and_loses_none(place: Beside, step: str) -> None:
    arm(f"{step}=raise@1")
    with pytest.raises(RuntimeError):
        place.take(FIRST, REPLY)
    assert [page.posts for page in place.kept()] == [tuple(IDS)]
    place.clock.sleep(60)
    place.take(FIRST, REPLY)
    assert {post.id for post in place.posts()} == set(IDS)
    assert [place.kept(post)[0].at for post in IDS] == [START, START]


def test_who_dies_before_the_page_was_kept_keeps_it_the_next_time(place: Beside) -> None:
    arm("crawl.met=raise@1")
    with pytest.raises(RuntimeError):
        place.take(FIRST)
    assert place.kept() == []
    place.clock.sleep(60)
    place.take(FIRST)
    assert [page.at for page in place.kept()] == [START + timedelta(minutes=1)]


def test_a_log_that_does_not_answer_makes_no_second_copy(place: Beside) -> None:
    place.producer, page = Failing(place.producer, [Retryable("busy")]), place.page(FIRST)
    with pytest.raises(Retryable):
        place.take(FIRST, page=page)
    place.clock.sleep(60)
    assert place.take(FIRST, page=page) == Taken(new=1)
    assert [one.at for one in place.kept()] == [START]


def full(place: Beside) -> ResponseStore:
    """A store on a disk of which nothing is left over."""
    return ResponseStore(place.folder, keep=timedelta(days=1), most=2**20, reserve=2**60)


def no_folder(place: Beside) -> ResponseStore:
    """A store where a file lies in its place."""
    place.folder.write_text("no folder")
    return ResponseStore(place.folder, keep=timedelta(days=1), most=2**20, reserve=0)


@pytest.mark.parametrize("broken", [full, no_folder])
def test_a_disk_that_takes_nothing_is_told_once_and_costs_no_post(place: Beside, broken: object) -> None:
    assert callable(broken)
    place.capturing = Capturing(broken(place), source="forum", site="bbs", gone=asking(place.engine, place.clock))
    with capture_logs() as logs:
        place.capturing.begin(START)
        assert place.take(FIRST) == Taken(new=1)
        assert place.take(REPLY) == Taken(new=1)
    assert [post.id for post in place.posts()] == IDS
    assert [(line["event"], line["source"]) for line in logs] == [("pages not kept, the crawl goes on", "forum")]
    assert not place.tally.failures  # a source is not worse for it


def test_a_disk_that_has_room_again_is_used_again(place: Beside) -> None:
    place.folder.write_text("no folder")
    with capture_logs():
        place.take(FIRST)
    place.folder.unlink()
    place.take(REPLY)
    assert [page.posts for page in place.kept()] == [(IDS[1],)]


def test_a_state_that_is_away_when_it_is_asked_for_the_erased_costs_the_page_alone(place: Beside) -> None:
    def away(_ids: Collection[str]) -> frozenset[str]:
        raise Retryable("the state is away")

    place.capturing = Capturing(place.store, source="forum", site="bbs", gone=away)
    with capture_logs() as logs:
        assert place.take(FIRST, page=place.page(FIRST, REPLY)) == Taken(new=1)
    assert (place.kept(), [line["log_level"] for line in logs]) == ([], ["warning"])


def test_what_is_past_its_day_goes_when_a_crawl_begins(place: Beside) -> None:
    place.take(FIRST)
    place.capturing.begin(START + timedelta(hours=24))
    assert len(place.kept()) == 1
    place.capturing.begin(START + timedelta(hours=25))
    assert place.kept() == []
