"""Steps are judged as if posts had come in order, whatever came late, twice or not at all; what settled is learnt."""

import itertools
import tracemalloc
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detection.lookout import CATCH_UP, FALL_KNOWN, FALL_WAIT, HORIZON, Lookout, Outlook, Watched
from alerts.detection.signals import LATE_AFTER, Thresholds
from stream.errors import Retryable
from stream.messages import Precision
from stream.process.clock import SHANGHAI
from tests.alerts.detection.worlds import DAY, HOUR, MINUTE, NOW, Asked, burst, ordinary, said, world

BEGAN = NOW - 4 * DAY
STEP = timedelta(minutes=5)


def see(lookout: Lookout, now: datetime = NOW, **gaps: list[tuple[datetime, datetime]]) -> Outlook:
    return lookout.look(now, now, gaps)["outage"]


def firsts(outlook: Outlook) -> list[datetime]:
    return [wave.first.at for wave in outlook.waves]


def same(one: Mapping[str, Outlook], other: Mapping[str, Outlook]) -> bool:
    """Everything but the fall of a step that is not over, to the last bit."""
    return repr(one) == repr(other)


def test_a_burst_is_a_wave_whose_first_step_is_within_minutes_of_it() -> None:
    start = NOW - 6 * HOUR
    with world([*ordinary(BEGAN, NOW), *burst(start, 150, 1)]) as made:
        outlook = see(made.lookout())
    (wave,) = outlook.waves
    assert timedelta(0) < wave.first.at - start <= 15 * MINUTE
    assert (wave.first.fell, wave.first.bare) == (False, False)
    assert wave.peak.counted >= 60
    assert outlook.known == NOW.replace(minute=0, second=0) - BEGAN.replace(minute=0, second=0)
    assert outlook.usual == pytest.approx(1.0, abs=0.5)
    assert 3 <= outlook.bar <= 20


@pytest.mark.parametrize("began", [timedelta(0), MINUTE, timedelta(seconds=61.5)])
def test_a_burst_of_the_first_days_is_seen_whenever_watching_began(began: timedelta) -> None:
    """The steps by which charts and alarms count meet there, and a step is one of the clock's in both."""
    start = NOW - 6 * HOUR
    with world([*ordinary(BEGAN, NOW), *burst(start, 150, 1)]) as made:
        lookout = Lookout(made.reader, {"outage": Watched(1.0, BEGAN)}, Thresholds(), NOW - DAY + began)
        (wave,) = see(lookout).waves
    assert timedelta(0) < wave.first.at - start <= 15 * MINUTE


def test_an_index_without_posts_and_an_installation_without_topics_are_looked_at_calmly() -> None:
    with world() as made:
        empty = see(made.lookout(NOW))
        assert (empty.waves, empty.known, empty.bar) == ((), timedelta(0), 100.0)
        assert see(made.lookout(NOW - 30 * DAY), NOW).waves == ()
        nobody = made.lookout({})
        assert nobody.look(NOW, NOW, {}) == {}
        assert nobody.look(NOW + 60 * HOUR, None, {}) == {}
        assert nobody.numbers() == {}


late_posts = st.lists(
    st.tuples(
        st.integers(0, 40 * 60),  # minutes before the end at which it was written
        st.integers(0, 20 * 60),  # minutes until it is in the index
        st.integers(1, 3),  # times that it comes
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=3)
@given(late_posts, st.integers(0, 38 * 60), st.lists(st.integers(1, 47 * 60), max_size=3), st.randoms())
def test_no_stream_of_steps_changes_the_judgement_of_what_was_observed(
    written: list[tuple[int, int, int]], peak: int, looks: list[int], chance: "np.random.Generator"
) -> None:
    """However late within a day, doubled or out of order posts come, and whenever anybody looked in between."""
    posts = ordinary(BEGAN, NOW)
    coming = [(post.charted_at, post) for post in posts]
    for number, (before, wait, times) in enumerate(written):
        at = NOW - (before if number % 2 else peak % 2400) * MINUTE - 5 * MINUTE
        one = said(number + 1, at)
        coming += [(min(NOW, at + nth * wait * MINUTE), one) for nth in range(1, times + 1)]
        posts.append(one)
    with world(posts) as whole:
        expected = whole.lookout().look(NOW, NOW, {})
    with world() as made:
        chance.shuffle(coming)
        coming.sort(key=lambda pair: int((NOW - pair[0]) / HOUR), reverse=True)  # in order of hours, not within
        lookout = made.lookout()
        for at in sorted(NOW - before * MINUTE for before in looks):
            made.put(post for came, post in coming if came <= at)
            coming = [(came, post) for came, post in coming if came > at]
            lookout.look(at, at, {})
        made.put(post for _, post in coming)
        assert same(lookout.look(NOW, NOW, {}), expected)


def test_a_late_post_makes_a_wave_of_a_step_that_was_judged_calm() -> None:
    at = NOW - 8 * HOUR
    with world(ordinary(BEGAN, NOW)) as made:
        lookout = made.lookout()
        assert see(lookout).waves == ()
        made.put(burst(at, 150, 1))
        assert see(lookout, NOW + MINUTE).waves == ()  # what is older than two hours is read anew once a step
        (wave,) = see(lookout, NOW + STEP).waves
        assert wave.first.at - at <= 15 * MINUTE
        assert NOW - wave.first.at > LATE_AFTER
        made.put(burst(NOW - HOUR, 150, 1000))
        assert see(lookout, NOW + STEP + MINUTE).waves[-1].last.at > NOW - HOUR  # what is newer, at each look


def test_a_post_that_counts_no_more_makes_none() -> None:
    with world([*ordinary(BEGAN, NOW), *burst(NOW - 5 * HOUR, 60, 1, counted_at=None)]) as made:
        assert see(made.lookout()).waves == ()


@pytest.mark.parametrize("after", [timedelta(0), 20 * MINUTE, 3 * HOUR, 30 * HOUR])
def test_what_was_seen_of_a_step_before_it_was_whole_is_never_more_than_it_becomes(after: timedelta) -> None:
    """Looks every minute of a burst find no wave that a look afterwards does not."""
    start = NOW - 40 * HOUR
    posts = [*ordinary(BEGAN, NOW, 12 * MINUTE), *burst(start, 14, 1)]
    with world(posts) as made:
        lookout, seen = made.lookout(), []
        for minute in range(0, 70, 2):
            seen += firsts(see(lookout, start + minute * MINUTE))
        final = {one.at for wave in see(made.lookout(), start + 2 * HOUR + after).waves for one in wave.crossings}
        assert set(seen) <= final


def test_a_pipeline_that_stands_still_alarms_nobody_for_what_came_through_all_the_same() -> None:
    """The oldest post waits and the others come as ever: held against nothing, every busy topic would be alarmed."""
    with world(ordinary(BEGAN, NOW, 2 * MINUTE)) as made:
        lookout = made.lookout()
        for hours in range(30, 0, -5):
            outlook = lookout.look(NOW - hours * HOUR, NOW - 31 * HOUR, {})["outage"]
            assert outlook.waves == ()
        assert same(lookout.look(NOW, NOW, {}), made.lookout().look(NOW, NOW, {}))


def test_half_of_the_sources_silent_is_neither_a_wave_nor_a_fall_and_teaches_nothing() -> None:
    """The hours of the gap show half of the posts: the topic knows after it what it knew before, to the last bit."""
    gap = (NOW - 70 * HOUR, NOW - 55 * HOUR)
    began = NOW - 6 * DAY
    whole = ordinary(began, NOW, 2 * MINUTE)
    part = [post for n, post in enumerate(whole) if not gap[0] <= post.charted_at < gap[1] or n % 4 < 2]
    with world(part) as made:
        lookout = made.lookout(began)
        lookout.restore({}, gap[0] + HORIZON)
        before = lookout.numbers()["outage"]
        outlook = see(lookout, gap[1] + HORIZON, outage=[gap])
        after = lookout.numbers()["outage"]
        assert outlook.waves == ()
        memory = lookout._settled.detector.memory  # type: ignore[union-attr]
        for row in ("age", "level", "lasting", "dispersion", "spread", "spread_age", "weeks", "trust"):
            place = memory._places[row]
            assert np.allclose(before[:, place], after[:, place] / _faded(row, gap), atol=1e-9, rtol=1e-9), row


def _faded(row: str, gap: tuple[datetime, datetime]) -> float:
    """Factors fade by a day at each midnight, taught or not."""
    midnights = (gap[1].astimezone(SHANGHAI).date() - gap[0].astimezone(SHANGHAI).date()).days
    return float(0.5 ** (midnights / 21)) if row == "weeks" else 1.0


def test_hours_that_were_not_seen_teach_nothing_either_where_the_past_is_learnt_at_once() -> None:
    gap = (NOW - 4 * DAY, NOW - 3 * DAY)
    with world(ordinary(NOW - 6 * DAY, gap[0], 2 * MINUTE) + ordinary(gap[1], NOW, 2 * MINUTE)) as made:
        knowing, unknowing = made.lookout(NOW - 6 * DAY), made.lookout(NOW - 6 * DAY)
        knowing.restore({}, NOW, {"outage": [gap]})
        unknowing.restore({}, NOW)
        seen = see(knowing, outage=[gap]).usual
        assert seen == pytest.approx(15, rel=0.15)
        assert see(unknowing).usual < seen - 0.3


def test_a_gap_of_one_topic_is_none_of_another() -> None:
    began = NOW - 3 * DAY
    topics = {"outage": began, "bill": began}
    with world(ordinary(began, NOW, topics=("outage", "bill"))) as made:
        lookout = made.lookout(topics)
        found = lookout.look(NOW, NOW, {"outage": [(NOW - 30 * HOUR, NOW - 20 * HOUR)]})
        assert found["bill"].known - found["outage"].known == 10 * HOUR + STEP


def test_a_topic_that_dried_up_is_found_however_often_one_looks() -> None:
    """A watcher looks every minute: a fall that is believed only after hours must not slip through between looks."""
    silence = NOW - 12 * HOUR
    with world(ordinary(NOW - 17 * DAY, silence, 3 * MINUTE)) as made:
        lookout, found = made.lookout(NOW - 17 * DAY), []
        for minute in range(0, 8 * 60, 20):
            found += see(lookout, silence + minute * MINUTE).waves
        assert {wave.first.fell for wave in found} == {True}
        first = found[0].first
        assert first.at - silence < 3 * HOUR
        assert see(lookout, first.at + FALL_WAIT - MINUTE).waves == ()
        assert see(made.lookout(NOW - 17 * DAY), first.at + FALL_WAIT - MINUTE).waves == ()
        assert see(made.lookout(NOW - 17 * DAY), first.at + FALL_WAIT).waves[0].first == first


def test_silence_means_nothing_of_a_topic_that_is_known_for_less_than_two_weeks() -> None:
    began = NOW - FALL_KNOWN + DAY
    with world(ordinary(began, NOW - 12 * HOUR, 3 * MINUTE)) as made:
        assert see(made.lookout(began)).waves == ()


def test_a_day_of_posts_dated_by_the_day_alone_is_spread_over_it() -> None:
    midnight = datetime(2026, 9, 21, tzinfo=SHANGHAI)
    day = {"published_precision": Precision.DAY, "counted_at": NOW}
    began = NOW - 14 * DAY
    with world([*ordinary(began, NOW), *[said(n, midnight, **day) for n in range(1, 401)]]) as made:
        (wave,) = see(made.lookout(began)).waves
        assert midnight <= wave.first.at <= midnight + DAY
        assert wave.peak.span >= HOUR


def test_a_watcher_that_goes_on_from_what_was_kept_sees_what_one_that_went_on_sees() -> None:
    topics = {"outage": BEGAN, "bill": BEGAN}
    posts = [*ordinary(BEGAN, NOW), *ordinary(BEGAN, NOW, 7 * MINUTE, topics=("bill",)), *burst(NOW - 9 * HOUR, 150, 1)]
    with world(posts) as made:
        lookout = made.lookout(topics)
        lookout.look(NOW - 25 * HOUR, NOW - 25 * HOUR, {})
        for keep in (NOW - 20 * HOUR, NOW - 5 * HOUR):
            lookout.look(keep, keep, {})
            until, numbers = lookout.settled_until, lookout.numbers()
            assert until is not None
            again = made.lookout(dict(reversed(topics.items())))
            again.restore({topic: (until, taught) for topic, taught in numbers.items()}, keep + 3 * HOUR)
            assert again.settled_until == until
            here, there = (one.look(keep + 4 * HOUR, keep + 4 * HOUR, {}) for one in (lookout, again))
            assert same(dict(sorted(here.items())), dict(sorted(there.items())))


def test_a_topic_of_which_too_little_is_kept_is_learnt_from_the_index_beside_the_others() -> None:
    topics = {"outage": BEGAN, "bill": BEGAN}
    posts = [*ordinary(BEGAN, NOW), *ordinary(BEGAN, NOW, 7 * MINUTE, topics=("bill",))]
    with world(posts) as made:
        expected = made.lookout(topics).look(NOW, NOW, {})
        lookout = made.lookout(topics)
        lookout.look(NOW - 6 * HOUR, NOW - 6 * HOUR, {})
        until, numbers = lookout.settled_until, lookout.numbers()
        assert until is not None
        for kept in (
            {"outage": (until, numbers["outage"])},
            {"outage": (until, numbers["outage"]), "bill": (until - HOUR, numbers["outage"] + 7.0)},
            {"outage": (until, numbers["outage"]), "other": (until + HOUR, numbers["outage"])},
            {"outage": (NOW, numbers["outage"] + 7.0)},  # kept by a clock that was ahead
            {},
        ):
            again = made.lookout(topics)
            again.restore(kept, NOW)
            assert same(again.look(NOW, NOW, {}), expected)


def test_an_index_that_is_away_at_any_question_loses_nothing() -> None:
    with world([*ordinary(BEGAN, NOW), *burst(NOW - 2 * DAY, 150, 1), *burst(NOW - HOUR, 150, 1000)]) as made:
        expected = [made.lookout().look(NOW + at, NOW + at, {}) for at in (timedelta(0), 6 * MINUTE)]
        undisturbed = Asked(made.reader)
        made.lookout(reader=undisturbed).look(NOW, NOW, {})
        for call in range(1, len(undisturbed.calls) + 3):
            lookout = made.lookout(reader=Asked(made.reader, away=frozenset({call})))
            found = []
            for at in (timedelta(0), 6 * MINUTE):
                try:
                    found.append(lookout.look(NOW + at, NOW + at, {}))
                except Retryable:
                    found.append(lookout.look(NOW + at, NOW + at, {}))
            assert all(map(same, found, expected)), call


def test_days_away_are_judged_when_the_watcher_is_back_and_a_week_is_the_most() -> None:
    with world(
        [*ordinary(NOW - 12 * DAY, NOW), *burst(NOW - 9 * DAY, 150, 1), *burst(NOW - 5 * DAY, 150, 1000)]
    ) as made:
        lookout = made.lookout(NOW - 12 * DAY)
        lookout.restore({}, NOW - 9 * DAY)
        (wave,) = see(lookout).waves
        assert timedelta(0) < wave.first.at - (NOW - 5 * DAY) < 20 * MINUTE
        assert see(lookout, NOW + MINUTE).waves == ()  # it has settled


def test_while_nobody_can_tell_how_far_the_pipeline_is_nothing_settles_for_a_week() -> None:
    with world(ordinary(NOW - 12 * DAY, NOW)) as made:
        lookout = made.lookout(NOW - 12 * DAY)
        lookout.look(NOW - 9 * DAY, None, {})
        began = lookout.settled_until
        lookout.look(NOW - 5 * DAY, None, {})
        assert lookout.settled_until == began
        lookout.look(NOW, None, {})
        assert lookout.settled_until == NOW.replace(minute=0, second=0) - CATCH_UP
        lookout.look(NOW, NOW, {})
        assert lookout.settled_until == NOW.replace(minute=0, second=0) - HORIZON


@pytest.mark.parametrize("back", [3 * HOUR, 40 * HOUR, 9 * DAY])
def test_a_clock_that_was_ahead_and_is_set_back_is_looked_at_by_the_right_one(back: timedelta) -> None:
    with world([*ordinary(NOW - 12 * DAY, NOW + HOUR), *burst(NOW - HOUR, 150, 1)]) as made:
        lookout = made.lookout(NOW - 12 * DAY)
        see(lookout, NOW - HOUR)
        see(lookout, NOW - HOUR + back)
        right = see(made.lookout(NOW - 12 * DAY))
        assert firsts(see(lookout)) == firsts(right)
        assert len(right.waves) == 1


def test_a_level_that_may_be_new_is_found_anew_and_a_second_change_forgets_not_the_first() -> None:
    with world([*ordinary(BEGAN, NOW - 40 * HOUR), *ordinary(NOW - 40 * HOUR, NOW + DAY, MINUTE)]) as made:
        assert len(see(made.lookout()).waves) >= 1
        lookout = made.lookout()
        see(lookout, NOW - 40 * HOUR)
        lookout.renew(["outage"], NOW - 40 * HOUR)
        assert see(lookout, NOW - 30 * HOUR).waves == ()
        lookout.renew(["outage"], NOW - 5 * HOUR)
        outlook = see(lookout)
        assert outlook.waves == ()
        assert timedelta(0) <= outlook.known - 5 * HOUR <= STEP


def test_looks_ask_the_index_as_often_for_a_hundred_topics_as_for_one() -> None:
    asked = []
    for count in (1, 100):
        names = [f"t{n}" for n in range(count)]
        with world(ordinary(NOW - 3 * DAY, NOW, 2 * HOUR, topics=tuple(names[:8]))) as made:
            reader = Asked(made.reader)
            lookout = made.lookout(dict.fromkeys(names, NOW - 3 * DAY), reader=reader)
            lookout.look(NOW, NOW, {})
            begun = len(reader.calls)
            for look in range(5):
                lookout.look(NOW + look * MINUTE, NOW, {})
            asked.append((begun, len(reader.calls) - begun))
    assert asked[0] == asked[1]
    assert asked[0][1] <= 5 + 1


def test_a_hundred_looks_take_no_more_memory_than_thirty() -> None:
    with world(ordinary(NOW - 3 * DAY, NOW + 2 * DAY, HOUR)) as made:
        lookout = made.lookout(NOW - 3 * DAY)
        at = itertools.count()
        for _ in range(30):
            see(lookout, NOW + next(at) * STEP)
        tracemalloc.start()
        before = tracemalloc.take_snapshot()
        for _ in range(80):
            see(lookout, NOW + next(at) * STEP)
        grown = sum(one.size_diff for one in tracemalloc.take_snapshot().compare_to(before, "filename"))
        tracemalloc.stop()
    assert grown < 2_000_000


def test_a_burst_does_not_become_usual_while_it_lasts() -> None:
    """Forty an hour instead of one, of a topic known for days; and no silence is found where a burst was told."""
    with world([*ordinary(BEGAN, NOW), *burst(NOW - 6 * HOUR, 40, 1)]) as made:
        assert len(see(made.lookout()).waves) == 1
    began = NOW - 24 * DAY
    posts = [*ordinary(began, NOW, 2 * HOUR), *burst(NOW - 2 * DAY, 60, 1), *burst(NOW - DAY, 60, 1000)]
    with world(posts) as made:
        assert [wave.first.fell for wave in see(made.lookout(began)).waves] == [False, False]
