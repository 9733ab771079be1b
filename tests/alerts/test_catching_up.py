"""Whatever was away, and for how long: in the end people were told of the waves they would have been told of."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.detection.kept import read_known
from alerts.detection.signals import Reason, State
from alerts.watch import Seen, Watcher
from alerts.workflow.cases import ActRequest, Correlation
from stream.errors import Fenced, Retryable
from stream.messages import Label, ScoredPost
from stream.state.database import transaction
from stream.state.leases import take_lease
from stream.state.source_health import SourceHealth
from tests.alerts.detection.worlds import DAY, HOUR, MINUTE, NOW, Asked, World, burst, said, world
from tests.databases import opened

WEEK = 7 * DAY
NEWS = (Correlation.OPENS, Correlation.REKINDLED)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Script:
    """What is said in the week from `NOW` on, and the moments at which a watcher without outages looks."""

    posts: list[ScoredPost]
    looks: list[datetime]


def quiet(until: datetime) -> list[ScoredPost]:
    """Nine days of an ordinary topic: a post every other hour, a quarter of them negative."""
    began, posts = NOW - 9 * DAY, []
    while began + len(posts) * 2 * HOUR < until:
        label = Label.NEUTRAL if len(posts) % 4 else Label.NEGATIVE
        posts.append(said(len(posts) + 1, began + len(posts) * 2 * HOUR, label=label))
    return posts


def script(chance: random.Random) -> Script:
    """One to three waves at any time, of any strength; looks every ten minutes about them, every three hours else."""
    posts, starts = quiet(NOW + WEEK), []
    for wave in range(chance.randint(1, 3)):
        start = NOW + chance.uniform(0.2, 6.5) * DAY
        posts += burst(start, chance.randint(12, 80), 10_000 * (wave + 1))
        starts.append(start)
    moments = {NOW + n * 3 * HOUR for n in range(1, 57)}
    for start in starts:
        moments |= {NOW + ((start - NOW) // (10 * MINUTE) + n) * 10 * MINUTE for n in range(12)}
    return Script(posts, sorted(at for at in moments if at <= NOW + WEEK))


@dataclass
class Office:
    """A context with an index of its own; posts come into it as they are written."""

    context: CaseContext
    made: World

    def run(self, what: Script, away: Span | None = None, stuck: Span | None = None) -> tuple[set[datetime], list[str]]:
        """The first crossings of all waves that were told, and what each was, looked at with these outages."""
        coming = sorted(what.posts, key=lambda post: post.charted_at)
        until = lambda now: stuck[0] if stuck and stuck[0] <= now < stuck[1] else now  # noqa: E731
        watcher = Watcher(self.context, [], "w", until)
        told, kinds = set(), []
        for now in what.looks:
            if away and away[0] <= now < away[1]:
                watcher = Watcher(self.context, [], "w", until)
                continue
            here = [post for post in coming if post.charted_at <= until(now)]
            coming = coming[len(here) :]
            self.made.put(here)
            kinds += [one.correlation for one in watcher.look(now) if one.correlation in NEWS]
            with transaction(self.context.engine) as session:
                told |= {one.since for one in read_known(session)["outage"].told}
        return told, kinds


@pytest.fixture
def offices(context: CaseContext, tmp_path: Path) -> Iterator[list[Office]]:
    """Two offices that know nothing of each other."""
    with world() as here, world() as there, opened(f"sqlite:///{tmp_path / 'other.db'}") as engine:
        found = []
        for made, state in ((here, context.engine), (there, engine)):
            trust(state)
            found.append(Office(replace(context, engine=state, reader=made.reader), made))
        yield found


def trust(engine: Engine) -> None:
    fresh = NOW + 90 * DAY
    with transaction(engine) as session:
        row = session.get(SourceHealth, "bbs") or SourceHealth(source="bbs", site="bbs", state="ok")
        row.succeeded_at, row.fresh_until = NOW, fresh
        session.add(row)


@pytest.mark.parametrize("seed", range(2))
def test_catching_up_after_any_outage_opens_exactly_the_cases_that_none_would_have(
    offices: list[Office], seed: int
) -> None:
    chance = random.Random(seed)
    what = script(chance)
    start = NOW + chance.uniform(0.1, 5) * DAY
    span = (start, start + chance.uniform(1, 40) * HOUR)
    expected = offices[0].run(what)
    assert offices[1].run(what, **{("away", "stuck")[seed % 2]: span}) == expected
    assert expected[1]


def test_two_hours_or_two_days_without_a_watcher_lose_nothing(offices: list[Office]) -> None:
    posts = [*quiet(NOW + 4 * DAY), *burst(NOW + DAY, 60, 10_000), *burst(NOW + 2 * DAY, 60, 20_000)]
    looks = [NOW + n * 30 * MINUTE for n in range(1, 160)]
    told, kinds = offices[0].run(Script(posts, looks), away=(NOW + 20 * HOUR, NOW + 70 * HOUR))
    assert {at.replace(minute=0) for at in told} >= {(NOW + n * DAY).replace(minute=0, second=0) for n in (1, 2)}
    assert kinds == [Correlation.OPENS, Correlation.REKINDLED]


class Late:
    """An office that looks for itself."""

    def __init__(self, context: CaseContext, made: World, reader: object = None) -> None:
        trust(context.engine)
        self.context = replace(context, reader=reader or made.reader)
        self.watcher = Watcher(self.context, [], "w")

    def look(self, now: datetime) -> list[Seen]:
        return self.watcher.look(now)


def cases(engine: Engine) -> int:
    with transaction(engine) as session:
        return len(session.scalars(select(CaseRow)).all())


def test_a_late_post_for_a_step_that_was_judged_calm_makes_its_wave_told_and_says_so(context: CaseContext) -> None:
    with world(quiet(NOW + DAY)) as made:
        office = Late(context, made)
        assert [one.signal.state for one in office.look(NOW)] == [State.CALM]
        made.put(burst(NOW - 5 * HOUR, 30, 10_000))
        seen, now = office.look(NOW + 5 * MINUTE)
        assert (seen.correlation, now.signal.state) == (Correlation.OPENS, State.CALM)
        late = next(one for one in seen.signal.findings if one.reason is Reason.LATE)
        assert late.measured == pytest.approx(5, abs=0.3)
        assert office.look(NOW + 10 * MINUTE)[0].correlation is None


def test_a_wave_is_told_by_any_of_its_steps_not_only_the_highest(context: CaseContext) -> None:
    """Its highest step is two people's, a lesser one a crowd's: a look at that moment would have told it."""
    with world(quiet(NOW + DAY)) as made:
        pair = [{"voice": name * 32} for name in "ab"]
        made.put([replace(post, **pair[n % 2]) for n, post in enumerate(burst(NOW - 3 * HOUR, 40, 10_000))])
        made.put(burst(NOW - 9 * HOUR, 9, 20_000))
        (seen, _) = Late(context, made).look(NOW)
        assert seen.correlation is Correlation.OPENS
        assert seen.signal.window_end is not None
        assert seen.signal.window_end < NOW - 7 * HOUR


def test_a_wave_that_is_none_of_enough_people_is_counted_once_and_not_at_each_look(context: CaseContext) -> None:
    with world(quiet(NOW + DAY)) as made:
        made.put([replace(one, voice="ab"[n % 2] * 32) for n, one in enumerate(burst(NOW - 3 * HOUR, 40, 10_000))])
        reader = Asked(made.reader)
        office = Late(context, made, reader)
        counted = []
        for minute in range(4):
            reader.calls.clear()
            assert all(one.correlation is None for one in office.look(NOW + minute * MINUTE))
            counted.append(reader.calls.count("histogram"))
        assert counted[0] >= 1
        assert counted[1:] == [0, 0, 0]
        made.put(burst(NOW - 3 * HOUR, 20, 20_000))
        assert office.look(NOW + 8 * MINUTE)[0].correlation is Correlation.OPENS


def test_an_index_that_is_away_in_the_middle_of_a_look_loses_and_doubles_nothing(context: CaseContext) -> None:
    with world(quiet(NOW + DAY)) as made:
        made.put([*burst(NOW - 20 * HOUR, 30, 10_000), *burst(NOW - HOUR, 30, 20_000)])
        reader = Asked(made.reader)
        office, found, call = Late(context, made, reader), [], 0
        while True:  # one question further each time
            call += 1
            reader.calls.clear()
            reader.away = frozenset({call})
            try:
                found += [one.correlation for one in office.look(NOW) if one.correlation in NEWS]
                break
            except Retryable:
                continue
        reader.away = frozenset()
        found += [one.correlation for one in office.look(NOW + MINUTE) if one.correlation in NEWS]
        assert call > 8
        assert cases(context.engine) == 1
        with transaction(context.engine) as session:
            assert len(read_known(session)["outage"].told) == 2


def test_a_watcher_that_lost_its_lease_unnoticed_knows_what_another_told_meanwhile(context: CaseContext) -> None:
    with world(quiet(NOW + DAY)) as made:
        first, second = Late(context, made).watcher, Watcher(replace(context, reader=made.reader), [], "other")
        first.look(NOW)
        made.put(burst(NOW, 30, 10_000))
        assert second.look(NOW + HOUR)[0].correlation is Correlation.OPENS
        act(context, 1, ActRequest("judge_false_alarm", "张敏", "演练"), NOW + 2 * HOUR)
        kinds = {one.correlation for one in first.look(NOW + 3 * HOUR)}
        assert kinds <= {None, Correlation.SAME_EPISODE}  # to who knows of nothing told it would be another wave
        assert second.look(NOW + 3 * HOUR) == []


def test_a_lease_that_is_taken_in_the_middle_of_a_look_leaves_no_case(context: CaseContext) -> None:
    with world(quiet(NOW + DAY)) as made:
        made.put(burst(NOW - HOUR, 30, 10_000))

        def taken(now: datetime) -> datetime:
            with transaction(context.engine) as session:
                assert take_lease(session, "alerts.watch", "other", now + 10 * MINUTE, MINUTE) is not None
            return now

        watcher = Watcher(replace(context, reader=made.reader), [], "w", taken)
        with pytest.raises(Fenced):
            watcher.look(NOW)
        assert cases(context.engine) == 0
        assert (
            Watcher(replace(context, reader=made.reader), [], "w").look(NOW + 20 * MINUTE)[0].correlation
            is Correlation.OPENS
        )


def test_a_clock_set_back_by_hours_tells_nothing_twice(context: CaseContext) -> None:
    with world(quiet(NOW + DAY)) as made:
        made.put(burst(NOW - HOUR, 30, 10_000))
        office = Late(context, made)
        kinds = [one.correlation for at in (0, 3, 0.1, 1, 2, 3.1) for one in office.look(NOW + at * HOUR)]
        assert kinds.count(Correlation.OPENS) == 1
        assert Correlation.REKINDLED not in kinds
        assert cases(context.engine) == 1
