"""Which rows fire upon which posts, and what of that is news: pure, over made-up posts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.detection.firing import SHOWN, Evidence, Fired, ToldThing, asked, fired, untold
from alerts.detection.grades import Grade
from alerts.detection.triggers import (
    CounterTrigger,
    CueTrigger,
    SourceTrigger,
    SpreadTrigger,
    Trigger,
    UrgentTrigger,
    When,
)
from stream.messages import COUNTED_PAST, Counts, Label, ScoredPost
from tests.alerts.conftest import NOW

Write = Callable[..., ScoredPost]
HOUR = timedelta(hours=1)
SAID: Any = {"grade": Grade.ORANGE, "source": "x"}
NAMES = {"danger": "险情", "police": "警情"}
CUE = CueTrigger(when="cue", **SAID)
SOURCE = SourceTrigger(when="source", sources=("news", "gov"), **SAID)
SPREAD = SpreadTrigger(when="spread", **SAID)
REPOSTS: Any = {"when": "counter", "counter": "reposts"}
COUNTER = CounterTrigger(at_least=500, **REPOSTS, **SAID)
URGENT = UrgentTrigger(when="urgent", sources=("box",), words=("有人受伤", "sos"), otherwise="safety", **SAID)


def found(
    row: Trigger, *posts: ScoredPost, watched: tuple[str, ...] = ("outage", "safety"), **more: Any
) -> list[Fired]:
    return list(fired([row], Evidence(watched=watched, posts={row: posts}, cues=NAMES, **more)))


def test_two_people_who_claim_a_danger_fire_and_one_who_says_it_twice_does_not(write: Write) -> None:
    first, again = (write(n, cues=("danger",), voice="a" * 32) for n in (1, 2))
    assert found(CUE, first, again) == []
    (one,) = found(CUE, first, again, write(3, cues=("danger",), label=Label.NEUTRAL))
    assert (one.when, one.topic, one.things, one.words) == (When.CUE, "outage", ("danger",), "险情")
    assert (one.measured, one.at_least, one.grade, one.latest) == (2, 2, Grade.ORANGE, NOW)
    assert one.posts[:2] == (first.id, again.id)


def test_two_dangers_claimed_by_one_each_are_not_one_danger_claimed_by_two(write: Write) -> None:
    assert found(CUE, write(1, cues=("danger",)), write(2, cues=("police",))) == []


def test_a_row_of_one_cue_does_not_fire_for_another(write: Write) -> None:
    posts = [write(n, cues=("danger", "police")) for n in (1, 2)]
    assert [one.things for one in found(CUE, *posts)] == [("danger",), ("police",)]
    assert [one.things for one in found(replace(CUE, cues=("police",)), *posts)] == [("police",)]


def test_posts_without_a_voice_are_a_person_each(write: Write) -> None:
    assert len(found(CUE, *(write(n, cues=("danger",), voice=None) for n in (1, 2)))) == 1


def test_topics_fire_by_themselves_and_only_those_that_are_watched_and_wanted(write: Write) -> None:
    posts = [write(n, cues=("danger",), topics=("outage", "safety", "gone")) for n in (1, 2)]
    assert [one.topic for one in found(CUE, *posts)] == ["outage", "safety"]
    assert [one.topic for one in found(replace(CUE, topics=("safety",)), *posts)] == ["safety"]
    assert found(CUE, *(replace(one, topics=()) for one in posts)) == []


def test_a_source_that_joins_fires_once_for_itself(write: Write) -> None:
    posts = [write(1, source="news"), write(2, source="news"), write(3, source="gov"), write(4, source="bbs")]
    told = [(one.things, one.measured, one.words) for one in found(SOURCE, *posts)]
    assert told == [(("news",), 2, "权威媒体"), (("gov",), 1, "权威媒体")]


def test_spread_fires_for_the_sites_that_are_new(write: Write) -> None:
    posts = [write(n, site=site) for n, site in enumerate(("bbs", "weibo", "tieba"))]
    known = {("outage", "bbs"), ("safety", "tieba")}
    (one,) = found(SPREAD, *posts, known=known)
    assert (one.things, one.measured, one.at_least) == (("tieba", "weibo"), 3, 3)
    assert one.words == "bbs、tieba、weibo"
    assert one.posts[-1] == posts[0].id  # what is known already is shown last


def test_spread_does_not_fire_where_a_topic_always_was_on_so_many_sites_or_is_on_fewer(write: Write) -> None:
    posts = [write(n, site=site) for n, site in enumerate(("bbs", "weibo", "tieba"))]
    assert found(SPREAD, *posts, known={("outage", one.site) for one in posts}) == []
    assert found(SPREAD, *posts[:2], write(9, site="bbs")) == []
    assert found(SPREAD, *posts[:2], write(9, site="tieba", label=Label.NEUTRAL)) == []
    assert found(replace(SPREAD, negatives=4), *posts) == []


def test_a_counter_fires_from_its_number_on_each_post_by_itself(write: Write) -> None:
    counts = [499, 500, 12_000, None]
    posts = [write(n, counts=Counts(reposts=count, views=10**6)) for n, count in enumerate(counts)]
    told = [(one.things, one.measured, one.words) for one in found(COUNTER, *posts)]
    assert told == [((posts[2].id,), 12_000, "reposts"), ((posts[1].id,), 500, "reposts")]


def test_an_urgent_entry_is_known_by_a_word_however_it_is_written(write: Write) -> None:
    posts = [write(1, "配电房有人受伤"), write(2, "ＳＯＳ，停电"), write(3, "食堂的菜咸了"), write(4, "x", title="SOS")]
    told = [(one.things, one.words) for one in found(URGENT, *posts)]
    assert sorted(told) == sorted([((posts[0].id,), "有人受伤"), ((posts[1].id,), "sos"), ((posts[3].id,), "sos")])
    assert len(found(replace(URGENT, words=()), *posts)) == 4


@pytest.mark.parametrize(
    "text", ["配電房有人受傷", "有 人 受 伤", "有人·受·伤", "有人⚡受伤", "有*人受伤", "ＳＯＳ!", "快来，s​os"]
)
def test_words_of_urgency_are_spelt_as_words_of_topics_are(write: Write, text: str) -> None:
    assert len(found(URGENT, write(1, text))) == 1


@pytest.mark.parametrize("text", ["isosceles", "sosad", "没有人。受伤的是树"])
def test_a_part_of_another_word_is_no_word_of_urgency(write: Write, text: str) -> None:
    assert found(URGENT, write(1, text)) == []


def test_an_urgent_entry_without_a_topic_goes_to_the_one_the_row_names(write: Write) -> None:
    lost = write(1, "有人受伤", topics=())
    assert [one.topic for one in found(URGENT, lost)] == ["safety"]
    assert [one.topic for one in found(URGENT, replace(lost, topics=("gone",)))] == ["safety"]
    assert found(replace(URGENT, otherwise=None), lost) == []


def test_the_gravest_is_told_first_and_a_few_posts_show_it(write: Write) -> None:
    red = CounterTrigger(at_least=10_000, **REPOSTS, grade=Grade.RED, source="x")
    hot = write(0, counts=Counts(reposts=20_000))
    claims = [write(n, cues=("danger",)) for n in range(1, 20)]
    both = fired([CUE, red], Evidence(watched=("outage",), posts={CUE: claims, red: [hot]}, cues=NAMES))
    assert [one.grade for one in both] == [Grade.RED, Grade.ORANGE]
    assert len(both[1].posts) == SHOWN
    assert both[1].measured == 19


def test_what_is_asked_of_the_index_is_narrowed_by_time_and_by_what_the_row_waits_for() -> None:
    now, day = NOW, 24 * HOUR
    cue = asked(CUE, ["danger", "police"], now)
    assert cue is not None
    assert (cue.cues, cue.counted_since, cue.charted_since) == (
        ("danger", "police"),
        now - HOUR,
        now - HOUR - COUNTED_PAST,
    )
    assert asked(CUE, [], now) is None
    source, spread, counter, urgent = (asked(row, [], now) for row in (SOURCE, SPREAD, COUNTER, URGENT))
    assert source is not None
    assert (source.sources, source.labels) == (("news", "gov"), (Label.NEGATIVE,))
    assert spread is not None
    assert (spread.labels, spread.counted_since) == ((Label.NEGATIVE,), now - day)
    assert counter is not None
    assert (counter.counted_since, counter.charted_since) == (None, now - 3 * day)
    assert urgent is not None
    assert (urgent.sources, urgent.labels) == (("box",), ())


def one_fired(when: When = When.CUE, things: tuple[str, ...] = ("danger",), latest: datetime = NOW) -> Fired:
    return Fired(
        when=when, key="k", topic="outage", things=things, grade=Grade.ORANGE, source="x", measured=2, at_least=2,
        posts=(), words="险情", latest=latest,
    )  # fmt: skip


def news(one: Fired, *told: ToldThing, now: datetime = NOW) -> tuple[Fired, ...]:
    return untold([one], told, 12 * HOUR, now)


def test_what_nobody_was_told_is_news_and_what_an_open_case_was_told_is_none() -> None:
    one = one_fired()
    assert news(one) == (one,)
    assert news(one, ToldThing("outage", "k", "danger", None)) == ()
    others = [
        ToldThing("bill", "k", "danger", None),
        ToldThing("outage", "j", "danger", None),
        ToldThing("outage", "k", "fire", None),
    ]
    assert news(one, *others) == (one,)


def test_of_two_rows_that_are_remembered_alike_the_graver_speaks() -> None:
    graver = replace(one_fired(), grade=Grade.RED)
    assert untold([graver, one_fired()], [], 12 * HOUR, NOW) == (graver,)


def test_of_several_things_those_that_are_new_are_left() -> None:
    (left,) = news(one_fired(When.SPREAD, ("tieba", "weibo")), ToldThing("outage", "k", "weibo", None))
    assert left.things == ("tieba",)


def test_what_a_closed_case_was_told_is_news_again_once_it_is_forgotten_and_happened_again() -> None:
    told = ToldThing("outage", "k", "danger", NOW - 13 * HOUR)
    assert news(one_fired(), told) == (one_fired(),)
    assert news(one_fired(latest=NOW - 14 * HOUR), told) == ()
    assert news(one_fired(), ToldThing("outage", "k", "danger", NOW - 11 * HOUR)) == ()
    assert news(one_fired(), told, ToldThing("outage", "k", "danger", None)) == ()


@pytest.mark.parametrize("when", [When.COUNTER, When.URGENT])
def test_one_post_is_never_told_twice(when: When) -> None:
    assert news(one_fired(when), ToldThing("outage", "k", "danger", NOW - 1000 * HOUR)) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it makes posts and keeps nothing
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(["bbs", "weibo", "tieba"]), st.sampled_from(["danger", "police"])),
        max_size=12,
    ),
    st.randoms(),
)
def test_neither_order_nor_doubles_of_posts_change_what_fires(
    write: Write, said: list[tuple[int, str, str]], shuffle: Any
) -> None:
    from_one = {
        (person, site, cue): write(n, site=site, cues=(cue,), voice=f"{person:032x}")
        for n, (person, site, cue) in enumerate(said)
    }
    posts = list(from_one.values())
    shuffled = posts * 2
    shuffle.shuffle(shuffled)

    def told(row: Trigger, given: list[ScoredPost]) -> set[tuple[str, tuple[str, ...]]]:
        return {(one.topic, one.things) for one in found(row, *given)}

    assert told(CUE, shuffled) == told(CUE, posts)
    whole = replace(SPREAD, negatives=2)
    assert told(whole, shuffled) == told(whole, posts)
    assert told(CUE, posts) <= told(CUE, [*posts, write(99, cues=("danger",))])  # more posts never silence
