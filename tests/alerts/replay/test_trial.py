"""Past weeks of a real index and state replayed: what the watcher told, and what it would have told otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.desk.reporting import open_by_hand
from alerts.detection.grades import Criterion, Grade, Measure
from alerts.detection.signals import Reason
from alerts.replay.outcome import TopicOutcome
from alerts.replay.policy import Policy
from alerts.replay.trial import Trial, TrialSpan, Tried, span_of
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, OpenRequest
from stream.messages import Precision
from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from stream.topics import Rule, WatchedTopic
from tests.alerts.replay.conftest import DAY, HOUR, MINUTE, MONDAY, Say

SPAN = TrialSpan(MONDAY - 2 * DAY, MONDAY + 4 * DAY)


def tried(context: CaseContext, policy: Policy, span: TrialSpan = SPAN) -> Tried:
    trial = Trial(context.engine, context.reader, context.topics, span)
    return trial.run(policy, tuple(policy.topics.watched), "now")


def outcome(context: CaseContext, policy: Policy, span: TrialSpan = SPAN) -> TopicOutcome:
    return tried(context, policy, span).outcomes["outage"]


def watch(context: CaseContext, *bursts: timedelta) -> None:
    """Lets a watcher look every two minutes through the hour after each of the moments, and once before."""
    watcher = Watcher(context, [], "w")
    watcher.look(MONDAY - DAY)
    for burst in bursts:
        for look in range(30):
            watcher.look(MONDAY + burst + 2 * look * MINUTE)


@pytest.mark.usefixtures("quiet")
def test_the_same_configuration_finds_the_cases_that_the_watcher_opened(
    context: CaseContext, say: Say, policy: Policy
) -> None:
    for day in (0, 2):
        say(MONDAY + day * DAY, 40 * MINUTE, 60)
    watch(context, timedelta(0), 2 * DAY)
    found = outcome(context, policy)
    (answered,) = found.cases
    assert answered.lead is not None
    assert timedelta(0) <= answered.lead <= 5 * MINUTE
    assert [(one.case_id, one.rekindles) for one in found.alarms] == [(1, False), (1, True)]
    assert (found.caught, found.missed, found.unprecedented) == (1, 0, ())
    assert (found.per_day, found.per_week) == (pytest.approx(2 / 6), pytest.approx(2 / 6 * 7))


@pytest.mark.usefixtures("quiet")
def test_weeks_in_which_nothing_happened_have_no_alarm(context: CaseContext, policy: Policy) -> None:
    found = tried(context, policy)
    assert found.outcomes["outage"].alarms == ()
    assert found.outcomes["outage"].posts == 72
    assert found.doubts == ()


@pytest.mark.usefixtures("quiet")
def test_a_smaller_budget_misses_a_small_wave(context: CaseContext, say: Say, policy: Policy) -> None:
    say(MONDAY, 40 * MINUTE, 11)
    watch(context, timedelta(0))
    assert outcome(context, policy).caught == 1
    found = outcome(context, policy.with_budget(0.05, "--budget"))
    assert (found.alerts_per_week, found.caught, found.missed, found.alarms) == (0.05, 0, 1, ())


@pytest.mark.usefixtures("quiet")
def test_a_rule_widened_finds_the_posts_it_now_matches(context: CaseContext, say: Say, policy: Policy) -> None:
    say(MONDAY, 40 * MINUTE, 60, text="没电了没人修", topics=())
    assert outcome(context, policy).alarms == ()
    wide = replace(context.topics.topics["outage"], rules=(Rule(any_of=("停电", "没电")),))
    found = outcome(context, replace(policy, topics=replace(context.topics, topics={"outage": wide})))
    (alarm,) = found.unprecedented
    assert MONDAY <= alarm.at < MONDAY + 20 * MINUTE
    assert found.posts == 72 + 60
    assert alarm.signal.expected < 1
    assert alarm.signal.authors >= 5


@pytest.mark.usefixtures("quiet")
def test_a_rule_narrowed_misses_the_case_of_posts_it_no_longer_matches(
    context: CaseContext, say: Say, policy: Policy
) -> None:
    say(MONDAY, 40 * MINUTE, 60)
    watch(context, timedelta(0))
    narrow = replace(context.topics.topics["outage"], rules=(Rule(all_of=("停电", "地铁")),))
    found = tried(context, replace(policy, topics=replace(context.topics, topics={"outage": narrow})))
    assert (found.outcomes["outage"].caught, found.outcomes["outage"].missed) == (0, 1)
    (never,) = found.doubts
    assert never.startswith("configs/topics.yml: topics.outage.rules: can never fire: of 144 posts of the last 6 days")


@pytest.mark.usefixtures("quiet")
def test_a_topic_that_is_new_is_replayed_beside_the_others(context: CaseContext, say: Say, policy: Policy) -> None:
    say(MONDAY - 16 * DAY, 21 * DAY, 150, negative=3, text="电费太贵", topics=())
    say(MONDAY, 40 * MINUTE, 60, text="电费算错了", topics=())
    bill = WatchedTopic(name="电费", owner="marketing", rules=(Rule(any_of=("电费",)),))
    wider = replace(context.topics, topics={**context.topics.topics, "bill": bill})
    found = tried(context, replace(policy, topics=wider)).outcomes
    assert [len(found[key].alarms) for key in ("outage", "bill")] == [0, 1]


@pytest.mark.usefixtures("quiet")
def test_a_changed_table_of_grades_grades_anew(context: CaseContext, say: Say, policy: Policy) -> None:
    say(MONDAY, 40 * MINUTE, 60)
    (blue,) = outcome(context, replace(policy, grades=())).alarms
    row = Criterion(grade=Grade.ORANGE, measure=Measure.AUTHORS, at_least=3, source="test")
    found = outcome(context, replace(policy, grades=(row,)))
    assert [blue.alarm.grade, *(one.alarm.grade for one in found.alarms)] == [Grade.BLUE, Grade.ORANGE]
    assert found.grades == {Grade.RED: 0, Grade.ORANGE: 1, Grade.YELLOW: 0, Grade.BLUE: 0}


@pytest.mark.usefixtures("quiet")
def test_floors_hold_as_they_do_live(context: CaseContext, say: Say, policy: Policy) -> None:
    say(MONDAY, 40 * MINUTE, 60, voice="a" * 32)
    assert outcome(context, policy).alarms == ()


@pytest.mark.usefixtures("quiet")
def test_a_wave_that_bursts_on_most_days_always_fires(context: CaseContext, say: Say, policy: Policy) -> None:
    for day in range(-2, 4):
        say(MONDAY + day * DAY + (day % 5) * 2 * HOUR, 20 * MINUTE, 40 * (day + 4))
    found = tried(context, policy.with_budget(20, "--budget"))
    assert found.outcomes["outage"].per_day > 0.5
    assert "configs/topics.yml: topics.outage: always fires" in found.doubts[0]


def test_an_index_younger_than_the_span_says_so(context: CaseContext, say: Say, policy: Policy) -> None:
    trial = Trial(context.engine, context.reader, context.topics, SPAN)
    nothing = trial.empty_days()
    assert nothing == "--days: the index has no post of the last 6 days: nothing can be replayed"
    say(MONDAY, 4 * DAY, 40)
    words = Trial(context.engine, context.reader, context.topics, SPAN).empty_days()
    assert words is not None
    assert words.startswith("--days: 2 of the 6 days have no post at all, the first that has one begins 2026-09-20")


@pytest.mark.usefixtures("quiet")
def test_full_weeks_have_no_empty_day(context: CaseContext) -> None:
    assert Trial(context.engine, context.reader, context.topics, SPAN).empty_days() is None


@pytest.mark.usefixtures("quiet")
def test_a_budget_that_the_past_cannot_support_is_doubted(context: CaseContext, policy: Policy) -> None:
    (doubt,) = tried(context, policy.with_budget(0.1, "--budget")).doubts
    assert doubt.startswith("--budget: 0.1 is less than one alarm in four weeks and outage has 14.0 days of past")
    seldom = replace(policy, limits=replace(policy.limits, alerts_per_week=0.1))
    assert tried(context, seldom).doubts[0].startswith("configs/alerts.yml: detector.alerts_per_week: 0.1")


@pytest.mark.usefixtures("quiet")
def test_a_case_opened_by_hand_is_nothing_that_counts_could_miss(context: CaseContext, policy: Policy) -> None:
    open_by_hand(context, OpenRequest("outage", "zhang_min", "12345 转来投诉"), MONDAY)
    found = outcome(context, policy)
    assert [(one.case.by_counts, one.alarm) for one in found.cases] == [(False, None)]
    assert (found.caught, found.missed) == (0, 0)


@pytest.mark.usefixtures("quiet")
def test_a_case_found_to_be_none_is_shown_as_such(context: CaseContext, say: Say, policy: Policy) -> None:
    say(MONDAY, 40 * MINUTE, 60)
    watch(context, timedelta(0))
    act(context, 1, ActRequest("acknowledge", "zhang_min"), MONDAY + 3 * HOUR)
    act(context, 1, ActRequest("judge_false_alarm", "zhang_min", "演练"), MONDAY + 3 * HOUR)
    (answered,) = outcome(context, policy).cases
    assert answered.case.false_alarm
    assert answered.case.ended_at == MONDAY + 3 * HOUR


@pytest.mark.usefixtures("quiet")
def test_hours_in_which_no_source_answered_teach_nothing_in_a_replay(
    context: CaseContext, say: Say, policy: Policy
) -> None:
    with transaction(context.engine) as session:
        session.execute(update(SourceHealth).values(succeeded_at=MONDAY - 3 * DAY, fresh_until=MONDAY - 2 * DAY))
    say(MONDAY, 40 * MINUTE, 60)
    assert len(outcome(context, policy).alarms) == 1


def test_silence_is_told_when_it_is_believed_and_not_in_an_open_case(
    context: CaseContext, say: Say, policy: Policy
) -> None:
    say(MONDAY - 20 * DAY, 20 * DAY, 20 * 24 * 6, negative=5)
    with transaction(context.engine) as session:
        session.execute(update(SourceHealth).values(fresh_until=MONDAY + 90 * DAY))
    (placed,) = outcome(context, policy).alarms
    assert placed.alarm.signal.reasons & {Reason.FALL, Reason.RISE} == {Reason.FALL}
    assert placed.alarm.at > MONDAY + 3 * HOUR
    open_by_hand(context, OpenRequest("outage", "zhang_min", "12345 转来投诉"), MONDAY)
    assert outcome(context, policy).alarms == ()


@pytest.mark.usefixtures("quiet")
def test_a_case_opened_before_the_span_is_only_there_to_be_rekindled(
    context: CaseContext, say: Say, policy: Policy
) -> None:
    for day in (0, 2):
        say(MONDAY + day * 27 * HOUR, 40 * MINUTE, 60)
    watch(context, timedelta(0))
    found = outcome(context, policy, TrialSpan(MONDAY + DAY, MONDAY + 4 * DAY))
    assert found.cases == ()
    assert [(one.case_id, one.rekindles) for one in found.alarms] == [(1, True)]
    with transaction(context.engine) as session:
        session.execute(update(CaseRow).values(ended_at=MONDAY + 12 * HOUR, open_key=None))
    found = outcome(context, policy, TrialSpan(MONDAY + DAY, MONDAY + 4 * DAY))
    assert [(one.case_id, one.rekindles) for one in found.alarms] == [(None, False)]


@pytest.mark.usefixtures("quiet")
def test_dates_without_a_time_are_no_burst_in_a_replay_with_new_rules(
    context: CaseContext, say: Say, policy: Policy
) -> None:
    for day in range(-16, 4):
        start = MONDAY.replace(hour=16) + day * DAY
        say(start, MINUTE, 20, text="没电了", topics=(), published_precision=Precision.DAY, counted_at=None)
    wide = replace(context.topics.topics["outage"], rules=(Rule(any_of=("停电", "没电")),))
    assert outcome(context, replace(policy, topics=replace(context.topics, topics={"outage": wide}))).alarms == ()


def test_a_span_ends_with_the_last_whole_step() -> None:
    span = span_of(MONDAY + 4 * MINUTE, 28)
    assert (span.since, span.until, span.days) == (MONDAY - 28 * DAY, MONDAY, 28.0)
