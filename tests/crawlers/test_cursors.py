from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from crawlers.cursors import Cursors, Listed
from crawlers.health import Samples, Tally, all_sources, begin, end
from stream.health import SourceState

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_threads_are_due_when_new_or_moved_and_by_their_schedule(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    assert cursors.list_threads([Listed("1", "0 a"), Listed("2", "0 b")], NOW) == {"1", "2"}
    assert sorted(cursors.due(NOW)) == ["1", "2"]
    cursors.visited("1", NOW + HOUR, published_at=NOW, now=NOW)
    cursors.visited("2", None, published_at=None, now=NOW)
    assert cursors.due(NOW) == []
    assert cursors.list_threads([Listed("1", "0 a"), Listed("2", "1 c")], NOW) == {"2"}
    assert cursors.due(NOW) == ["2"]
    assert cursors.due(NOW + HOUR) == ["2", "1"]
    assert Cursors(engine, "elsewhere").due(NOW + HOUR) == []


def test_a_walk_that_was_cut_off_does_not_let_the_next_one_stop_early(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    assert not cursors.open_board("3", NOW)
    assert not cursors.open_board("3", NOW)
    cursors.close_board("3", NOW)
    assert cursors.open_board("3", NOW)
    assert not cursors.open_board("3", NOW)


def test_a_post_is_first_seen_once_also_when_the_log_did_not_take_it(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("1", ["pid:1"], NOW)
    (known,) = cursors.meet("1", ["pid:1", "pid:1"], NOW + HOUR).values()
    assert (known.first_seen_at, known.post) == (NOW, None)
    assert cursors.living("1") == {}


def test_a_post_missed_twice_in_a_row_is_told_apart_from_one_missed_once(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("1", ["pid:1", "pid:2"], NOW)
    assert cursors.miss({"pid:1", "pid:2"}) == set()
    cursors.meet("1", ["pid:2"], NOW)
    assert cursors.miss({"pid:1", "pid:2"}) == {"pid:1"}


def test_health_keeps_the_last_success_and_what_a_crawl_usually_reads(engine: Engine) -> None:
    for hour, tally in enumerate(
        (Tally(pages=3, read=100), Tally(broken="robots_unreachable"), Tally(pages=1, read=50))
    ):
        begin(engine, "forum", "bbs", NOW + hour * HOUR)
        assert all_sources(engine)["forum"].state == SourceState.RUNNING
        end(engine, "forum", tally, fresh_until=NOW + (hour + 2) * HOUR, now=NOW + hour * HOUR)
        row = all_sources(engine)["forum"]
        if tally.broken:
            assert (row.state, row.reason) == (SourceState.FAILED, "robots_unreachable")
            assert (row.succeeded_at, row.fresh_until) == (NOW, NOW + 2 * HOUR)
    assert (row.succeeded_at, row.norm) == (NOW + 2 * HOUR, 90.0)


def test_samples_are_few_and_gone_after_a_day(tmp_path: Path) -> None:
    samples = Samples(tmp_path / "samples")
    for number in range(30):
        samples.keep(b"body", f"http://bbs.invalid/{number}", "layout", NOW)
    kept = list((tmp_path / "samples").glob("*.body"))
    assert len(kept) == 20
    written = datetime.fromtimestamp(kept[0].stat().st_mtime, UTC)
    samples.expire(written + timedelta(hours=23))
    assert len(list((tmp_path / "samples").iterdir())) == 40
    samples.expire(written + timedelta(hours=25))
    assert list((tmp_path / "samples").iterdir()) == []
