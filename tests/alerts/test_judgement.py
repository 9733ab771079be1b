"""Weeks as an office meets them, through a real index and state: what must alarm does, what is ordinary does not."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, update

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, EventRow
from alerts.detection.signals import Reason, State
from alerts.notify.tables import OutboxRow
from alerts.watch import Seen, Watcher
from alerts.workflow.cases import ActRequest, Correlation
from alerts.workflow.parts import Verdict
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, Precision, ScoredPost
from stream.process.clock import SHANGHAI
from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from stream.topics import Rule, WatchedTopic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 9, 21, 7, 0, tzinfo=SHANGHAI).astimezone(UTC)

# What alarms is no matter of the engine, and these weeks are long.
pytestmark = pytest.mark.parametrize("state_url", ["sqlite"], indirect=True)

Say = Callable[..., None]


@pytest.fixture
def say(index: SqliteIndexWriter, write: Callable[..., ScoredPost]) -> Say:
    """Writes posts at these moments; each another author and text, every `negative`-th one negative."""
    number = iter(range(1, 10**9))

    def put(moments: Iterator[datetime] | list[datetime], negative: int = 1, **changes: object) -> None:
        posts = []
        for at in moments:
            one = next(number)
            label = Label.NEGATIVE if one % negative == 0 else Label.NEUTRAL
            posts.append(write(one, at=at, label=label, **changes))
        for first in range(0, len(posts), 500):
            index.put(posts[first : first + 500])

    return put


@pytest.fixture
def quiet(context: CaseContext, say: Say) -> Callable[[datetime], None]:
    """Gives the topic three weeks of a post every other hour, every fourth negative, and a source that answers."""

    def until(end: datetime) -> None:
        say([end - 2 * n * HOUR for n in range(1, 252)], negative=4)
        trust(context, end + 30 * DAY)

    return until


def trust(context: CaseContext, fresh_until: datetime) -> None:
    with transaction(context.engine) as session:
        session.execute(update(SourceHealth).values(fresh_until=fresh_until))


def spread(start: datetime, length: timedelta, number: int) -> list[datetime]:
    return [start + n * length / number for n in range(number)]


def evenly(start: datetime, end: datetime, an_hour: float) -> list[datetime]:
    return spread(start, end - start, round((end - start) / HOUR * an_hour))


def looks(watcher: Watcher, start: datetime, end: datetime, every: timedelta) -> list[Seen]:
    found, at = [], start
    while at <= end:
        found += watcher.look(at)
        at += every
    return found


def cases(context: CaseContext) -> list[CaseRow]:
    with transaction(context.engine) as session:
        found = list(session.scalars(select(CaseRow).order_by(CaseRow.id)))
        session.expunge_all()
        return found


def told(context: CaseContext) -> list[str]:
    """The letters of the case, by what they were written for."""
    with transaction(context.engine) as session:
        return list(session.scalars(select(OutboxRow.step).order_by(OutboxRow.id)))


def test_a_second_wave_in_an_open_case_is_told_and_answered_anew(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY + 4 * DAY)
    watcher = Watcher(context, [], "w")
    say(spread(MONDAY, 40 * MINUTE, 60))
    (seen,) = watcher.look(MONDAY + 41 * MINUTE)
    assert seen.correlation is Correlation.OPENS
    at = MONDAY + HOUR
    head = ("acknowledge", "judge", "report", "verify", "approve", "clarify", "guide")
    for number, action in enumerate([*head[:4], "draft", *head[4:]]):
        by = "li_qiang" if action in head else "zhang_min"
        verdict = Verdict.RUMOUR if action == "verify" else None
        words = "" if action in head else "网传不实。"
        case = act(context, 1, ActRequest(action, by, "查明", verdict, statement=words), at + number * MINUTE)
    assert case.stage == "tracking"
    calm = looks(watcher, MONDAY + 3 * HOUR, MONDAY + 39 * HOUR, 12 * HOUR)
    assert {one.signal.state for one in calm[1:]} == {State.CALM}
    before = len(told(context))
    for wave, size in enumerate((60, 100), start=2):
        start = MONDAY + wave * DAY
        say(spread(start, 40 * MINUTE, size))
        *_, seen = watcher.look(start + 41 * MINUTE)
        assert (seen.correlation, seen.case_id) == (Correlation.REKINDLED, 1)
        assert watcher.look(start + 42 * MINUTE)[-1].correlation is Correlation.JOINS
    assert sum("rekindled" in step for step in told(context)[before:]) >= 2
    (row,) = cases(context)
    assert (row.stage, row.calm_at) == ("wording", None)
    assert row.rekindled_at == MONDAY + 3 * DAY + 41 * MINUTE
    with transaction(context.engine) as session:
        kinds = list(session.scalars(select(EventRow.kind)))
    assert kinds.count("rekindled") == 2
    assert kinds.count("calm") == 1


def test_a_topic_added_today_has_a_beginning_of_its_own(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY + 3 * DAY)
    bill = WatchedTopic(name="电费账单", owner="marketing", rules=(Rule(any_of=("电费",)),))
    wider = replace(context, topics=replace(context.topics, topics={**context.topics.topics, "bill": bill}))
    Watcher(context, [], "before").look(MONDAY)
    say(evenly(MONDAY, MONDAY + 2 * DAY, 20), negative=2, topics=("bill",))
    watcher = Watcher(wider, [], "before")
    seen = [
        one for one in looks(watcher, MONDAY + 5 * MINUTE, MONDAY + 2 * DAY, 2 * HOUR) if one.signal.topic == "bill"
    ]
    cold = [Reason.COLD_START in one.signal.reasons for one in seen]
    assert cold == [True] * 12 + [False] * 12
    assert cases(context) == []


def test_a_rule_that_changed_makes_another_topic_of_it(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY)
    (seen,) = Watcher(context, [], "w").look(MONDAY)
    assert Reason.COLD_START not in seen.signal.reasons
    wide = replace(context.topics.topics["outage"], rules=(Rule(any_of=("停电", "电")),))
    other = replace(context, topics=replace(context.topics, topics={"outage": wide}))
    (seen,) = Watcher(other, [], "w").look(MONDAY + MINUTE)
    assert Reason.COLD_START in seen.signal.reasons


@pytest.mark.parametrize("change", ["source", "model"])
def test_a_new_source_or_model_lets_a_topic_find_its_level_anew(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None], change: str
) -> None:
    quiet(MONDAY)
    watcher = Watcher(context, [], "w")
    watcher.look(MONDAY)
    if change == "source":
        with transaction(context.engine) as session:
            fresh = MONDAY + 30 * DAY
            session.add(SourceHealth(source="new", site="new", state="ok", succeeded_at=MONDAY, fresh_until=fresh))
    say(evenly(MONDAY, MONDAY + DAY, 12), negative=2, model="test@2" if change == "model" else "test@1")
    found = looks(watcher, MONDAY + 5 * MINUTE, MONDAY + 30 * HOUR, 3 * HOUR)
    assert [Reason.COLD_START in one.signal.reasons for one in found] == [True] * 8 + [False] * 2
    assert cases(context) == []


def test_a_stage_that_stood_still_makes_blind_and_then_a_late_case(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY)
    come = {"until": MONDAY}
    watcher = Watcher(context, [], "w", lambda now: min(now, come["until"]))
    states = {one.signal.state for one in looks(watcher, MONDAY + 20 * MINUTE, MONDAY + 3 * HOUR, 20 * MINUTE)}
    assert states == {State.BLIND}
    say(spread(MONDAY + HOUR, 40 * MINUTE, 120))
    come["until"] = MONDAY + 10 * DAY
    seen, now = watcher.look(MONDAY + 3 * HOUR + MINUTE)
    assert (seen.correlation, seen.signal.late, seen.signal.negative) == (Correlation.OPENS, True, 120)
    assert now.signal.state is State.CALM
    (row,) = cases(context)
    assert row.last_spike_at < MONDAY + 3 * HOUR


def test_a_wave_while_the_watcher_was_away_is_a_late_case_and_only_one(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY)
    say(spread(MONDAY, 40 * MINUTE, 200))
    first = Watcher(context, [], "w").look(MONDAY + 115 * MINUTE)
    assert [one.correlation for one in first] == [Correlation.OPENS, None]
    assert first[0].signal.late
    again = [one.correlation for one in Watcher(context, [], "w").look(MONDAY + 116 * MINUTE)]
    assert again == [None]


def test_two_waves_of_an_outage_are_told_as_they_would_have_been(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY)
    watcher = Watcher(context, [], "w")
    watcher.look(MONDAY - MINUTE)
    for start in (MONDAY, MONDAY + 20 * HOUR):
        say(spread(start, 40 * MINUTE, 60))
    seen = watcher.look(MONDAY + 40 * HOUR)
    assert [one.correlation for one in seen] == [Correlation.OPENS, Correlation.REKINDLED, None]


@pytest.mark.parametrize("an_hour", [4, 12, 40])
def test_neither_an_ordinary_monday_nor_the_first_day_after_a_holiday_alarms(
    context: CaseContext, say: Say, an_hour: int
) -> None:
    """Working hours from 8 to 20, a twentieth else, 25 days, the National Day and its worked weekends."""
    chance, start = random.Random(an_hour), datetime(2026, 9, 3, tzinfo=SHANGHAI)
    off = {(9, 25), (9, 26), (9, 27), *((10, day) for day in range(1, 8))}  # 中秋、国庆
    worked = {(9, 20), (10, 10)}
    moments, at = [], start
    while at < datetime(2026, 10, 13, 20, tzinfo=SHANGHAI):
        day = (at.month, at.day)
        works = day in worked or (at.weekday() < 5 and day not in off)
        rate = an_hour if works and 8 <= at.hour < 20 else an_hour / 20
        moments += [at + chance.random() * HOUR for _ in range(_poisson(chance, rate))]
        at += HOUR
    say(moments)
    trust(context, start + 90 * DAY)
    watcher = Watcher(context, [], "w")
    for day in ((9, 28), (10, 8), (10, 12)):
        morning = datetime(2026, *day, 7, tzinfo=SHANGHAI)
        looks(watcher, morning, morning + 13 * HOUR, HOUR)
    assert cases(context) == []


@pytest.mark.parametrize("an_hour", [20, 100])
def test_an_even_stream_of_a_new_installation_is_cold_for_a_day_and_then_calm(
    context: CaseContext, say: Say, an_hour: int
) -> None:
    start = MONDAY + 3 * HOUR + 10 * MINUTE
    say(evenly(start, start + 3 * DAY, an_hour), negative=2)
    trust(context, start + 90 * DAY)
    watcher = Watcher(context, [], "w")
    found = looks(watcher, start + 5 * MINUTE, start + 3 * DAY, 3 * HOUR)
    assert [Reason.COLD_START in one.signal.reasons for one in found] == [True] * 8 + [False] * 16
    assert cases(context) == []


def test_dates_without_a_time_are_no_burst_when_they_arrive(context: CaseContext, say: Say) -> None:
    """An export a day, 30 rows dated by the day alone, half of them complaints; three weeks of it at once to begin."""
    today = datetime(2026, 9, 21, tzinfo=SHANGHAI)
    day_only = {"published_precision": Precision.DAY}
    for back in range(23, 1, -1):
        day = (today - back * DAY).astimezone(UTC)
        say([day] * 30, negative=2, counted_at=None, **day_only)
    trust(context, today + 90 * DAY)
    watcher = Watcher(context, [], "w")
    watcher.look(today + 9 * HOUR)
    for back in (1, 0):
        arrives = (today - back * DAY + 33 * HOUR).astimezone(UTC)
        say(
            [(today - back * DAY).astimezone(UTC)] * 30,
            negative=2,
            counted_at=arrives,
            first_seen_at=arrives,
            **day_only,
        )
        states = {one.signal.state for one in looks(watcher, arrives + MINUTE, arrives + 6 * HOUR, HOUR)}
        assert states == {State.CALM}
    assert cases(context) == []


def test_a_day_of_many_complaints_dated_by_the_day_alone_is_told(context: CaseContext, say: Say) -> None:
    today = datetime(2026, 9, 21, tzinfo=SHANGHAI)
    day_only = {"published_precision": Precision.DAY}
    for back in range(23, 0, -1):
        say([(today - back * DAY).astimezone(UTC)] * 30, negative=2, counted_at=None, **day_only)
    trust(context, today + 90 * DAY)
    arrives = (today + 18 * HOUR).astimezone(UTC)
    say([today.astimezone(UTC)] * 200, counted_at=arrives, first_seen_at=arrives, **day_only)
    watcher = Watcher(context, [], "w")
    (seen, *_) = watcher.look(arrives + MINUTE)
    assert seen.correlation is Correlation.OPENS
    assert Reason.LEVEL in seen.signal.reasons
    assert seen.signal.negative >= 200


@pytest.mark.parametrize(("number", "length"), [(38, 2 * MINUTE), (300, 40 * MINUTE)])
def test_a_burst_on_the_first_day_of_an_empty_index_opens_a_case_that_says_so(
    context: CaseContext, say: Say, number: int, length: timedelta
) -> None:
    trust(context, MONDAY + 90 * DAY)
    watcher = Watcher(context, [], "w")
    watcher.look(MONDAY)
    say(spread(MONDAY + HOUR, length, number))
    (seen,) = watcher.look(MONDAY + HOUR + length)
    assert seen.correlation is Correlation.OPENS
    assert {Reason.BARE, Reason.COLD_START} <= seen.signal.reasons


def test_a_burst_of_few_people_on_the_first_day_opens_none(context: CaseContext, say: Say) -> None:
    trust(context, MONDAY + 90 * DAY)
    watcher = Watcher(context, [], "w")
    voices = [sha256(str(n).encode()).hexdigest()[:32] for n in range(10)]
    for voice in voices:
        say(spread(MONDAY + HOUR, 40 * MINUTE, 30), voice=voice)
    (seen,) = watcher.look(MONDAY + HOUR + 40 * MINUTE)
    assert seen.signal.state is not State.SPIKE
    assert cases(context) == []


def test_back_fill_neither_alarms_nor_hides_a_wave(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY)
    watcher = Watcher(context, [], "w")
    say(spread(MONDAY - 30 * DAY, DAY, 300), counted_at=None)
    (seen,) = watcher.look(MONDAY)
    assert seen.signal.state is State.CALM
    say(spread(MONDAY, 20 * MINUTE, 30))
    say(spread(MONDAY - 40 * DAY, DAY, 300), counted_at=None)
    assert watcher.look(MONDAY + 21 * MINUTE)[0].correlation is Correlation.OPENS


def test_a_slow_rumour_is_noticed_within_its_third_day(
    context: CaseContext, say: Say, quiet: Callable[[datetime], None]
) -> None:
    quiet(MONDAY)
    for day in range(3):
        say(spread(MONDAY + day * DAY + HOUR, 20 * HOUR, 6 * 2**day))
    watcher = Watcher(context, [], "w")
    found = looks(watcher, MONDAY + DAY, MONDAY + 3 * DAY, 4 * HOUR)
    opened = [one for one in found if one.correlation is Correlation.OPENS]
    assert len(opened) == 1
    assert Reason.LEVEL in opened[0].signal.reasons


def test_a_topic_that_dries_up_while_its_sources_answer_is_told_once(context: CaseContext, say: Say) -> None:
    say(evenly(MONDAY - 25 * DAY, MONDAY, 6), negative=5)
    trust(context, MONDAY + 90 * DAY)
    watcher = Watcher(context, [], "w")
    found = looks(watcher, MONDAY, MONDAY + DAY, 2 * HOUR)
    opened = [one for one in found if one.correlation is Correlation.OPENS]
    assert len(opened) == 1
    assert Reason.FALL in opened[0].signal.reasons


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth 1969: counts until the product of chances falls below e to the minus mean."""
    limit, product, number = 2.718281828459045**-mean, chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number
