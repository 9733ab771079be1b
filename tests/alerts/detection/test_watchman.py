"""A watchman that starts again goes on as if it had never been away, and notices what changed meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from alerts.detection.kept import VERSION, TopicMemoryRow, read_judged, read_known, read_numbers
from alerts.detection.series.waves import Told
from alerts.detection.watchman import KEEP_EVERY, Seeds, Sighting, Watchman, present_view
from stream.errors import Fenced, Retryable
from stream.state.database import transaction
from stream.state.leases import Lease, take_lease
from stream.state.source_health import SourceGap, SourceHealth
from stream.topics import Rule, TopicsConfig, WatchedTopic
from tests.alerts.detection.worlds import DAY, HOUR, LIMITS, MINUTE, NOW, Asked, World, burst, ordinary, world

BEGAN = NOW - 4 * DAY
TOPICS = TopicsConfig(
    topics={
        "outage": WatchedTopic(name="停电", owner="dispatch", rules=(Rule(any_of=("停电",)),)),
        "bill": WatchedTopic(name="电费", owner="marketing", rules=(Rule(any_of=("电费",)),), sources=("paper",)),
    }
)
Start = Callable[..., Watchman]


@pytest.fixture
def made() -> Iterator[World]:
    posts = [*ordinary(BEGAN, NOW), *ordinary(BEGAN, NOW, 17 * MINUTE, topics=("bill",))]
    with world([*posts, *burst(NOW - 5 * HOUR, 150, 1)]) as one:
        yield one


@pytest.fixture
def start(made: World, engine: Engine) -> Start:
    def one(topics: TopicsConfig = TOPICS, told: Seeds | None = None, reader: Any = None) -> Watchman:
        return Watchman(engine, reader or made.reader, topics, LIMITS, lambda: told or {})

    return one


def lease(engine: Engine, holder: str = "w") -> Lease:
    with transaction(engine) as session:
        found = take_lease(session, "alerts.watch", holder, NOW, 30 * DAY)
    assert found is not None
    return found


def look(watchman: Watchman, engine: Engine, now: datetime, until: datetime | None = None) -> Sighting:
    """One whole round, as the watcher does it."""
    sighting = watchman.look(lease(engine), now, until or now)
    watchman.finish(lease(engine), now)
    return sighting


def answering(engine: Engine, *sources: str, **changes: Any) -> None:
    told = {"state": "ok", "succeeded_at": NOW, "fresh_until": NOW + 30 * DAY} | changes
    with transaction(engine) as session:
        session.add_all(SourceHealth(source=name, site=name, **told) for name in sources)


def test_one_that_starts_again_sees_what_one_that_went_on_sees_to_the_last_bit(start: Start, engine: Engine) -> None:
    answering(engine, "bbs")
    went_on = start()
    at = NOW - 2 * DAY
    for hours in (0, 30, 31, 47):  # a whole keeping, one of an hour, one between
        look(went_on, engine, at + hours * HOUR)
        again = start()
        for later in (timedelta(0), 7 * MINUTE):
            now = at + hours * HOUR + later
            assert again.look(None, now, now).outlooks == went_on.look(lease(engine), now, now).outlooks


def test_what_topics_taught_is_kept_once_an_hour(start: Start, engine: Engine) -> None:
    watchman, kept = start(), []
    for minutes in range(0, 130, 10):
        look(watchman, engine, NOW + minutes * MINUTE)
        with transaction(engine) as session:
            kept.append(read_numbers(session, watchman._lookout.rows)["outage"][0])  # type: ignore[union-attr]
            judged = read_judged(session)
        assert judged is not None
        assert judged[0] == NOW + minutes * MINUTE
    assert len(set(kept)) == 3
    first, second, third = sorted(set(kept))
    assert (second - first, third - second) == (KEEP_EVERY, KEEP_EVERY)


def test_a_look_without_a_lease_writes_nothing(start: Start, engine: Engine) -> None:
    sighting = start().look(None, NOW, NOW)
    assert len(sighting.outlooks["outage"].waves) == 1
    with transaction(engine) as session:
        assert (read_known(session), read_judged(session)) == ({}, None)


def test_a_first_start_begins_each_topic_at_its_first_post(start: Start, engine: Engine) -> None:
    look(start(), engine, NOW)
    with transaction(engine) as session:
        known = read_known(session)
    assert [known[topic].began_at for topic in ("outage", "bill")] == [BEGAN] * 2


def test_a_first_start_tells_waves_of_the_last_day_and_no_older_one(start: Start, made: World, engine: Engine) -> None:
    made.put(burst(NOW - 30 * HOUR, 200, 5000))
    watchman = start()
    waves = look(watchman, engine, NOW).outlooks["outage"].waves
    assert len(waves) == 2
    assert watchman.untold("outage", waves) == [waves[1]]
    again = start()
    found = again.look(None, NOW + MINUTE, NOW + MINUTE).outlooks["outage"].waves
    assert again.untold("outage", found) == list(found)  # a later start owes what was not told


def test_waves_that_a_version_before_told_are_told_waves(start: Start, engine: Engine) -> None:
    watchman = start(told={"outage": (Told(NOW - 5 * HOUR, NOW - 3 * HOUR),)})
    (wave,) = look(watchman, engine, NOW).outlooks["outage"].waves
    assert watchman.untold("outage", [wave]) == []
    assert not watchman.is_new("outage", wave)


def test_a_told_wave_is_told_once_across_restarts_and_settling(start: Start, engine: Engine) -> None:
    watchman = start()
    (wave,) = look(watchman, engine, NOW).outlooks["outage"].waves
    assert watchman.is_new("outage", wave)
    with transaction(engine) as session:
        watchman.tell(session, "outage", wave)
    for hours in (0, 1, 20, 49, 51, 64, 80):
        now = NOW + hours * HOUR
        for one in (watchman, start()):
            found = one.look(lease(engine), now, now).outlooks["outage"].waves
            assert one.untold("outage", found) == []
        watchman.finish(lease(engine), now)


def test_what_is_told_of_days_away_is_remembered_until_those_days_are_kept_as_settled(
    start: Start, made: World, engine: Engine
) -> None:
    """Killed after telling and before the round ends, a watcher judges the same days again."""
    look(start(), engine, NOW - 4 * HOUR)
    made.put(ordinary(NOW, NOW + 4 * DAY))
    now = NOW + 4 * DAY
    killed = start()
    (wave,) = killed.look(lease(engine), now, now).outlooks["outage"].waves
    with transaction(engine) as session:
        killed.tell(session, "outage", wave)
    again = start()
    assert again.look(lease(engine), now, now).outlooks["outage"].waves == (wave,)
    assert again.untold("outage", [wave]) == []


@pytest.mark.parametrize("change", [{"version": VERSION + 1}, {"numbers": b"12345678"}, {"settled_until": None}])
def test_numbers_that_do_not_fit_are_learnt_anew_from_the_index(
    start: Start, engine: Engine, change: dict[str, Any]
) -> None:
    watchman = start()
    look(watchman, engine, NOW)
    expected = look(watchman, engine, NOW + 5 * MINUTE).outlooks
    with transaction(engine) as session:
        session.execute(update(TopicMemoryRow).values(**change))
    now = NOW + 5 * MINUTE
    assert start().look(lease(engine), now, now).outlooks == expected


def test_a_topic_with_other_rules_begins_now_and_another_owner_changes_nothing(start: Start, engine: Engine) -> None:
    before = look(start(), engine, NOW).outlooks
    renamed = replace(TOPICS.topics["outage"], name="改名", owner="publicity")
    same = replace(TOPICS, topics={**TOPICS.topics, "outage": renamed})
    assert look(start(same), engine, NOW).outlooks == before
    wider = replace(TOPICS.topics["outage"], rules=(Rule(any_of=("停电", "电")),))
    changed = replace(TOPICS, topics={**TOPICS.topics, "outage": wider})
    unwritten = start(changed).look(None, NOW, NOW).outlooks
    assert unwritten == look(start(changed), engine, NOW).outlooks
    assert (unwritten["outage"].known, unwritten["outage"].waves) == (timedelta(0), ())
    assert unwritten["bill"] == before["bill"]


def test_a_topic_taken_out_and_put_back_begins_anew(start: Start, engine: Engine) -> None:
    """Nobody marked posts with it meanwhile: those days would teach that it is hardly spoken of."""
    before = look(start(), engine, NOW).outlooks
    alone = replace(TOPICS, topics={"outage": TOPICS.topics["outage"]})
    assert set(look(start(alone), engine, NOW + HOUR).outlooks) == {"outage"}
    back = look(start(), engine, NOW + 2 * HOUR).outlooks
    assert before["bill"].known > 3 * DAY
    assert back["bill"].known == timedelta(0)
    assert back["outage"].known > before["outage"].known


def test_hours_that_enough_of_a_topics_own_sources_missed_are_no_past_of_it(start: Start, engine: Engine) -> None:
    answering(engine, "bbs", "paper")
    with transaction(engine) as session:
        session.add(SourceGap(source="paper", since=NOW - 3 * DAY, until=NOW - 2 * DAY))
        session.add(SourceGap(source="bbs", since=NOW - 10 * HOUR, until=NOW - 6 * HOUR))
    found = look(start(), engine, NOW)
    of_both, of_one = found.outlooks["outage"].known, found.outlooks["bill"].known
    assert of_one - of_both == pytest.approx(4 * HOUR, abs=10 * MINUTE)  # of two sources one is half
    assert of_both == pytest.approx(4 * DAY - 28 * HOUR, abs=20 * MINUTE)
    assert [one.source for one in found.coverage["bill"]] == ["paper"]
    assert [one.source for one in found.coverage["outage"]] == ["bbs", "paper"]


def test_a_new_source_renews_the_topics_that_may_hear_of_it_and_a_new_model_all(
    start: Start, made: World, engine: Engine
) -> None:
    answering(engine, "bbs", "paper")
    watchman = start()
    look(watchman, engine, NOW)
    answering(engine, "new")
    assert look(watchman, engine, NOW + 10 * MINUTE).outlooks["outage"].known < 10 * MINUTE
    found = look(start(), engine, NOW + HOUR).outlooks
    assert found["outage"].known == pytest.approx(50 * MINUTE, abs=6 * MINUTE)
    assert found["bill"].known > 3 * DAY
    made.put(burst(NOW + HOUR, 1, 9000, model="test@2"))
    assert look(start(), engine, NOW + 2 * HOUR).outlooks["bill"].known < 10 * MINUTE


def test_a_lease_that_was_lost_keeps_nothing_of_a_round(start: Start, engine: Engine) -> None:
    watchman = start()
    old = lease(engine, "first")
    watchman.look(old, NOW, NOW)
    with transaction(engine) as session:
        assert take_lease(session, "alerts.watch", "second", NOW + 31 * DAY, HOUR) is not None
    with pytest.raises(Fenced):
        watchman.finish(old, NOW)
    with pytest.raises(Fenced):
        start().look(old, NOW, NOW)
    with transaction(engine) as session:
        assert read_judged(session) is None


def test_an_index_that_goes_away_at_any_question_of_a_start_is_asked_again(
    start: Start, made: World, engine: Engine
) -> None:
    calls = Asked(made.reader)
    expected = start(reader=calls).look(None, NOW, NOW).outlooks
    for call in range(1, len(calls.calls) + 1):
        watchman = start(reader=Asked(made.reader, away=frozenset({call})))
        with pytest.raises(Retryable):
            watchman.look(None, NOW, NOW)
        assert watchman.look(None, NOW, NOW).outlooks == expected, calls.calls[call - 1]


def test_the_present_of_a_topic_nobody_speaks_of_is_an_empty_hour(start: Start) -> None:
    sighting = start().look(None, NOW, NOW - HOUR)
    view = present_view(sighting, "outage", None, NOW)
    assert (view.window.total, view.length, view.behind) == (0, HOUR, HOUR)
    assert (view.wave, view.crossing) == (None, None)
    assert view.known == sighting.outlooks["outage"].known
    assert start().look(None, NOW, None).behind is None
