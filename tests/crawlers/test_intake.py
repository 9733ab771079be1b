"""The one way in: what is published, what is counted, what is remembered, and that crawls and files agree on it."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from crawlers.cursors import Cursors, PostRow, forget
from crawlers.edge import name_of
from crawlers.health import RobotsVerdict, Tally
from crawlers.intake import QUARANTINED, UNREAD_TIME, UNREADABLE, Intake, Origin, Taken
from crawlers.pages.observation import Observation
from crawlers.pull.patient import PatientIntake
from crawlers.push.columns import Columns, RowReader
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from stream.errors import Rejected, Retryable
from stream.log.broker import RAW, Message, Producer, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Counts, Crawl, Kind, Post, Precision
from stream.process.clock import SHANGHAI, ScriptedClock
from stream.process.failpoints import arm
from stream.state.database import reading
from stream.state.tombstones import bury
from tests.crawlers.published import published
from tests.databases import opened

START = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = Observation(
    native_id="pid:1",
    kind=Kind.THREAD,
    thread="pid:1",
    title="停电",
    text="城南停电了",
    published_at=START - HOUR,
    published_precision=Precision.SECOND,
    counts=Counts(replies=1, views=9),
)
REPLY = replace(FIRST, native_id="pid:2", kind=Kind.REPLY, text="我家也停了", parent="pid:1", counts=Counts())


class Place:
    """One source's log and memory; `producer` may be replaced by one that fails."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.engine = engine
        self.clock = ScriptedClock(START)
        admin = SqliteAdmin(folder / "log.db")
        admin.apply([Topic(RAW), Topic("posts.quarantine", partitions=1)])
        admin.close()
        self.producer: Producer = SqliteProducer(folder / "log.db", self.clock)
        self._consumer = SqliteConsumer(folder / "log.db", self.clock, group="test", topics=[RAW])
        self.tally = Tally()

    def intake(self, site: str = "bbs", **origin: Any) -> Intake:
        told = {"source": "forum", "site": site, "voice_key": b"k" * 32, "parser": "test", "version": 3} | origin
        cursors = Cursors(self.engine, site)
        return Intake(Origin(**told), producer=self.producer, cursors=cursors, clock=self.clock, tally=self.tally)

    def posts(self) -> list[Post]:
        return published(self._consumer)

    def close(self) -> None:
        self.producer.close()
        self._consumer.close()


@pytest.fixture
def place(tmp_path: Path, engine: Engine) -> Iterator[Place]:
    one = Place(tmp_path, engine)
    yield one
    one.close()
    arm("")


@dataclass
class Failing:
    """A log that raises what it is given, one after the other, before it takes anything."""

    inner: Producer
    errors: list[Exception]

    def publish(self, messages: Sequence[Message]) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.inner.publish(messages)

    def close(self) -> None:
        self.inner.close()


def test_what_is_new_is_published_counted_and_not_published_again(place: Place) -> None:
    assert place.intake().take("1", [FIRST, REPLY]) == Taken(new=2)
    assert place.intake().take("1", [FIRST, REPLY]) == Taken(unchanged=2)
    assert [post.native_id for post in place.posts()] == ["pid:1", "pid:2"]
    assert (place.tally.read, place.tally.new, place.tally.changed) == (4, 2, 0)


def test_nothing_shown_is_nothing_taken(place: Place) -> None:
    assert place.intake().take("1", []) == Taken()
    assert (place.posts(), place.tally.read) == ([], 0)


def test_an_edit_that_the_site_does_not_date_bears_the_time_it_was_noticed_and_keeps_it(place: Place) -> None:
    place.intake().take("1", [REPLY])
    place.clock.sleep(3600)
    edited = replace(REPLY, text="来电了")
    assert place.intake().take("1", [edited]) == Taken(changed=1)
    place.clock.sleep(3600)
    assert place.intake().take("1", [edited]) == Taken(unchanged=1)
    before, after = place.posts()
    assert (before.edited_at, after.edited_at) == (None, START + HOUR)
    assert (after.first_seen_at, after.observed_at) == (START, START + HOUR)


def test_an_edit_that_the_site_dates_keeps_the_sites_time(place: Place) -> None:
    place.intake().take("1", [REPLY])
    place.clock.sleep(7200)
    place.intake().take("1", [replace(REPLY, text="来电了", edited_at=START + HOUR)])
    assert place.posts()[-1].edited_at == START + HOUR


def test_a_text_that_is_shown_cut_is_made_whole_by_an_update_and_never_cut_again(place: Place) -> None:
    cut, whole = replace(FIRST, text="城南停…", cut=True), replace(FIRST, text="城南停电了，有人知道吗")
    assert place.intake().take("1", [cut]) == Taken(new=1)
    assert place.intake().take("1", [cut]) == Taken(unchanged=1)
    place.clock.sleep(60)
    assert place.intake().take("1", [whole]) == Taken(changed=1)
    place.clock.sleep(60)
    assert place.intake().take("1", [cut]) == Taken(unchanged=1)
    edited = replace(FIRST, text="城南来电了，都放心…", cut=True)  # another text, of which only the beginning is shown
    assert place.intake().take("1", [edited]) == Taken(changed=1)
    told = [(post.text, post.truncated, post.edited_at) for post in place.posts()]
    assert told == [
        (cut.text, True, None),
        (whole.text, False, None),
        (edited.text, True, place.clock.now()),
    ]


def test_words_that_turn_out_to_be_all_there_were_are_not_called_cut_any_more(place: Place) -> None:
    place.intake().take("1", [replace(FIRST, cut=True)])
    assert place.intake().take("1", [FIRST]) == Taken(changed=1)
    assert [post.truncated for post in place.posts()] == [True, False]


def test_of_an_id_that_comes_twice_at_once_the_last_one_counts(place: Place) -> None:
    longer = replace(REPLY, text="补充：九点来电")
    assert place.intake().take("1", [REPLY, FIRST, longer]) == Taken(new=2, repeated=1)
    assert [(post.native_id, post.text) for post in place.posts()] == [
        ("pid:2", "补充：九点来电"),
        ("pid:1", FIRST.text),
    ]
    assert place.intake().take("1", [longer]) == Taken(unchanged=1)


def test_words_that_are_no_text_are_counted_and_no_post(place: Place) -> None:
    lost = replace(REPLY, text="\ufffd\ufffd\ufffd停")
    assert place.intake().take("pid:1", [FIRST, lost]) == Taken(new=1)
    assert [one.native_id for one in place.posts()] == ["pid:1"]
    assert (place.tally.read, place.tally.failures) == (1, {UNREADABLE: 1})


def test_an_odd_id_is_known_again_by_the_name_it_is_kept_under(place: Place) -> None:
    odd = replace(REPLY, native_id=" pid:\u200b2 " + "长" * 400)
    assert place.intake().take("1", [odd]) == Taken(new=1)
    assert place.intake().take("1", [odd]) == Taken(unchanged=1)


def test_a_post_that_moves_to_another_board_or_thread_is_sent_again_and_bears_no_edit(place: Place) -> None:
    place.intake().take("1", [replace(FIRST, board="停电"), replace(REPLY, board="停电")])
    assert place.intake().take("1", [replace(FIRST, board="归档"), REPLY]) == Taken(changed=1, unchanged=1)
    assert place.intake().take("2", [replace(REPLY, board="停电", thread="pid:9", parent="pid:1")]) == Taken(changed=1)
    assert place.intake().take("2", [replace(REPLY, board="停电", thread="pid:9", parent="pid:8")]) == Taken(changed=1)
    sent = place.posts()
    assert sorted(post.board or "" for post in sent) == ["停电"] * 4 + ["归档"]
    assert [post.edited_at for post in sent] == [None] * 5


def test_views_alone_send_nothing_again_until_they_doubled(place: Place) -> None:
    place.intake().take("1", [FIRST])
    assert place.intake().take("1", [replace(FIRST, counts=Counts(replies=1, views=18))]) == Taken(unchanged=1)
    assert place.intake().take("1", [replace(FIRST, counts=Counts(replies=1, views=19))]) == Taken(changed=1)
    assert place.intake().take("1", [replace(FIRST, counts=Counts(replies=2, views=19))]) == Taken(changed=1)


def test_votes_of_a_poll_are_no_edit(place: Place) -> None:
    poll = replace(FIRST, text="选吧\n1. 要（9 票）\n2. 不要（1 票）")
    place.intake().take("1", [poll])
    place.clock.sleep(3600)
    assert place.intake().take("1", [replace(poll, text=poll.text.replace("9 票", "10 票"))]) == Taken(unchanged=1)
    assert place.intake().take("1", [replace(poll, text=poll.text.replace("9 票", "30 票"))]) == Taken(changed=1)
    assert [post.edited_at for post in place.posts()] == [None, None]


def test_erased_and_past_posts_are_closed_and_not_sent(place: Place) -> None:
    place.intake().take("1", [FIRST, REPLY])
    first, _ = place.posts()
    bury(place.engine, [first.id], START, reason="request")
    edited = [replace(FIRST, text="改"), replace(REPLY, text="改")]
    assert place.intake().take("1", edited) == Taken(closed=1, changed=1)
    forget(place.engine, START + 91 * 24 * HOUR, timedelta(days=90))
    assert place.intake().take("1", [REPLY]) == Taken(closed=1)
    assert [post.native_id for post in place.posts()] == ["pid:2"]


def test_uncounted_posts_are_charted_and_never_part_of_a_spike(place: Place) -> None:
    place.intake().take("", [FIRST, REPLY], uncounted={"pid:2"})
    counted, uncounted = place.posts()
    assert (counted.counted_at, uncounted.counted_at) == (START - HOUR, None)
    assert uncounted.charted_at == START - HOUR


def test_posts_whose_time_nobody_understood_are_sent_uncounted_and_a_person_is_told_once(place: Place) -> None:
    ancient = replace(FIRST, published_at=datetime(1900, 1, 1, tzinfo=UTC), published_precision=Precision.DAY)
    odd = replace(REPLY, published_at=None, published_precision=Precision.UNKNOWN, unread_time="冬月初五")
    undated = replace(odd, native_id="pid:3", unread_time="")
    for _ in range(2):
        place.intake().take("1", [ancient, odd, undated])
    assert [(post.native_id, post.counted_at) for post in place.posts()] == [
        ("pid:1", None),
        ("pid:2", None),
        ("pid:3", START),
    ]
    place.tally.pages = 1
    assert (place.tally.state(), place.tally.reason()) == ("partial", "2 × time_not_understood (1900-01-01)")
    assert place.tally.failures == {UNREAD_TIME: 2}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("乙巳年腊月初八", "乙巳年腊月初八"),
        ("2026年11月", "2026年11月"),
        ("乙巳年\r\n\u202e腊月", "乙巳年 腊月"),
        ("年" * 80, "年" * 40),
        ("张三丰", "words without a date"),
    ],
)
def test_a_source_tells_the_first_time_that_it_did_not_understand_in_a_line(
    place: Place, words: str, told: str
) -> None:
    odd = replace(REPLY, published_at=None, published_precision=Precision.UNKNOWN, unread_time=words)
    place.intake().take("1", [odd, replace(odd, native_id="pid:3", unread_time="正月")])
    place.tally.pages = 1
    assert place.tally.reason() == f"2 × time_not_understood ({told})"


def test_each_post_says_what_was_found_of_robots_and_the_rate_in_force_when_it_was_read(place: Place) -> None:
    intake = place.intake()
    place.tally.robots, place.tally.delay = RobotsVerdict.ALLOWED, 2.0
    intake.take("1", [FIRST])
    place.tally.pause = 8.0
    intake.take("1", [REPLY])
    first, second = place.posts()
    assert (first.crawl.robots, first.crawl.rate, first.crawl.parser, first.crawl.version) == (
        "allowed",
        0.5,
        "test",
        3,
    )
    assert second.crawl.rate == 0.125


def test_a_post_gone_at_its_source_is_sent_whole_with_its_end(place: Place) -> None:
    place.intake().take("1", [FIRST, REPLY])
    known = Cursors(place.engine, "bbs").living("1")
    place.clock.sleep(3600)
    place.intake().withdraw([known["pid:2"]])
    gone = place.posts()[-1]
    assert (gone.text, gone.deleted_at, gone.observed_at) == (REPLY.text, START + HOUR, START + HOUR)
    assert (place.tally.deleted, set(Cursors(place.engine, "bbs").living("1"))) == (1, {"pid:1"})
    assert place.intake().take("1", [REPLY]) == Taken(changed=1)


def test_a_post_that_the_log_refuses_for_good_is_quarantined_counted_and_named(place: Place) -> None:
    def too_large() -> list[Exception]:
        return [Rejected("too_large"), Rejected("too_large")]

    place.producer = Failing(place.producer, too_large())  # the batch, then its first half
    assert place.intake().take("1", [FIRST, REPLY]) == Taken(new=2, quarantined=1)
    place.tally.pages = 1
    assert (place.tally.failures, place.tally.reason()) == ({QUARANTINED: 1}, "1 × quarantined")
    assert [post.native_id for post in place.posts()] == ["pid:2"]
    known = Cursors(place.engine, "bbs").living("1")
    place.producer.errors = [Rejected("too_large")]  # type: ignore[attr-defined]
    place.intake().withdraw([known["pid:2"]])
    assert place.tally.failures == {QUARANTINED: 2}


def test_a_log_that_does_not_answer_leaves_the_posts_unknown_and_the_tally_untouched(place: Place) -> None:
    place.producer = Failing(place.producer, [Retryable("busy")])
    with pytest.raises(Retryable):
        place.intake().take("1", [FIRST])
    assert (place.tally.read, Cursors(place.engine, "bbs").living("1")) == (0, {})
    place.clock.sleep(3600)
    assert place.intake().take("1", [FIRST]) == Taken(new=1)
    assert [post.first_seen_at for post in place.posts()] == [START]


@pytest.mark.parametrize("step", ["crawl.met", "publish.sent", "crawl.sent", "crawl.noted"])
def test_a_death_at_any_step_loses_nothing_and_doubles_no_post(place: Place, step: str) -> None:
    arm(f"{step}=raise@1")
    with pytest.raises(RuntimeError):
        place.intake().take("1", [FIRST, REPLY])
    place.clock.sleep(3600)
    place.intake().take("1", [FIRST, REPLY])
    posts = place.posts()
    assert {post.native_id for post in posts} == {"pid:1", "pid:2"}
    assert {post.first_seen_at for post in posts} == {START}
    assert len({(post.id, post.content_hash, post.counted_at) for post in posts}) == 2
    assert len(posts) == (4 if step == "crawl.sent" else 2)
    assert place.intake().take("1", [FIRST, REPLY]) == Taken(unchanged=2)


def test_an_internal_channel_keeps_nothing_of_the_writer(place: Place) -> None:
    place.intake(keep_voice=False).take("1", [replace(FIRST, author="甲")])
    assert [post.voice for post in place.posts()] == [None]


COLUMNS = Columns(text="text", id="id", published_at="at", author="author", title="title", views="views")
SOURCE = FileSource(site="bbs", basis="a test", columns=COLUMNS)
# Each post keeps its time: of another time and with other words a file's row is another post, a page's is not.
WHEN = {"1": "2026-11-19 14:30", "2": "2026-11-18", "3": "2026-11-17 03:00", "pid:4": "2099-01-01 08:30"}
ROWS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3", " 3", "pid:4"]),
        "text": st.sampled_from(["停电了", "来电了", "😡\u200d", "a\r\nb", "第三次停电"]),
        "author": st.sampled_from(["", "甲", "乙"]),
        "title": st.sampled_from(["", "城南"]),
        "views": st.sampled_from(["", "3", "1.2万"]),
    }
).map(lambda row: {**row, "at": WHEN[row["id"].strip()]})
NUMBERS = count()


def remembered(engine: Engine, site: str) -> dict[str, tuple[Any, ...]]:
    """What a site's memory holds, but for how posts were obtained."""
    posts = Cursors(engine, site).living("")
    with reading(engine) as session:
        rows = list(session.scalars(select(PostRow).where(PostRow.site == site)))
    return {
        row.native_id: (
            row.post_id,
            row.thread,
            row.first_seen_at,
            row.deleted,
            row.missed,
            plain(posts[row.native_id]),
        )
        for row in rows
    }


def plain(post: Post) -> Post:
    return replace(post, crawl=Crawl(robots="", rate=None, parser="", version=0))


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Place, Place]]:
    """Two places alike; examples differ by their site."""
    with ExitStack() as stack:
        made = []
        for _ in range(2):
            folder = Path(stack.enter_context(TemporaryDirectory()))
            one = Place(folder, stack.enter_context(opened(f"sqlite:///{folder / 'state.db'}")))
            stack.callback(one.close)
            made.append(one)
        yield made[0], made[1]


@settings(max_examples=25)
@given(batches=st.lists(st.lists(ROWS, min_size=1, max_size=6), min_size=1, max_size=3))
def test_files_and_crawls_make_the_same_posts_and_the_same_memory(
    pair: tuple[Place, Place], batches: list[list[dict[str, str]]]
) -> None:
    crawled, filed = pair
    site = f"site{next(NUMBERS)}"
    crawled.tally = Tally()
    sent = 0
    for rows in batches:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a.jsonl"
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
            sent += import_file(
                path, replace(SOURCE, site=site), name="forum", producer=filed.producer, engine=filed.engine,
                voice_key=b"k" * 32, clock=filed.clock, report_to=Path(folder),
            ).sent  # fmt: skip
        reader = RowReader(COLUMNS, Kind.STATUS, SHANGHAI)
        read = [reader.read(row, crawled.clock.now()) for row in rows]
        uncounted = {name_of(row.observation.native_id) for row in read if not row.counts_now}
        intake = crawled.intake(site)
        take = partial(intake.take, "", [row.observation for row in read], uncounted=uncounted)
        asyncio.run(PatientIntake(intake).patiently(take))
        for one in pair:
            one.clock.sleep(3600)
    assert sent == crawled.tally.new + crawled.tally.changed
    assert [plain(post) for post in filed.posts()] == [plain(post) for post in crawled.posts()]
    assert remembered(filed.engine, site) == remembered(crawled.engine, site)


def test_other_words_in_a_plainer_view_are_no_edit_and_its_coarser_time_moves_nothing(place: Place) -> None:
    place.intake().take("1", [FIRST, REPLY])
    place.posts()
    coarse = {"published_at": START - 9 * HOUR, "published_precision": Precision.DAY}
    plainer = [replace(one, text="城南 停电", board="另一个", **coarse) for one in (FIRST, REPLY)]
    assert place.intake().take("1", plainer, view="mobile") == Taken(unchanged=2)
    assert place.posts() == []


def test_counters_of_a_plainer_view_are_believed_and_sent_with_the_words_of_the_usual_one(place: Place) -> None:
    place.intake().take("1", [FIRST])
    place.posts()
    grown = replace(FIRST, text="城南 停电", counts=Counts(replies=7, views=9), published_precision=Precision.DAY)
    place.clock.sleep(60)
    assert place.intake().take("1", [grown], view="mobile") == Taken(changed=1)
    (sent,) = place.posts()
    assert (sent.text, sent.counts.replies, sent.edited_at, sent.crawl.parser) == (FIRST.text, 7, None, "test")
    assert (sent.published_precision, sent.observed_at) == (Precision.SECOND, START + timedelta(seconds=60))


def test_what_was_gone_and_is_shown_in_a_plainer_view_is_back_with_the_words_it_had(place: Place) -> None:
    place.intake().take("1", [REPLY])
    place.intake().withdraw(place.posts())
    place.posts()
    assert place.intake().take("1", [replace(REPLY, text="我家 停")], view="mobile") == Taken(changed=1)
    (back,) = place.posts()
    assert (back.text, back.deleted_at, back.edited_at) == (REPLY.text, None, None)


def test_what_a_plainer_view_told_first_is_edited_by_that_view_alone_and_keeps_its_first_time(place: Place) -> None:
    first = replace(REPLY, published_precision=Precision.DAY)
    place.intake().take("1", [first], view="mobile")
    place.clock.sleep(3600)
    moved = replace(first, published_at=START)  # `1 小时前`, read an hour later
    assert place.intake().take("1", [moved], view="mobile") == Taken(unchanged=1)
    assert place.intake().take("1", [replace(moved, text="来电了")], view="mobile") == Taken(changed=1)
    before, after = place.posts()
    assert (before.crawl.parser, after.edited_at) == ("test/mobile", START + HOUR)
    assert (after.published_at, after.counted_at, after.charted_at) == (
        before.published_at,
        before.counted_at,
        before.charted_at,
    )


def test_the_usual_view_tells_again_once_what_a_plainer_one_told_and_that_is_no_edit(place: Place) -> None:
    place.intake().take("1", [replace(REPLY, published_precision=Precision.DAY)], view="mobile")
    place.clock.sleep(3600)
    usual = replace(REPLY, text="我家也停了\n附件：a.jpg")
    assert place.intake().take("1", [usual]) == Taken(changed=1)
    assert place.intake().take("1", [usual]) == Taken(unchanged=1)
    _, again = place.posts()
    assert (again.crawl.parser, again.published_precision, again.edited_at) == ("test", Precision.SECOND, None)
    assert place.intake().take("1", [replace(usual, text="来电了")]) == Taken(changed=1)
    assert place.posts()[0].edited_at == START + HOUR
