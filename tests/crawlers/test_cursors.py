from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select, update

from crawlers.cursors import PAST, REMEMBERED, Cursors, Listed, PostRow, ThreadRow, forget
from crawlers.health import Samples, Tally, all_sources, begin, end
from stream.messages import Counts, Crawl, Kind, Post, Precision, content_hash, post_id
from stream.state.database import reading
from stream.state.source_health import SourceState
from stream.state.tombstones import bury

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUARTER = timedelta(days=90)


def sent(native_id: str) -> Post:
    return Post(
        id=post_id("bbs", native_id), site="bbs", native_id=native_id, source="forum", kind=Kind.REPLY,
        thread_id=post_id("bbs", "tid:1"), url="https://bbs.example.com/1", title="", text="停电了", first_seen_at=NOW,
        published_at=NOW, published_precision=Precision.MINUTE, observed_at=NOW, counted_at=NOW, charted_at=NOW,
        counts=Counts(), content_hash=content_hash("", "停电了"), voice=None,
        crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
    )  # fmt: skip


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


def test_a_row_that_only_points_at_a_moved_thread_is_no_news_of_one_that_is_known(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    assert cursors.list_threads([Listed("1", "3 a", "6"), Listed("2", None)], NOW) == {"1", "2"}
    assert cursors.list_threads([Listed("1", None), Listed("2", None)], NOW) == frozenset()
    assert cursors.list_threads([Listed("1", "3 a", "6"), Listed("2", "0 b", "6")], NOW) == {"2"}


def test_a_list_is_complete_until_news_of_it_are_remembered_and_again_at_a_walks_end(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    assert not cursors.is_complete("3")
    cursors.close_board("3", NOW)
    cursors.close_board("4", NOW)
    assert cursors.is_complete("3")
    cursors.list_threads([Listed("1", "0 a", "3"), Listed("2", "0 b")], NOW)
    assert (cursors.is_complete("3"), cursors.is_complete("4")) == (False, True)
    cursors.close_board("3", NOW)
    cursors.list_threads([Listed("1", "0 a", "3")], NOW)
    assert cursors.is_complete("3")


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
        end(engine, "forum", tally, fresh_until=lambda start: start + 2 * HOUR, now=NOW + hour * HOUR)
        row = all_sources(engine)["forum"]
        if tally.broken:
            assert (row.state, row.reason) == (SourceState.FAILED, "robots_unreachable")
            assert (row.succeeded_at, row.fresh_until) == (NOW, NOW + 2 * HOUR)
    assert (row.succeeded_at, row.norm) == (NOW + 2 * HOUR, 50.0)


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


def test_an_erased_post_is_forgotten_and_marked_as_not_to_be_sent(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    posts = [sent("pid:1"), sent("pid:2")]
    cursors.meet("1", ["pid:1", "pid:2"], NOW)
    cursors.keep(posts)
    assert set(cursors.living("1")) == {"pid:1", "pid:2"}
    bury(engine, [posts[0].id], NOW, reason="request")
    forget(engine, NOW, QUARTER)
    assert set(cursors.living("1")) == {"pid:2"}
    again = cursors.meet("1", ["pid:1", "pid:2"], NOW + HOUR)
    assert (again["pid:1"].post, again["pid:1"].closed, again["pid:1"].first_seen_at) == (None, True, NOW)
    assert (again["pid:2"].post, again["pid:2"].closed) == (posts[1], False)


def test_a_post_erased_before_it_was_forgotten_is_forgotten_when_it_is_met(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("1", ["pid:1"], NOW)
    cursors.keep([sent("pid:1")])
    bury(engine, [sent("pid:1").id], NOW, reason="request")
    assert cursors.meet("1", ["pid:1"], NOW)["pid:1"].post is None
    assert cursors.living("1") == {}


def test_the_words_of_a_post_past_its_time_are_forgotten_and_that_it_was_met_is_not(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("1", ["pid:1"], NOW)
    cursors.meet("1", ["pid:2"], NOW + 2 * HOUR)
    posts = [sent("pid:1"), sent("pid:2")]
    cursors.keep(posts)
    forget(engine, NOW + HOUR + QUARTER, QUARTER)
    assert set(cursors.living("1")) == {"pid:2"}
    again = cursors.meet("1", ["pid:1", "pid:2"], NOW + HOUR + QUARTER)
    assert (again["pid:1"].post, again["pid:1"].closed, again["pid:1"].first_seen_at) == (None, True, NOW)
    assert (again["pid:2"].post, again["pid:2"].closed) == (posts[1], False)


def test_looking_for_words_past_their_time_reads_none_that_are_forgotten_already(engine: Engine) -> None:
    old = update(PostRow).where(PostRow.first_seen_at < NOW, REMEMBERED).values(sent=PAST)
    statement = str(old.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
        else:  # a table of no rows is read whole unless that is forbidden
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}").all()
    assert "crawler_post_words" in str(plan)


def test_two_crawls_of_one_site_at_once_meet_every_post_once(engine: Engine) -> None:
    names = [f"pid:{number}" for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        for met in [pool.submit(Cursors(engine, "bbs").meet, "1", names, NOW + n * HOUR) for n in range(4)]:
            met.result()
    known = Cursors(engine, "bbs").meet("1", names, NOW + 9 * HOUR)
    assert len({one.first_seen_at for one in known.values()}) == 1


def test_a_post_is_remembered_by_the_id_that_was_told_with_its_list(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("/feed", ["entry:a b", "entry:2"], NOW)
    cursors.keep([sent("entry:a b")])
    told = cursors.remembered(["entry:a\u00a0b", "entry:2", "entry:3", *(f"entry:x{one}" for one in range(6000))])
    assert told == {"entry:a\u00a0b": ("/feed", sent("entry:a b")), "entry:2": ("/feed", None)}
    assert Cursors(engine, "elsewhere").remembered(["entry:2"]) == {}


def test_the_latest_posts_of_a_list_come_first_and_forgotten_ones_not(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    for hours, name in enumerate(("a", "b", "c")):
        cursors.meet("/feed", [name], NOW + hours * HOUR)
        cursors.keep([sent(name)])
    cursors.meet("/other", ["d"], NOW)
    assert [post.native_id for post in cursors.latest("/feed", 2)] == ["c", "b"]
    forget(engine, NOW + QUARTER + HOUR / 2, QUARTER)
    assert [post.native_id for post in cursors.latest("/feed", 9)] == ["c", "b"]


def test_posts_that_stand_are_counted_also_once_their_words_are_forgotten(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("posts", ["a", "b", "c"], NOW)
    cursors.keep([sent("a"), replace(sent("b"), deleted_at=NOW)])
    forget(engine, NOW + QUARTER + HOUR, QUARTER)
    assert (cursors.standing("posts"), cursors.standing("comments")) == (2, 0)
    assert cursors.living_ids("posts") == frozenset()


def test_the_ids_of_living_posts_are_those_of_the_posts(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.meet("posts", ["a", "b", "c"], NOW)
    cursors.keep([sent("a"), replace(sent("b"), deleted_at=NOW)])
    assert cursors.living_ids("posts") == cursors.living("posts").keys() == {"a"}


def test_a_list_tells_its_counters_of_before_and_when_it_was_read(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    assert cursors.listed("posts") == (None, None)
    cursors.list_threads([Listed("posts", "3")], NOW)
    assert cursors.listed("posts") == ("3", None)
    cursors.visited("posts", None, published_at=None, now=NOW)
    assert cursors.listed("posts") == ("3", NOW)


def test_a_board_that_was_read_has_a_name(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.open_board("3", NOW)
    cursors.open_board("4", NOW)  # and never answered
    cursors.read_board("3", "停电", NOW)
    cursors.close_board("3", NOW)
    cursors.open_board("3", NOW + HOUR)
    assert cursors.boards() == {"3": "停电"}
    assert Cursors(engine, "elsewhere").boards() == {}


def test_a_board_known_from_before_boards_had_names_is_called_by_its_id(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.close_board("3", NOW)
    assert cursors.boards() == {"3": "3"}


def test_the_threads_of_a_lost_board_are_due_once_and_again_when_it_is_back(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.list_threads([Listed("1", "0 a", "3"), Listed("2", "0 b", "4")], NOW)
    for board in ("3", "4"):
        cursors.read_board(board, "", NOW)
    for thread in ("1", "2"):
        cursors.visited(thread, None, published_at=NOW, now=NOW)
    assert cursors.lose(["3", "7"], NOW) == ["1"]
    assert cursors.due(NOW) == ["1"]
    cursors.visited("1", None, published_at=NOW, now=NOW)
    assert cursors.lose(["3"], NOW + HOUR) == []
    assert cursors.due(NOW + HOUR) == []
    cursors.read_board("3", "停电", NOW + HOUR)
    assert cursors.due(NOW + HOUR) == ["1"]


def test_a_thread_that_moves_to_another_board_is_that_ones_and_a_pinned_one_whose_it_says(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.list_threads([Listed("1", "0 a", "3"), Listed("2", "0 b", "3")], NOW)
    cursors.list_threads([Listed("1", "0 a", "4"), Listed("2", "0 b")], NOW)
    cursors.list_threads([Listed("9", "0 c")], NOW)
    cursors.visited("1", None, published_at=None, now=NOW, board="7")
    cursors.visited("9", None, published_at=None, now=NOW, board="3")
    assert boards(engine) == {"1": "4", "2": "3", "9": "3"}


def boards(engine: Engine) -> dict[str, str | None]:
    """Whose each thread is."""
    with reading(engine) as session:
        return {row.thread: row.board for row in session.scalars(select(ThreadRow))}


def test_a_thread_that_is_gone_is_so_until_it_is_listed_again(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    told = []
    cursors.list_threads([Listed("1", "0 a", "3")], NOW)
    for gone in (True, False, True):
        cursors.visited("1", None, published_at=None, now=NOW, gone=gone)
        told.append(is_gone(engine))
    cursors.list_threads([Listed("1", "0 a", "3")], NOW)
    assert (told, is_gone(engine)) == ([True, False, True], False)


def is_gone(engine: Engine) -> bool:
    with reading(engine) as session:
        return session.get_one(ThreadRow, ("bbs", "1")).gone


def test_threads_that_were_listed_and_never_read_are_told_apart(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    cursors.list_threads([Listed("1", "0 a"), Listed("2", "0 b")], NOW)
    cursors.visited("1", NOW, published_at=NOW, now=NOW)
    assert (sorted(cursors.due(NOW)), cursors.never_read(NOW)) == (["1", "2"], {"2"})


def test_the_sweep_takes_its_share_of_the_old_threads_a_day_and_the_longest_unseen_first(engine: Engine) -> None:
    cursors = Cursors(engine, "bbs")
    old, limit = NOW - timedelta(days=99), NOW - timedelta(days=40)
    for number in range(200):
        seen = old + timedelta(minutes=number)
        cursors.visited(str(number), None, published_at=old, now=seen)
    cursors.visited("young", None, published_at=NOW - timedelta(days=9), now=old)
    cursors.visited("due", NOW, published_at=old, now=old)
    assert cursors.sweep(0.01, limit, NOW) == ["0", "1"]
    for number in ("0", "1"):
        cursors.visited(number, None, published_at=old, now=NOW)
    assert cursors.sweep(0.01, limit, NOW + HOUR) == []
    assert cursors.sweep(0.01, limit, NOW + timedelta(days=1, hours=1)) == ["2", "3"]
    assert cursors.sweep(0, limit, NOW + timedelta(days=9)) == []
