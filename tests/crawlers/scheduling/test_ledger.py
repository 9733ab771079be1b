"""A tick is taken once, whoever asks; one whose crawl was cut off is taken again; what was missed is counted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from crawlers.scheduling.ledger import LASTS, claim, last_taken, miss, release, renew, rewind, ticks
from crawlers.scheduling.timing import Due

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
TEN = timedelta(minutes=10)
HERE, THERE = "this-machine 10", "that-machine 10"


def test_of_two_schedulers_one_has_a_tick(engine: Engine) -> None:
    assert claim(engine, "forum", Due(NOW, 0), HERE, NOW) is None
    told = claim(engine, "forum", Due(NOW, 0), THERE, NOW)
    assert told is not None
    assert told.runs(NOW)
    release(engine, ["forum"], HERE, NOW)
    assert claim(engine, "forum", Due(NOW, 0), THERE, NOW) is not None
    assert claim(engine, "forum", Due(NOW + TEN, 0), THERE, NOW + TEN) is None


def test_of_many_that_ask_at_once_one_has_it(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(claim, engine, "forum", Due(NOW, 0), f"machine-{n} 1", NOW) for n in range(6)]
    assert [one.result() for one in asked].count(None) == 1


def test_the_next_tick_waits_for_the_crawl_that_is_under_way_and_not_for_one_whose_machine_is_gone(
    engine: Engine,
) -> None:
    claim(engine, "forum", Due(NOW, 0), HERE, NOW)
    renew(engine, ["forum"], HERE, NOW + TEN)
    assert claim(engine, "forum", Due(NOW + TEN, 0), THERE, NOW + TEN) is not None
    later = NOW + TEN + LASTS
    assert ticks(engine)["forum"].cut_off(later)
    assert claim(engine, "forum", Due(NOW, 0), THERE, later) is None  # the same tick again: nobody finished it
    release(engine, ["forum"], HERE, later)  # it comes back, and has nothing any more
    assert ticks(engine)["forum"].runs(later)


def test_missed_ticks_add_up(engine: Engine) -> None:
    claim(engine, "forum", Due(NOW, 2), HERE, NOW)
    release(engine, ["forum"], HERE, NOW)
    claim(engine, "forum", Due(NOW + TEN, 0), HERE, NOW + TEN)
    found = ticks(engine)["forum"]
    assert (found.missed, found.missed_at) == (2, NOW)
    miss(engine, "forum", Due(NOW + 2 * TEN, 0), HERE, NOW + 2 * TEN)
    miss(engine, "forum", Due(NOW + 9 * TEN, 0), THERE, NOW + 9 * TEN)  # not theirs to count
    found = ticks(engine)["forum"]
    assert (found.tick, found.missed, found.missed_at) == (NOW + 2 * TEN, 3, NOW + 2 * TEN)


def test_after_the_clock_was_set_back_ticks_count_from_now(engine: Engine) -> None:
    claim(engine, "forum", Due(NOW, 0), HERE, NOW)
    release(engine, ["forum"], HERE, NOW)
    earlier = NOW - timedelta(hours=1)
    rewind(engine, "forum", earlier)
    rewind(engine, "news", earlier)
    assert {name: one.tick for name, one in ticks(engine).items()} == {"forum": earlier, "news": earlier}
    assert claim(engine, "forum", Due(earlier + TEN, 0), HERE, earlier + TEN) is None


def test_ticks_count_from_the_last_start_where_none_was_taken(engine: Engine) -> None:
    claim(engine, "forum", Due(NOW, 0), HERE, NOW)
    assert last_taken(ticks(engine), "forum", NOW + TEN) == NOW
    assert last_taken(ticks(engine), "news", NOW + TEN) == NOW + TEN
    assert last_taken(ticks(engine), "news", None) is None
