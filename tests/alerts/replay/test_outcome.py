from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.detection.grades import Grade
from alerts.detection.series.waves import Crossing, Wave
from alerts.detection.signals import Finding, Reason, Signal, State, Thresholds
from alerts.replay.outcome import Answered, Precedent, TopicOutcome, doubts, place
from alerts.replay.policy import Alarm, Policy
from stream.topics import Rule, TopicsConfig, WatchedTopic

START = datetime(2026, 9, 21, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Raise = Callable[..., Alarm]


@pytest.fixture
def alarm() -> Raise:
    """An alarm so long after the start, of a wave that lasts for an hour."""

    def one(after: timedelta, *, fell: bool = False) -> Alarm:
        at = START + after
        first = Crossing(at=at, span=HOUR, score=9.0, threshold=5.0, counted=30, due=1.0, fell=fell)
        reason = Reason.FALL if fell else Reason.RISE
        signal = Signal(
            topic="outage", state=State.SPIKE, at=at, window_start=at - HOUR, window_end=at, since=at - HOUR, total=40,
            negative=30, authors=20, texts=30, unscored=0, effective=30.0, expected=1.0, share=0.75, usual_share=0.3,
            findings=(Finding(reason, 9.0, 5.0),),
        )  # fmt: skip
        return Alarm(at, Wave((first, replace(first, at=at + HOUR))), signal, Grade.YELLOW)

    return one


def case(number: int, after: timedelta, *, lasts: timedelta | None = None, by_counts: bool = True) -> Precedent:
    at = START + after
    ended = None if lasts is None else at + lasts
    return Precedent(number, "outage", at - HOUR, at, at + HOUR, ended, by_counts=by_counts, false_alarm=False)


def outcome(*alarms: Alarm, cases: tuple[Precedent, ...] = (), days: float = 28, posts: int = 500) -> TopicOutcome:
    return TopicOutcome("outage", 1.0, days, posts, *place(alarms, cases, START))


def policy(own: float | None = None) -> Policy:
    topic = WatchedTopic(name="停电", owner="x", rules=(Rule(any_of=("停电",)),), alerts_per_week=own)
    return Policy(TopicsConfig(topics={"outage": topic}), Thresholds(), (), "configs")


def test_a_case_is_answered_by_the_alarm_of_its_wave(alarm: Raise) -> None:
    early, late = alarm(2 * DAY), alarm(9 * DAY)
    found = outcome(early, late, cases=(case(7, 2 * DAY + 4 * MINUTE, lasts=DAY),))
    assert found.cases == (Answered(case(7, 2 * DAY + 4 * MINUTE, lasts=DAY), early),)
    assert found.cases[0].lead == 4 * MINUTE
    assert [(one.case_id, one.rekindles) for one in found.alarms] == [(7, False), (None, False)]
    assert found.unprecedented == (late,)


def test_a_case_that_would_be_opened_later_has_a_lead_below_zero(alarm: Raise) -> None:
    (answered,) = outcome(alarm(2 * DAY), cases=(case(7, 2 * DAY - 30 * MINUTE),)).cases
    assert answered.lead == -30 * MINUTE


def test_a_case_without_an_alarm_is_missed_unless_counts_did_not_open_it(alarm: Raise) -> None:
    cases = (case(1, DAY), case(2, 9 * DAY, by_counts=False))
    found = outcome(alarm(20 * DAY), cases=(replace(cases[0], ended_at=START + 2 * DAY), cases[1]))
    assert (found.caught, found.missed) == (0, 1)
    assert [one.lead for one in found.cases] == [None, None]


def test_a_further_wave_of_an_open_case_rekindles_it(alarm: Raise) -> None:
    found = outcome(alarm(2 * DAY), alarm(4 * DAY), cases=(case(7, 2 * DAY, lasts=5 * DAY),))
    assert [(one.case_id, one.rekindles) for one in found.alarms] == [(7, False), (7, True)]


def test_silence_adds_nothing_to_an_open_case(alarm: Raise) -> None:
    silent = alarm(4 * DAY, fell=True)
    assert outcome(silent, cases=(case(7, 2 * DAY, lasts=5 * DAY),)).alarms == ()
    assert len(outcome(silent).alarms) == 1


def test_what_is_older_than_the_span_is_there_to_belong_to(alarm: Raise) -> None:
    found = outcome(alarm(-HOUR), cases=(case(7, -2 * DAY, lasts=DAY), case(8, HOUR)))
    assert found.alarms == ()
    assert [(one.case.id, one.lead) for one in found.cases] == [(8, 2 * HOUR)]


def test_alarms_are_counted_by_day_week_and_grade(alarm: Raise) -> None:
    found = outcome(*(alarm(day * DAY) for day in range(2, 9)), days=14)
    assert (found.per_day, found.per_week) == (0.5, 3.5)
    assert found.grades == {Grade.RED: 0, Grade.ORANGE: 0, Grade.YELLOW: 7, Grade.BLUE: 0}


def test_a_rule_that_matched_nothing_can_never_fire() -> None:
    assert list(doubts(policy(), outcome(posts=0), 900, 60 * DAY)) == [
        "configs/topics.yml: topics.outage.rules: can never fire: of 900 posts of the last 28 days they match none"
    ]


@pytest.mark.parametrize(("days", "doubted"), [(13, False), (14, True)])
def test_a_topic_that_alarms_on_half_of_the_days_always_fires(alarm: Raise, days: int, doubted: bool) -> None:
    found = list(doubts(policy(), outcome(*(alarm(day * DAY) for day in range(days))), 900, 60 * DAY))
    assert [words.split(";")[0] for words in found] == [
        "configs/topics.yml: topics.outage: always fires: it would have alarmed on 14 of the last 28 days"
    ] * doubted


def test_a_few_alarms_in_a_few_days_are_not_always(alarm: Raise) -> None:
    assert list(doubts(policy(), outcome(alarm(HOUR), alarm(DAY), days=3), 900, 60 * DAY)) == []


@pytest.mark.parametrize(("posts", "doubted"), [(809, False), (810, True)])
def test_a_rule_that_matches_nearly_everything_always_fires(posts: int, doubted: bool) -> None:
    found = list(doubts(policy(), outcome(posts=posts), 900, 60 * DAY))
    assert ["they match 810 of the 900 posts" in words for words in found] == [True] * doubted


@pytest.mark.parametrize(
    ("budget", "past", "doubted"),
    [(0.2, 27 * DAY, True), (0.2, 28 * DAY, False), (0.25, 3 * DAY, False)],
)
def test_a_budget_below_once_in_four_weeks_needs_four_weeks_of_past(
    budget: float, past: timedelta, doubted: bool
) -> None:
    found = list(doubts(policy(budget), replace(outcome(), alerts_per_week=budget), 900, past))
    words = "configs/topics.yml: topics.outage.alerts_per_week: 0.2 is less than one alarm in four weeks"
    assert [one[: len(words)] for one in found] == [words] * doubted
