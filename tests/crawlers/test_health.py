"""How crawls and imports are counted and written down, and which sources are still waited for."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.health import Tally, all_sources, begin, end, reconcile, recorded, tell
from stream.codec import STAGE_HEALTH
from stream.errors import Rejected, Retryable
from stream.log.broker import HEALTH, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.process.clock import ScriptedClock
from stream.state.database import reading
from stream.state.source_health import SourceState, gaps

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("tally", "state", "reason"),
    [
        (Tally(pages=1), SourceState.OK, ""),
        (Tally(), SourceState.FAILED, ""),
        (Tally(pages=1, failures=Counter(layout=2, http_500=3)), SourceState.PARTIAL, "3 × http_500, 2 × layout"),
        (Tally(pages=9, blocked="captcha"), SourceState.BLOCKED, "captcha"),
        (Tally(pages=9, broken="OSError"), SourceState.FAILED, "OSError"),
        (
            Tally(pages=9, parked_until=NOW, failures=Counter(http_503=1)),
            SourceState.FAILED,
            "parked until 2026-11-19T06:34:20.000Z; 1 × http_503",
        ),
        (Tally(pages=9, blocked="login", broken="too"), SourceState.BLOCKED, "login; too"),
    ],
)
def test_how_it_ended_follows_from_what_was_counted(tally: Tally, state: SourceState, reason: str) -> None:
    assert (tally.state(), tally.reason()) == (state, reason)


@pytest.mark.parametrize(
    ("delay", "pause", "rate"),
    [(0.0, 0.0, None), (2.0, 0.0, 0.5), (2.0, 8.0, 0.125), (2.0, 0.5, 0.5), (0.0, 4.0, 0.25)],
)
def test_the_rate_in_force_is_that_of_the_longest_wait(delay: float, pause: float, rate: float | None) -> None:
    assert Tally(delay=delay, pause=pause).rate == rate


def recording(engine: Engine, tally: Tally, clock: ScriptedClock, error: Exception | None = None) -> None:
    with recorded(engine, "one", "bbs", tally, clock=clock, fresh_until=lambda start: start + HOUR):
        assert all_sources(engine)["one"].state == SourceState.RUNNING
        clock.sleep(60)
        if error is not None:
            raise error
        tally.pages, tally.read = 1, 5


def test_a_run_is_written_down_before_and_after_and_fresh_from_its_start(engine: Engine) -> None:
    recording(engine, Tally(), ScriptedClock(NOW))
    row = all_sources(engine)["one"]
    assert (row.state, row.site, row.read, row.norm) == (SourceState.OK, "bbs", 5, 5.0)
    assert (row.started_at, row.succeeded_at, row.fresh_until) == (NOW, NOW, NOW + HOUR)
    assert row.ended_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Rejected("no_text_column", "found: a"), "no_text_column"),
        (Retryable("log away"), "log away"),
        (OSError(28), "OSError"),
    ],
)
def test_a_run_that_breaks_is_written_down_with_its_reason_and_keeps_the_last_success(
    engine: Engine, error: Exception, reason: str
) -> None:
    clock = ScriptedClock(NOW)
    recording(engine, Tally(), clock)
    with pytest.raises(type(error)):
        recording(engine, Tally(), clock, error)
    row = all_sources(engine)["one"]
    assert (row.state, row.reason, row.succeeded_at, row.fresh_until) == (SourceState.FAILED, reason, NOW, NOW + HOUR)


ANSWERED, REFUSED = Tally(pages=1), Tally()
Rhythm = Callable[[datetime], datetime | None]


def hourly(start: datetime) -> datetime:
    return start + HOUR


def daily(start: datetime) -> datetime:
    return start + 24 * HOUR


def run(engine: Engine, hours: float, tally: Tally = ANSWERED, rhythm: Rhythm = hourly, source: str = "one") -> None:
    """A crawl that begins so many hours after `NOW` and takes ten minutes."""
    start = NOW + timedelta(hours=hours)
    begin(engine, source, "bbs", start)
    end(engine, source, tally, fresh_until=rhythm, now=start + timedelta(minutes=10))


def silences(engine: Engine) -> list[tuple[str, float, float]]:
    """Source, from and until, in hours after `NOW`."""
    with reading(engine) as session:
        found = gaps(session, NOW - 999 * HOUR, NOW + 999 * HOUR)
    return [(gap.source, (gap.since - NOW) / HOUR, (gap.until - NOW) / HOUR) for gap in found]


def test_a_source_that_answers_in_time_leaves_no_gap(engine: Engine) -> None:
    for hours in (0, 0.5, 1.5, 2.5):  # the last two just as what was before stops being fresh
        run(engine, hours)
    assert silences(engine) == []


def test_a_success_after_a_silence_notes_from_which_success_to_which(engine: Engine) -> None:
    run(engine, 0)
    for hours in (1, 2, 3):
        run(engine, hours, REFUSED)
        assert silences(engine) == []
    run(engine, 4)
    run(engine, 4.5)
    run(engine, 9, Tally(pages=1, failures=Counter(layout=1)))  # partial, and an answer all the same
    assert silences(engine) == [("one", 0, 4), ("one", 4.5, 9)]


def test_a_silence_is_that_of_one_source(engine: Engine) -> None:
    for source in ("one", "two"):
        run(engine, 0, source=source)
    run(engine, 1, source="two")
    for source in ("one", "two"):
        run(engine, 2, source=source)
    assert silences(engine) == [("one", 0, 2)]


def test_a_source_that_never_answered_before_has_no_gap_but_a_beginning(engine: Engine) -> None:
    run(engine, 0, REFUSED)
    run(engine, 9)
    assert silences(engine) == []


def test_a_source_without_a_rhythm_is_never_late(engine: Engine) -> None:
    for hours in (0, 50):
        run(engine, hours, rhythm=lambda _start: None)
    assert silences(engine) == []


@pytest.mark.parametrize("then", [hourly, daily, lambda _start: None])
@pytest.mark.parametrize("now", [hourly, daily, lambda _start: None])
def test_a_rhythm_that_was_changed_makes_no_silence(engine: Engine, then: Rhythm, now: Rhythm) -> None:
    run(engine, 0, rhythm=then)
    run(engine, 5, rhythm=now)
    assert silences(engine) == ([("one", 0, 5)] if then is now is hourly else [])


def test_a_source_that_was_switched_off_was_silent_meanwhile_once_it_is_back(engine: Engine) -> None:
    run(engine, 0)
    reconcile(engine, set(), NOW + HOUR)
    assert silences(engine) == []
    reconcile(engine, {"one"}, NOW + 50 * HOUR)
    run(engine, 51)
    assert silences(engine) == [("one", 0, 51)]


def test_a_clock_that_was_set_back_makes_no_silence(engine: Engine) -> None:
    run(engine, 0)
    run(engine, -9)
    run(engine, -8.5)
    assert silences(engine) == []


def seen(engine: Engine, *names: str) -> None:
    for name in names:
        begin(engine, name, name, NOW)
        end(engine, name, Tally(pages=1), fresh_until=lambda start: start + HOUR, now=NOW)


def retired(engine: Engine) -> dict[str, datetime | None]:
    return {name: row.retired_at for name, row in all_sources(engine).items()}


def test_a_source_that_is_configured_no_more_is_retired_since_when_it_was_noticed(engine: Engine) -> None:
    seen(engine, "old", "kept")
    reconcile(engine, {"kept", "never read"}, NOW)
    reconcile(engine, {"kept", "never read"}, NOW + HOUR)
    assert retired(engine) == {"old": NOW, "kept": None}


def test_a_source_that_comes_back_is_waited_for_again(engine: Engine) -> None:
    seen(engine, "one", "two")
    reconcile(engine, set(), NOW)
    assert retired(engine) == {"one": NOW, "two": NOW}
    reconcile(engine, {"one"}, NOW + HOUR)
    assert retired(engine) == {"one": None, "two": NOW}


def test_a_source_that_is_read_again_is_retired_no_more(engine: Engine) -> None:
    seen(engine, "one")
    reconcile(engine, set(), NOW)
    begin(engine, "one", "bbs", NOW)
    assert retired(engine) == {"one": None}


def test_the_log_is_told_of_the_last_run_and_of_none_that_never_began(engine: Engine, tmp_path: Path) -> None:
    clock = ScriptedClock(NOW + HOUR)
    with closing(SqliteAdmin(tmp_path / "log.db")) as admin:
        admin.apply([Topic(HEALTH)])
    seen(engine, "one")
    with (
        closing(SqliteProducer(tmp_path / "log.db", clock)) as producer,
        closing(SqliteConsumer(tmp_path / "log.db", clock, group="test", topics=[HEALTH])) as consumer,
    ):
        tell(engine, producer, "never began", clock.now())
        tell(engine, producer, "one", clock.now())
        (told,) = [STAGE_HEALTH.decode(record.value) for record in consumer.poll(10, 0)]
    assert (told.source, told.state, told.lag) == ("one", "ok", 3600.0)


class Deaf:
    """A log that takes nothing."""

    def publish(self, messages: object) -> None:
        raise Retryable("log away")

    def close(self) -> None:
        """Nothing to close."""


def test_a_log_that_takes_nothing_is_not_waited_for(engine: Engine) -> None:
    seen(engine, "one")
    tell(engine, Deaf(), "one", NOW)
