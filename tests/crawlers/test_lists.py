"""What is held of each list is counted when a crawl ends, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from crawlers.cursors import Cursors, Listed
from crawlers.lists import ListTally, write_lists
from stream.state.database import transaction
from stream.state.source_lists import SourceList

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def board(name: str = "停电", **told: object) -> ListTally:
    return ListTally(name=name, began=NOW, of_threads=True, **told)  # type: ignore[arg-type]


def write(engine: Engine, lists: dict[str, ListTally], now: datetime = NOW, site: str = "bbs") -> dict[str, SourceList]:
    with transaction(engine) as session:
        return {row.key: row for row in write_lists(session, "forum", site, lists, now)}


def filled(engine: Engine) -> Cursors:
    """Board 3 with threads 1 to 3, of which one was never read; board 4 with one; 9 is pinned, on both."""
    cursors = Cursors(engine, "bbs")
    rows = [Listed(thread, "0", board) for thread, board in (("1", "3"), ("2", "3"), ("3", "3"), ("4", "4"))]
    cursors.list_threads([*rows, Listed("9", "0")], NOW)
    for thread in ("1", "2", "4", "9"):
        cursors.meet(thread, [f"pid:{thread}1", f"pid:{thread}2"], NOW)
        cursors.visited(thread, None, published_at=NOW, now=NOW)
    return cursors


def test_threads_are_held_once_read_and_those_of_nobody_where_they_are_pinned(engine: Engine) -> None:
    filled(engine)
    rows = write(engine, {"3": board(pinned={"9"}), "4": board("电费", threads=2, posts=9), "5": board("空")})
    held = {key: (row.threads_held, row.posts_held, row.waiting) for key, row in rows.items()}
    assert held == {"3": (3, 6, 1), "4": (1, 2, 0), "5": (0, 0, 0)}
    assert (rows["4"].threads_missing, rows["4"].posts_missing, rows["3"].threads_missing) == (1, 7, None)


def test_a_pinned_thread_is_held_by_the_board_that_it_names_alone(engine: Engine) -> None:
    filled(engine).visited("9", None, published_at=NOW, now=NOW, board="4")
    rows = write(engine, {"3": board(pinned={"9"}), "4": board("电费", pinned={"9"})})
    assert {key: row.threads_held for key, row in rows.items()} == {"3": 2, "4": 2}


def test_what_is_gone_is_not_held(engine: Engine) -> None:
    cursors = filled(engine)
    cursors.visited("2", None, published_at=NOW, now=NOW, gone=True)
    rows = write(engine, {"3": board(threads=3)})
    assert (rows["3"].threads_held, rows["3"].threads_missing) == (1, 2)


def test_a_list_is_complete_until_its_crawl_began_once_it_ended_and_nothing_waits(engine: Engine) -> None:
    cursors = filled(engine)
    assert write(engine, {"3": board(ended=True), "4": board("电费", ended=True)})["3"].complete_until is None
    cursors.visited("3", None, published_at=NOW, now=NOW)
    assert write(engine, {"3": board(ended=False)})["3"].complete_until is None
    assert write(engine, {"3": board(ended=True)})["3"].complete_until == NOW
    cursors.list_threads([Listed("1", "1", "3")], NOW + HOUR)
    later = ListTally(name="停电", began=NOW + HOUR, of_threads=True, ended=True)
    row = write(engine, {"3": later})["3"]
    assert (row.waiting, row.read_at, row.complete_until) == (1, NOW + HOUR, NOW)


def test_a_list_was_read_to_its_end_once_until_a_walk_says_otherwise(engine: Engine) -> None:
    filled(engine)
    told = [write(engine, {"3": board(whole=whole)})["3"].whole for whole in (None, True, None, False, None)]
    assert told == [False, True, True, False, False]


def test_a_list_of_posts_holds_those_under_its_key(engine: Engine) -> None:
    cursors = filled(engine)
    cursors.meet("https://a.example/feed", ["entry:1", "entry:2"], NOW)
    feed = ListTally(name="feed", began=NOW, ended=True)
    row = write(engine, {"https://a.example/feed": feed})["https://a.example/feed"]
    assert (row.posts_held, row.threads_held, row.complete_until) == (2, None, NOW)


def test_lists_that_were_not_met_stay_and_those_of_lost_boards_go(engine: Engine) -> None:
    cursors = filled(engine)
    for one in ("3", "4"):
        cursors.read_board(one, "", NOW)
    write(engine, {"3": board(), "4": board("电费")})
    assert set(write(engine, {"3": board()})) == {"3", "4"}
    cursors.lose(["4"], NOW)
    assert set(write(engine, {"3": board()})) == {"3"}


def test_it_is_kept_since_when_a_list_is_short(engine: Engine) -> None:
    filled(engine)
    short = {"4": board("电费", threads=40, whole=True)}
    with capture_logs() as told:
        assert write(engine, short)["4"].short_since == NOW
    assert [(line["event"], line["list"], line["threads_missing"]) for line in told] == [
        ("list incomplete", "电费", 39)
    ]
    assert write(engine, short, NOW + HOUR)["4"].short_since == NOW
    assert write(engine, {"4": board("电费", threads=1)}, NOW + HOUR)["4"].short_since is None


def test_lists_of_other_sites_count_nothing_of_ours(engine: Engine) -> None:
    filled(engine)
    assert write(engine, {"3": board()}, site="elsewhere")["3"].threads_held == 0


def test_posts_are_counted_by_an_index_alone_however_many_other_boards_have(engine: Engine) -> None:
    filled(engine)
    asked: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda _, __, sql, given, *___: asked.append((sql, given)))
    write(engine, {"3": board()})
    ((counting, given),) = [(sql, given) for sql, given in asked if "FROM crawler_post" in sql and " IN (" in sql]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {counting}", given).all())
            assert "crawler_post USING COVERING INDEX crawler_post_thread (site=? AND thread=? AND deleted=?)" in plan
        else:  # tables of a few rows are read whole unless that is forbidden
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            assert "crawler_post_thread" in str(connection.exec_driver_sql(f"EXPLAIN {counting}", given).all())
