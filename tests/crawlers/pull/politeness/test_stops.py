"""What is stopped by hand holds for a source, a host, or everything, until it is let go on."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from crawlers.pull.politeness.stops import EVERYTHING, Stop, resume, stop, stopping, stops

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


def test_a_stop_holds_for_what_it_names_and_says_why(engine: Engine) -> None:
    stop(engine, "bbs.example.com", "the owner called", NOW)
    found = stops(engine)
    assert found == (Stop("bbs.example.com", NOW, "the owner called"),)
    assert stopping(found, "forum", "bbs.example.com") == found[0]
    assert stopping(found, "news", "www.example.com") is None
    assert stopping([Stop("news", NOW, "")], "news", "www.example.com") is not None
    assert stopping([Stop(EVERYTHING, NOW, "")], "any", "any.example.com") is not None


def test_what_is_stopped_again_keeps_its_time_and_takes_the_new_reason(engine: Engine) -> None:
    stop(engine, "forum", "first", NOW)
    stop(engine, "forum", "second", NOW + timedelta(hours=1))
    assert stops(engine) == (Stop("forum", NOW, "second"),)


def test_letting_go_on_names_what_was_stopped(engine: Engine) -> None:
    stop(engine, "forum", "", NOW)
    stop(engine, "news", "", NOW)
    stop(engine, EVERYTHING, "", NOW)
    assert resume(engine, "forum") == ("forum",)
    assert resume(engine, "forum") == ()
    assert resume(engine, EVERYTHING) == (EVERYTHING, "news")
    assert stops(engine) == ()
