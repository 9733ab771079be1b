"""How crawls and imports are counted and written down, and which sources are still waited for."""

from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from json import loads
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.health import Samples, Tally, all_sources, begin, end, reconcile, recorded, tell, told
from crawlers.lists import ListTally
from stream.codec import STAGE_HEALTH
from stream.errors import Rejected, Retryable
from stream.log.broker import HEALTH, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.process.clock import ScriptedClock
from stream.state.database import reading
from stream.state.source_health import SourceHealth, SourceState, gaps
from stream.state.source_standing import Condition, StandingSign, fact_of, judge

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
    assert (row.state, row.site, row.read, row.norm) == (SourceState.OK, "bbs", 5, None)
    assert (row.started_at, row.succeeded_at, row.fresh_until) == (NOW, NOW, NOW + HOUR)
    assert row.ended_at == NOW + timedelta(minutes=1)


def test_what_a_crawl_usually_reads_is_learnt_from_the_second_one_on(engine: Engine) -> None:
    """The first one reads the whole archive: held against that, every other would look like a broken layout."""
    clock, norms = ScriptedClock(NOW), []
    for _ in range(3):
        recording(engine, Tally(), clock)
        norms.append(all_sources(engine)["one"].norm)
    assert norms == [None, 5.0, 5.0]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Rejected("no_text_column", "found: a"), "no_text_column"),
        (Retryable("log away"), "log away"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ValueError("x"), "a fault of ours: the log has it"),
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
        (heard,) = [STAGE_HEALTH.decode(record.value) for record in consumer.poll(10, 0)]
    assert (heard.source, heard.state, heard.lag) == ("one", "ok", 3600.0)


class Deaf:
    """A log that takes nothing."""

    def publish(self, messages: object) -> None:
        raise Retryable("log away")

    def close(self) -> None:
        """Nothing to close."""


def test_a_log_that_takes_nothing_is_not_waited_for(engine: Engine) -> None:
    seen(engine, "one")
    tell(engine, Deaf(), "one", NOW)


def again(engine: Engine, hours: float, tally: Tally) -> SourceHealth:
    """The row as a crawl left it that began so many hours after `NOW`."""
    run(engine, hours, tally)
    return all_sources(engine)["one"]


def test_a_site_that_refuses_is_left_alone_for_longer_each_time_until_it_answers(engine: Engine) -> None:
    refusing, unanswered = Tally(blocked="captcha"), Tally(broken="dns")
    rests, hours = [], 0.0
    for _ in range(7):
        row = again(engine, hours, refusing)
        assert row.rests_until is not None
        assert row.ended_at is not None
        rests.append((row.rests_until - row.ended_at) / HOUR)
        hours += 30
    assert rests == [1, 2, 4, 8, 16, 24, 24]
    assert again(engine, hours, unanswered).refused_in_a_row == 7  # not to answer is not to forgive
    row = again(engine, hours + 1, ANSWERED)
    assert (row.refused_in_a_row, row.rests_until) == (0, None)
    assert again(engine, hours + 2, refusing).refused_in_a_row == 1


def test_it_is_kept_since_when_a_source_ends_so_and_how_often_it_failed(engine: Engine) -> None:
    ten = timedelta(minutes=10)
    seen = [again(engine, hours, REFUSED) for hours in (0, 1, 2)]
    assert [(row.failed_in_a_row, row.state_since) for row in seen] == [(n, NOW + ten) for n in (1, 2, 3)]
    row = again(engine, 3, ANSWERED)
    assert (row.failed_in_a_row, row.state_since, row.page_at) == (0, NOW + 3 * HOUR + ten, NOW + 3 * HOUR + ten)
    begin(engine, "one", "bbs", NOW + 4 * HOUR)
    row = all_sources(engine)["one"]
    assert (row.state, row.ended_state) == (SourceState.RUNNING, SourceState.OK)


def test_it_is_learnt_how_long_nothing_new_is_usual(engine: Engine) -> None:
    gaps = [again(engine, hours, Tally(pages=1, read=1, new=int(hours != 3))).news_gap for hours in (0, 2, 3, 7)]
    assert gaps == [None, 7200.0, 7200.0, pytest.approx(0.8 * 7200 + 0.2 * 5 * 3600)]
    assert all_sources(engine)["one"].news_at == NOW + 7 * HOUR


def test_the_newest_thing_that_was_ever_shown_is_kept_and_an_empty_source_is_known(engine: Engine) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    assert fact_of(again(engine, 0, Tally(pages=1))).details.empty
    assert again(engine, 1, Tally(pages=1, read=1, newest=old)).newest_at == old
    row = again(engine, 2, Tally(pages=1))
    assert (row.newest_at, fact_of(row).details.empty) == (old, False)


def test_what_is_lost_and_unknown_is_kept_by_name_and_makes_it_partial(engine: Engine) -> None:
    row = again(engine, 0, Tally(pages=1, lost=["教育"], unknown=Counter(alias=3)))
    details = fact_of(row).details
    assert (row.state, row.reason) == (SourceState.PARTIAL, "gone: 教育; 3 not understood: alias")
    assert (details.lost, details.unknown) == (("教育",), {"alias": 3})


def test_it_is_kept_by_which_view_a_source_is_read_and_since_when(engine: Engine) -> None:
    def otherwise(**plainer: str) -> Tally:
        return Tally(pages=9, failures=Counter(layout=1), views=Counter(mobile=8), plainer=plainer)

    row = again(engine, 0, otherwise(lists="mobile"))
    assert (row.state, row.reason) == (SourceState.PARTIAL, "1 × layout; 8 pages read by the mobile view")
    details = fact_of(again(engine, 1, otherwise(lists="mobile", threads="mobile"))).details
    assert (details.plainer, details.plainer_since) == ({"lists": "mobile", "threads": "mobile"}, NOW)
    assert fact_of(again(engine, 2, Tally(pages=9))).details.plainer_since is None
    assert fact_of(again(engine, 3, otherwise(lists="archiver"))).details.plainer_since == NOW + 3 * HOUR


def listed(told: int, *, whole: bool | None = True, name: str = "停电") -> Tally:
    """A crawl that met one list, of which nothing is held here."""
    one = ListTally(name=name, began=NOW, posts=told, ended=True, whole=whole)
    return Tally(pages=1, read=1, new=1, lists={name: one})


def test_a_list_that_is_short_makes_its_source_incomplete_since_it_was_first_so(engine: Engine) -> None:
    ten = timedelta(minutes=10)
    again(engine, 0, listed(2))
    assert standing(engine, 0) == (Condition.WORKING, StandingSign.STATE, "")
    again(engine, 1, listed(9))
    row = again(engine, 2, listed(12))
    assert row.state == SourceState.OK
    assert standing(engine, 2) == (Condition.INCOMPLETE, StandingSign.MISSING, "12 of 12 missing in 停电")
    assert fact_of(row).details.short_since == NOW + HOUR + ten
    again(engine, 3, Tally(pages=1, failures=Counter(http_500=1)))  # its page did not come: it is as short as it was
    assert fact_of(all_sources(engine)["one"]).details.short == {"停电": (12, 12)}
    again(engine, 4, listed(0))
    assert standing(engine, 4)[0] is Condition.WORKING


def standing(engine: Engine, hours: float) -> tuple[Condition, StandingSign, str]:
    found = judge(fact_of(all_sources(engine)["one"]), NOW + timedelta(hours=hours, minutes=20))
    return found.condition, found.sign, found.why


def test_pages_that_hold_far_fewer_posts_than_usual_are_a_changed_layout_for_long(engine: Engine) -> None:
    usual, thin = Tally(pages=90, read=400, filled=50), Tally(pages=90, read=30, filled=50)
    for hours in (0, 1, 2):
        again(engine, hours, usual)
        assert standing(engine, hours)[0] is Condition.WORKING
    for hours in range(3, 9):
        row = again(engine, hours, replace(thin, read=60))
        row = again(engine, hours + 0.5, thin)
        assert fact_of(row).page_drift is not None
    assert standing(engine, 8.5)[1] in (StandingSign.PAGES, StandingSign.YIELD)
    assert row.page_norm is not None
    assert 5.0 < row.page_norm < 8.0


def test_few_pages_teach_nothing_of_how_many_posts_are_usual_on_one(engine: Engine) -> None:
    assert again(engine, 0, Tally(pages=4, read=40, filled=4)).page_norm is None
    assert again(engine, 1, Tally(pages=9, read=40, filled=5)).page_norm == 8.0
    assert again(engine, 2, Tally(pages=9, read=8, filled=4)).page_norm == 8.0
    assert again(engine, 3, Tally(pages=9, read=24, filled=6)).page_norm == pytest.approx(0.8 * 8 + 0.2 * 4)


def test_only_refusals_and_nothing_read_is_a_site_that_refuses() -> None:
    refused = {"failures": Counter(login=2), "refusals": {"login"}}
    assert Tally(**refused).state() is SourceState.BLOCKED
    assert Tally(pages=1, **refused).state() is SourceState.PARTIAL
    assert Tally(failures=Counter(login=1, dns=1), refusals={"login"}).state() is SourceState.FAILED


def test_a_source_says_of_what_software_it_is_instead() -> None:
    assert Tally(broken="layout", software="phpBB").reason() == "layout; this is phpBB"


@pytest.mark.parametrize(
    ("error", "words"),
    [(KeyboardInterrupt(), "stopped"), (SystemExit(1), "stopped"), (KeyError("x"), "a fault of ours: the log has it")],
)
def test_what_broke_it_is_told_without_a_class_of_ours(error: BaseException, words: str) -> None:
    assert told(error) == words


def test_a_tally_of_what_was_lost_or_not_understood_is_partial_and_says_what() -> None:
    tally = Tally(pages=3, read=9, lost=["教育民生"])
    tally.note_unknown("board address", "/f/3/1")
    tally.note_unknown("board address", "/f/4/1")
    assert tally.state() is SourceState.PARTIAL
    assert tally.reason() == "gone: 教育民生; 2 not understood: board address, as /f/3/1"


@pytest.mark.parametrize("error", [GeneratorExit(), CancelledError(), OSError("no words of the system's")])
def test_who_ended_it_is_told_from_what_broke_it(error: BaseException) -> None:
    assert told(error) == ("a fault of ours: the log has it" if isinstance(error, OSError) else "stopped")


def test_of_many_failures_and_lost_boards_the_line_names_five_the_most_frequent_first() -> None:
    tally = Tally(pages=1, failures=Counter({f"http_{n}": n for n in range(500, 507)}), lost=list("abcdefg"))
    assert tally.reason() == (
        "506 × http_506, 505 × http_505, 504 × http_504, 503 × http_503, 502 × http_502; gone: a, b, c, d, e"
    )


def test_a_failure_is_told_with_where_it_was_met_first() -> None:
    tally = Tally(pages=1, failures=Counter(empty=2, layout=1), examples={"empty": "line 3"})
    assert tally.reason() == "2 × empty (line 3), 1 × layout"


def test_a_crawl_that_understood_no_page_leaves_the_last_good_one_as_it_was(state: Engine) -> None:
    good = again(state, 0, Tally(pages=3, not_understood=2)).page_at
    assert good == NOW + timedelta(minutes=10)
    row = again(state, 1, Tally(pages=3, not_understood=3, failures=Counter(layout=3)))
    assert (row.page_at, row.not_understood) == (good, 3)
    assert again(state, 2, ANSWERED).not_understood == 0


def test_when_a_credential_ends_is_known_until_another_is_given(state: Engine) -> None:
    first, second = NOW + 24 * HOUR, NOW + 90 * 24 * HOUR
    ends = [Tally(pages=1, expires_at=first), Tally(broken="dns"), Tally(pages=1, expires_at=second), ANSWERED]
    assert [again(state, hour, tally).expires_at for hour, tally in enumerate(ends)] == [first, first, second, second]


def test_a_source_is_parked_until_it_is_read_again(state: Engine) -> None:
    until = NOW + 5 * HOUR
    assert again(state, 0, Tally(pages=1, parked_until=until)).parked_until == until
    assert again(state, 6, ANSWERED).parked_until is None


def test_the_norm_follows_what_is_read_by_a_fifth_and_no_failure_moves_it(state: Engine) -> None:
    read = [Tally(pages=1, read=100), Tally(pages=1, read=10), Tally(broken="dns"), Tally(pages=1, read=20)]
    assert [again(state, hour, tally).norm for hour, tally in enumerate(read)] == [None, 10.0, 10.0, 12.0]


def test_news_of_a_clock_that_was_set_back_is_no_usual_gap(state: Engine) -> None:
    for hours in (0, 2, -5):
        again(state, hours, Tally(pages=1, read=1, new=1))
    row = all_sources(state)["one"]
    assert (row.news_gap, row.news_at) == (7200.0, NOW - 5 * HOUR)


def test_a_failure_changes_neither_the_promise_nor_when_it_is_due(state: Engine) -> None:
    for hours, tally in ((0, ANSWERED), (1, Tally(broken="dns"))):
        start = NOW + hours * HOUR
        begin(state, "one", "bbs", start)
        end(state, "one", tally, fresh_until=daily, due_at=hourly, now=start)
    row = all_sources(state)["one"]
    assert (row.fresh_until, row.due_at, row.started_at) == (daily(NOW), hourly(NOW), NOW + HOUR)


def test_a_source_that_changes_its_site_is_of_the_new_one(state: Engine) -> None:
    begin(state, "one", "bbs", NOW)
    begin(state, "one", "luntan", NOW + HOUR)
    assert all_sources(state)["one"].site == "luntan"


def test_what_is_told_of_a_run_is_never_of_negative_length(state: Engine) -> None:
    class Heard:
        def __init__(self) -> None:
            self.messages: list[Message] = []

        def publish(self, messages: Sequence[Message]) -> None:
            self.messages += messages

        def close(self) -> None:
            """Nothing to close."""

    run(state, 0, Tally(pages=1, read=9, new=2, changed=3, deleted=1, failures=Counter(layout=4)))
    heard = Heard()
    tell(state, heard, "one", NOW - HOUR)
    said = STAGE_HEALTH.decode(heard.messages[0].value)
    assert (said.seconds, said.read, said.done, said.rejected, said.lag) == (0.0, 9, 6, 4, -3600.0)


def test_a_sample_says_where_it_is_from_and_only_we_may_look_into_its_folder(tmp_path: Path) -> None:
    samples = Samples(tmp_path / "one" / "samples")
    samples.keep(b"\xff<html>", "https://bbs.example/停\ud800", "layout", NOW)
    (about,) = (tmp_path / "one" / "samples").glob("*.json")
    assert loads(about.read_text("utf-8"))["url"] == "https://bbs.example/停\ud800"
    assert about.with_suffix(".body").read_bytes() == b"\xff<html>"
    assert (tmp_path / "one" / "samples").stat().st_mode & 0o777 == 0o700


def test_a_page_that_is_broken_again_takes_no_more_room(tmp_path: Path) -> None:
    for body in (b"first", b"second"):
        Samples(tmp_path).keep(body, "https://bbs.example/1", "layout", NOW)
    (body_file,) = tmp_path.glob("*.body")
    assert body_file.read_bytes() == b"second"
    about = loads(body_file.with_suffix(".json").read_text("utf-8"))
    assert about == {"url": "https://bbs.example/1", "reason": "layout", "at": "2026-11-19T06:34:20.000Z"}


def test_where_no_sample_was_ever_kept_none_is_expired(tmp_path: Path) -> None:
    Samples(tmp_path / "never").expire(NOW)
    assert not (tmp_path / "never").exists()
