"""What Prometheus reads is well formed, and a part that is away is left out and said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from alerts.console.metrics import Gauges, RequestMeter, exposition
from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from stream.state.source_lists import SourceList

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)


def families(written: bytes) -> dict[str, list[float]]:
    found = text_string_to_metric_families(written.decode())
    return {family.name: [sample.value for sample in family.samples] for family in found}


def test_lag_is_told_in_seconds_where_it_is_known(engine: Engine, tmp_path: Path) -> None:
    found = families(exposition(RequestMeter(), Gauges(engine, tmp_path, timedelta(minutes=2), NOW)))
    assert found["wenfeng_pipeline_lag_seconds"] == [120.0]
    assert found["wenfeng_open_cases"] == [0.0, 0.0, 0.0, 0.0]
    assert "wenfeng_pipeline_lag_seconds" not in families(
        exposition(RequestMeter(), Gauges(engine, tmp_path, None, NOW))
    )


def test_each_source_is_told_by_its_state_its_ages_its_yield_and_what_it_lacks(engine: Engine, tmp_path: Path) -> None:
    hour = timedelta(hours=1)
    with transaction(engine) as session:
        session.add(SourceHealth(
            source="blog", site="blog", state="ok", started_at=NOW - hour, succeeded_at=NOW - hour,
            news_at=NOW - 2 * hour, read=10, norm=100.0, filled=20, page_norm=5.0,
        ))  # fmt: skip
        session.add(SourceHealth(source="bbs", site="bbs", state="blocked", reason="captcha"))
    written = exposition(RequestMeter(), Gauges(engine, tmp_path, None, NOW))
    found = families(written)
    assert 'wenfeng_source_state{source="bbs",state="blocked"} 1.0' in written.decode()
    assert 'wenfeng_source_state{source="blog",state="changed"} 1.0' in written.decode()
    assert found["wenfeng_source_success_age_seconds"] == [3600.0]
    assert found["wenfeng_source_news_age_seconds"] == [7200.0]
    assert found["wenfeng_source_yield_ratio"] == [0.1]
    assert found["wenfeng_source_page_yield_ratio"] == [0.1]


def test_each_list_is_told_by_what_the_site_counts_what_is_held_and_how_old_its_completeness_is(
    engine: Engine, tmp_path: Path
) -> None:
    known = {"waiting": 2, "whole": True, "read_at": NOW, "complete_until": NOW - timedelta(hours=1)}
    with transaction(engine) as session:
        session.add(SourceHealth(source="bbs", site="bbs", state="ok"))
        told = {"threads_told": 45, "threads_held": 40, "posts_held": 191}
        session.add(SourceList(source="bbs", key="3", name="停电", **told, **known))
        session.add(SourceList(source="bbs", key="4", name="停电", waiting=0, whole=False, read_at=NOW))
    written = exposition(RequestMeter(), Gauges(engine, tmp_path, None, NOW))
    found = families(written)
    assert 'wenfeng_list_missing{list="3",name="停电",source="bbs",what="threads"} 5.0' in written.decode()
    assert found["wenfeng_list_told"] == [45.0]
    assert found["wenfeng_list_held"] == [40.0, 191.0]
    assert found["wenfeng_list_waiting"] == [2.0, 0.0]
    assert found["wenfeng_list_short"] == [1.0, 0.0]
    assert found["wenfeng_list_complete_age_seconds"] == [3600.0]


def test_every_request_is_counted_once_by_path_method_and_status(engine: Engine, tmp_path: Path) -> None:
    meter = RequestMeter()
    for status, seconds in ((200, 0.02), (200, 0.3), (409, 0.02)):
        meter.note("/today/{number}", "POST", status, seconds)
    written = exposition(meter, Gauges(engine, tmp_path, None, NOW)).decode()
    assert 'wenfeng_console_requests_total{method="POST",path="/today/{number}",status="200"} 2.0' in written
    assert 'wenfeng_console_request_duration_seconds_bucket{le="0.15",path="/today/{number}"} 2.0' in written
    assert 'wenfeng_console_request_duration_seconds_count{path="/today/{number}"} 3.0' in written


def test_meters_of_two_processes_share_nothing(engine: Engine, tmp_path: Path) -> None:
    RequestMeter().note("/", "GET", 200, 0.1)
    assert 'path="/"' not in exposition(RequestMeter(), Gauges(engine, tmp_path, None, NOW)).decode()
