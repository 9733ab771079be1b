from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.edge import to_post
from crawlers.pages.observation import Observation
from crawlers.pull.sites.settling import Memory, Met, names, newest, settle
from stream.messages import Crawl, Kind, Post, Precision

SIX = datetime(2026, 11, 19, 6, tzinfo=UTC)
SEVEN = SIX + timedelta(hours=1)
FEED, OTHER = "http://a.cn/feed", "http://a.cn/comments"
OUTAGE, RELIEF = "柳树镇今天上午突然停电，电工说要等到下午三点", "校门口的充电桩又坏了两台，物业没有人来看"

LAST = "entry:t@" + sha256(f"\n{RELIEF}".encode()).hexdigest()[:16]


def entry(
    guid: str, text: str = OUTAGE, published_at: datetime | None = SIX, url: str = "", **more: object
) -> Observation:
    shown = Observation(
        native_id=f"entry:{guid}",
        kind=Kind.ARTICLE,
        thread=f"entry:{guid}",
        url=url,
        text=text,
        published_at=published_at,
        published_precision=Precision.SECOND if published_at else Precision.UNKNOWN,
    )
    return replace(shown, **more)  # type: ignore[arg-type]


def post(shown: Observation) -> Post:
    crawl = Crawl(robots="allowed", rate=None, parser="feed", version=1)
    return to_post(shown, site="a", source="a", voice_key=b"k", first_seen_at=SIX, observed_at=SIX, crawl=crawl)


def memory(*known: Observation, feed: str = FEED) -> Memory:
    met = {one.native_id: Met(feed, post(one)) for one in known}
    return Memory(feed=FEED, feeds=(FEED, OTHER), met=met, latest=[one.post for one in met.values() if one.post])


def ids(shown: list[Observation]) -> list[str]:
    return [one.native_id for one in shown]


def test_new_entries_keep_their_ids() -> None:
    assert settle([entry("1"), entry("2", RELIEF)], memory()) == [entry("1"), entry("2", RELIEF)]


def test_an_entry_of_another_feed_of_the_source_is_left_to_it() -> None:
    known = memory(entry("1"), feed=OTHER)
    assert settle([entry("1", OUTAGE + "。更正")], known) == []
    assert ids(settle([entry("1")], replace(known, feeds=(FEED,)))) == ["entry:1"]  # that feed is configured no more
    assert ids(settle([entry("1")], replace(known, met={"entry:1": Met("", post(entry("1")))}))) == ["entry:1"]


def test_a_topics_last_reply_under_the_topics_id_is_a_reply_of_its_own() -> None:
    topic = entry("t", kind=Kind.THREAD, thread="entry:topic")
    (reply,) = settle([replace(topic, text=RELIEF, published_at=SEVEN)], memory(topic))
    assert (reply.native_id, reply.kind, reply.thread) == (LAST, Kind.REPLY, "entry:topic")
    again = Memory(feed=FEED, feeds=(FEED,), met={**memory(topic).met, reply.native_id: Met(FEED, post(reply))})
    assert settle([replace(topic, text=RELIEF, published_at=SEVEN)], again) == [reply]


def test_a_last_reply_that_two_feeds_date_otherwise_is_one() -> None:
    topic = entry("t", kind=Kind.THREAD, thread="entry:topic")
    (reply,) = settle([replace(topic, text=RELIEF, published_at=SEVEN)], memory(topic, feed=OTHER))
    met = {**memory(topic, feed=OTHER).met, reply.native_id: Met(OTHER, post(reply))}
    shown = replace(topic, text=RELIEF, published_at=SIX)
    assert settle([shown], Memory(feed=FEED, feeds=(FEED, OTHER), met=met)) == []


def test_a_last_reply_that_another_feed_shows_overwrites_nothing() -> None:
    topic = entry("t", kind=Kind.THREAD)
    (reply,) = settle([replace(topic, text=RELIEF, published_at=SEVEN)], memory(topic, feed=OTHER))
    assert (reply.native_id, reply.kind, reply.thread) == (LAST, Kind.REPLY, "entry:t")


def test_an_edit_keeps_its_id_whatever_time_it_bears() -> None:
    edited = entry("1", OUTAGE + "。更正：四点", SIX + timedelta(minutes=7))
    assert settle([edited], memory(entry("1"))) == [edited]


def test_one_id_for_all_entries_is_believed_of_none_but_the_first() -> None:
    shown = [entry("x", OUTAGE, url="http://a.cn/1"), entry("x", RELIEF, SEVEN, url="http://a.cn/2")]
    assert ids(settle(shown, memory())) == ["entry:x", "entry:http://a.cn/2"]
    newer = [entry("x", "今晚七点到九点检修线路，请提前准备照明", SEVEN, url="http://a.cn/3"), *shown]
    assert ids(settle(newer, memory(shown[0]))) == ["entry:http://a.cn/3", "entry:x", "entry:http://a.cn/2"]


def test_one_id_for_entries_without_address_and_time_is_told_apart_by_the_words() -> None:
    shown = [entry("x", OUTAGE, None), entry("x", RELIEF, None)]
    first, second = ids(settle(shown, memory()))
    assert first == "entry:x"
    assert second.startswith("entry:x@")
    assert set(ids(settle(shown, memory()))) <= set(names(shown))


def test_an_entry_that_a_page_repeats_is_one_post() -> None:
    assert settle([entry("1"), entry("1", OUTAGE + "。")], memory()) == [entry("1")]


@pytest.mark.parametrize("guid", ["https://a.cn/1", "http://A.cn:80/1?t=1764296400", "http://a.cn/1"])
def test_an_id_that_changes_by_scheme_case_or_clock_is_one(guid: str) -> None:
    assert ids(settle([entry(guid)], memory(entry("http://a.cn/1")))) == ["entry:http://a.cn/1"]


def test_an_id_that_changes_altogether_is_found_by_address_words_and_time() -> None:
    known = memory(entry("1764296400-1", url="http://a.cn/1"))
    shown = entry("1764299999-1", url="http://a.cn/1")
    assert ids(settle([shown], known)) == ["entry:1764296400-1"]
    assert ids(settle([replace(shown, published_at=SEVEN)], known)) == ["entry:1764299999-1"]


def test_a_post_told_in_two_zones_keeps_the_time_it_had() -> None:
    eight = entry("1", published_at=SIX + timedelta(hours=8), edited_at=SIX + timedelta(hours=9))
    (shown,) = settle([eight], memory(entry("1")))
    assert (shown.published_at, shown.edited_at) == (SIX, None)
    (moved,) = settle([replace(eight, published_at=SIX + timedelta(minutes=7))], memory(entry("1")))
    assert moved.published_at == SIX + timedelta(minutes=7)


def test_a_post_whose_words_are_forgotten_is_not_taken_for_another() -> None:
    forgotten = Memory(feed=FEED, feeds=(FEED,), met={"entry:1": Met(FEED, None)})
    assert ids(settle([entry("1", RELIEF, SEVEN)], forgotten)) == ["entry:1"]


def test_the_newest_time_is_none_of_the_future() -> None:
    assert newest([None, SIX, SEVEN, SEVEN + timedelta(days=1)], SEVEN) == SEVEN
    assert newest([None], SEVEN) is None


GUIDS = ["1", "2", "http://a.cn/1", "https://a.cn/1", "http://A.cn/1?t=1764296400"]
ENTRIES = st.builds(
    entry,
    st.sampled_from(GUIDS),
    st.sampled_from([OUTAGE, OUTAGE + "。更正", RELIEF, ""]),
    st.sampled_from([SIX, SEVEN, None]),
    st.sampled_from(["", "http://a.cn/1", "http://a.cn/2"]),
    kind=st.sampled_from([Kind.ARTICLE, Kind.THREAD]),
)


@given(st.lists(ENTRIES, max_size=6), st.lists(ENTRIES, max_size=3))
def test_no_two_entries_of_a_page_become_one_id_and_every_id_was_asked_for(
    shown: list[Observation], known: list[Observation]
) -> None:
    settled = settle(shown, memory(*known))
    assert len(set(ids(settled))) == len(settled)
    latest = {one.native_id for one in known}
    assert set(ids(settled)) <= set(names(shown)) | latest


@given(st.lists(ENTRIES, max_size=5), st.lists(ENTRIES, max_size=3))
def test_nothing_that_another_feed_owns_is_ever_sent_by_this_one(
    shown: list[Observation], known: list[Observation]
) -> None:
    theirs = memory(*known, feed=OTHER)
    assert not set(ids(settle(shown, replace(theirs, latest=())))) & theirs.met.keys()


def test_a_reply_apart_from_its_topic_lies_at_its_own_address_where_it_has_one() -> None:
    topic = entry("t", kind=Kind.THREAD, url="http://a.cn/t/1")
    shown = replace(topic, text=RELIEF, published_at=SEVEN, url="http://a.cn/t/1/9")
    (reply,) = settle([shown], memory(topic))
    assert (reply.native_id, reply.kind, reply.thread) == ("entry:http://a.cn/t/1/9", Kind.REPLY, "entry:t")


@pytest.mark.parametrize(
    ("apart", "kept"),
    [
        (timedelta(hours=14), True),
        (timedelta(hours=14, minutes=30), False),  # no zone is so far
        (timedelta(hours=5, minutes=30), True),
        (timedelta(hours=1, minutes=1), False),
    ],
)
def test_only_whole_half_hours_up_to_the_farthest_zone_are_another_clocks(apart: timedelta, kept: bool) -> None:
    (shown,) = settle([entry("1", published_at=SIX + apart)], memory(entry("1")))
    assert (shown.published_at == SIX) is kept
    (earlier,) = settle([entry("1", published_at=SIX - apart)], memory(entry("1")))
    assert (earlier.published_at == SIX) is kept


def test_words_that_are_not_the_same_keep_the_time_that_they_are_told_with() -> None:
    known = memory(entry("1"), feed="")
    other = entry("1", RELIEF, SIX + timedelta(hours=8))
    assert [one.published_at for one in settle([other], known)] == [SIX + timedelta(hours=8)]
