"""What is remembered comes back as it was kept, and what no longer fits is not taken for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, update

from alerts.detection.kept import (
    VERSION,
    Known,
    Surroundings,
    TopicMemoryRow,
    digests,
    drop_others,
    keep,
    keep_judged,
    keep_numbers,
    read_judged,
    read_known,
    read_numbers,
)
from alerts.detection.series.waves import Told
from stream.state.database import transaction
from stream.topics import Rule, TopicsConfig, WatchedTopic

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KNOWN = Known("d1", NOW - 9 * HOUR, NOW - HOUR, (Told(NOW - HOUR, NOW), Told(NOW - HOUR, NOW, fell=True)))
NUMBERS = np.array([[0.1, -np.inf, 3.0], [1e-300, 2 / 3, 7.0]])


def topics(*any_of: str, **aliases: tuple[str, ...]) -> TopicsConfig:
    watched = WatchedTopic(name="停电", owner="dispatch", rules=(Rule(any_of=any_of),))
    return TopicsConfig(aliases=aliases, topics={"outage": watched})


def test_what_is_known_of_a_topic_comes_back_as_it_was_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        keep(session, "outage", KNOWN)
        keep(session, "bill", replace(KNOWN, renewed_at=None, told=()))
    with transaction(engine) as session:
        assert read_known(session) == {"outage": KNOWN, "bill": replace(KNOWN, renewed_at=None, told=())}
        assert read_numbers(session, 3) == {}


def test_numbers_come_back_to_the_last_bit_with_their_time(engine: Engine) -> None:
    with transaction(engine) as session:
        keep(session, "outage", KNOWN)
        keep_numbers(session, "outage", NUMBERS, NOW)
    with transaction(engine) as session:
        until, numbers = read_numbers(session, 3)["outage"]
    assert until == NOW
    assert np.array_equal(numbers, NUMBERS)


@pytest.mark.parametrize("version", [1, VERSION + 1])
def test_numbers_of_another_version_or_of_another_size_are_left_out(engine: Engine, version: int) -> None:
    with transaction(engine) as session:
        keep(session, "outage", KNOWN)
        keep_numbers(session, "outage", NUMBERS, NOW)
        assert read_numbers(session, 4) == {}
        session.execute(update(TopicMemoryRow).values(version=version))
        session.expire_all()
        assert read_numbers(session, 3) == {}
        assert set(read_known(session)) == {"outage"}


def test_other_rules_make_what_was_taught_another_topics(engine: Engine) -> None:
    with transaction(engine) as session:
        keep(session, "outage", KNOWN)
        keep_numbers(session, "outage", NUMBERS, NOW)
        keep(session, "outage", replace(KNOWN, told=()))
        assert set(read_numbers(session, 3)) == {"outage"}
        keep(session, "outage", replace(KNOWN, digest="d2"))
        assert read_numbers(session, 3) == {}


def test_a_topic_that_is_watched_no_more_is_forgotten(engine: Engine) -> None:
    with transaction(engine) as session:
        for topic in ("outage", "bill"):
            keep(session, topic, KNOWN)
        drop_others(session, {"outage", "new"})
        assert set(read_known(session)) == {"outage"}
        drop_others(session, ())
        assert read_known(session) == {}


def test_the_last_step_judged_and_what_was_around_are_one_row(engine: Engine) -> None:
    around = Surroundings(frozenset({"b", "a"}), frozenset())
    with transaction(engine) as session:
        assert read_judged(session) is None
        keep_judged(session, NOW, around)
        keep_judged(session, NOW + HOUR, around)
    with transaction(engine) as session:
        assert read_judged(session) == (NOW + HOUR, around)


def test_a_digest_changes_with_the_rules_and_the_word_groups_they_name_and_with_nothing_else() -> None:
    plain = digests(topics("停电"))["outage"]
    assert digests(topics("停电", "没电"))["outage"] != plain
    assert digests(topics("停电", other=("别的",)))["outage"] == plain
    named = digests(topics("@power", power=("停电",), other=("别的",)))["outage"]
    assert digests(topics("@power", power=("停电", "断电"), other=("别的",)))["outage"] != named
    assert digests(topics("@power", power=("停电",), other=("变了",)))["outage"] == named
    renamed = topics("停电")
    owner = replace(renamed.topics["outage"], name="改名", owner="publicity", sources=("bbs",))
    assert digests(replace(renamed, topics={"outage": owner}))["outage"] == plain
