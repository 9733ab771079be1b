"""Coverage is of the sources that are still configured and switched on."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from alerts.detection.coverage import coverage
from alerts.detection.signals import Coverage, silent_sources
from stream.state.database import transaction
from stream.state.source_health import SourceHealth

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
MONTH, HOUR = timedelta(days=30), timedelta(hours=1)


def noted(
    engine: Engine, name: str, *, success: datetime | None, fresh: datetime | None, retired: datetime | None
) -> None:
    with transaction(engine) as session:
        session.add(
            SourceHealth(
                source=name, site=name, state="ok", succeeded_at=success, fresh_until=fresh, retired_at=retired
            )
        )


def test_a_source_removed_a_month_ago_blinds_nothing(engine: Engine) -> None:
    noted(engine, "old_forum", success=NOW - MONTH, fresh=NOW - MONTH + HOUR, retired=NOW - MONTH)
    noted(engine, "forum", success=NOW, fresh=NOW + HOUR, retired=None)
    assert coverage(engine) == (Coverage("forum", NOW, NOW + HOUR),)
    assert silent_sources(coverage(engine), NOW) == ()


def test_a_source_that_is_configured_and_does_not_answer_is_silent(engine: Engine) -> None:
    noted(engine, "b", success=NOW - MONTH, fresh=NOW - MONTH + HOUR, retired=None)
    noted(engine, "a", success=None, fresh=None, retired=None)
    noted(engine, "file", success=NOW - MONTH, fresh=None, retired=None)
    assert [one.source for one in coverage(engine)] == ["a", "b", "file"]
    assert silent_sources(coverage(engine), NOW) == ("a", "b")


def test_no_source_is_no_coverage(engine: Engine) -> None:
    assert coverage(engine) == ()
