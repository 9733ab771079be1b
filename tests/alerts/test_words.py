"""Everything has a word, no word is left over, and older spellings are read."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from alerts.casefile.tables import EventKind
from alerts.words import (
    ACTION_NAMES,
    EVENT_NAMES,
    OLD_NAMES,
    ORDER_NAMES,
    STAGE_NAMES,
    STEP_NAMES,
    VERDICT_NAMES,
    clock_time,
    event_name,
)
from alerts.workflow.parts import Verdict, read_verdict
from alerts.workflow.rules import WORKFLOW

NAMES = (STAGE_NAMES, STEP_NAMES, ACTION_NAMES, VERDICT_NAMES, EVENT_NAMES, ORDER_NAMES)


def test_every_key_has_words_and_no_words_are_left_over() -> None:
    assert set(STAGE_NAMES) == set(WORKFLOW.stages)
    assert set(STEP_NAMES) == set(WORKFLOW.steps)
    assert set(ACTION_NAMES) == set(WORKFLOW.actions)
    assert set(ORDER_NAMES) == {order.key for order in WORKFLOW.orders}
    assert set(VERDICT_NAMES) == set(Verdict)
    assert set(EVENT_NAMES) == set(EventKind)


def test_events_actions_and_orders_share_a_column_and_so_no_key() -> None:
    for one, other in combinations((EVENT_NAMES, ACTION_NAMES, ORDER_NAMES, OLD_NAMES), 2):
        assert not set(one) & set(other)


@pytest.mark.parametrize("names", NAMES)
def test_words_are_chinese_short_and_tell_things_apart(names: dict[str, str]) -> None:
    for word in names.values():
        assert word.strip() == word
        assert 2 <= len(word) <= 20
        assert all("一" <= letter <= "鿿" or letter in "/，：" for letter in word)
    assert len(set(names.values())) == len(names)


def test_a_history_of_another_version_is_shown_by_its_keys() -> None:
    assert event_name("opened") == "立案"
    assert event_name("close") == "办结销号"
    assert event_name("merge") == "并案"
    assert event_name("remedy") == "完成整改", "an action of versions before"
    assert event_name("dance") == "dance"


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_read_by_its_key_and_by_its_word(verdict: Verdict) -> None:
    assert read_verdict(str(verdict)) is verdict
    assert read_verdict(VERDICT_NAMES[verdict]) is verdict


@pytest.mark.parametrize("text", ["", "谣 言", "RUMOUR", "rumour "])
def test_what_is_no_verdict_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid Verdict"):
        read_verdict(text)


def test_a_time_is_said_with_its_day_only_on_another_day() -> None:
    """Days are Beijing's: 16:30 UTC is half past midnight of the next one."""
    moment = datetime(2026, 9, 21, 15, 59, tzinfo=UTC)
    assert clock_time(moment, moment) == "23:59"
    assert clock_time(moment, moment + timedelta(minutes=31)) == "9月21日23:59"
    assert clock_time(moment + timedelta(minutes=31), moment + timedelta(hours=15)) == "00:30"
