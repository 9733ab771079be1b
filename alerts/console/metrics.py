"""What Prometheus scrapes: requests as they were answered, and how cases, letters, stages and the pipeline stand."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from alerts.casefile.tables import CaseRow
from alerts.desk.overview.programs import CONSOLE, read_programs
from alerts.detection.grades import Grade
from alerts.notify.tables import OutboxRow, RowState
from stream.errors import Retryable
from stream.state.database import reading
from stream.state.source_standing import SourceFact, current_facts, judge

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds; 0.15 is what a page may take


class RequestMeter:
    """Counts the requests of one process by the path of their door, so that no address of anybody is a label."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "wenfeng_console_requests", "Requests answered.", ("path", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "wenfeng_console_request_duration_seconds", "Time until the answer.", ("path",), buckets=BUCKETS,
            registry=self.registry,
        )  # fmt: skip

    def note(self, path: str, method: str, status: int, seconds: float) -> None:
        """Counts a request that was answered."""
        self._requests.labels(path, method, str(status)).inc()
        self._seconds.labels(path).observe(seconds)


class Gauges(Collector):
    """Reads how everything stands when it is scraped; what cannot be read is left out, and said by engine_up."""

    def __init__(self, engine: Engine, var: Path, lag: timedelta | None, now: datetime) -> None:
        """`lag` is how long the oldest post waits, None where nobody can tell."""
        self._engine, self._var, self._lag, self._now = engine, var, lag, now

    def collect(self) -> Iterable[Metric]:
        """Yields the gauges."""
        up = GaugeMetricFamily("wenfeng_engine_up", "Whether an engine answers.", labels=("engine",))
        try:
            cases, letters = self._counts()
            sources = current_facts(self._engine)
        except Retryable:
            up.add_metric(("state",), 0)
        else:
            up.add_metric(("state",), 1)
            yield cases
            yield letters
            yield from _source_gauges(sources, self._now)
        yield up
        yield self._stages()
        if self._lag is not None:
            yield GaugeMetricFamily(
                "wenfeng_pipeline_lag_seconds", "How long the oldest post waits to be indexed.",
                value=self._lag.total_seconds(),
            )  # fmt: skip

    def _counts(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        cases = GaugeMetricFamily("wenfeng_open_cases", "Cases that have not ended.", labels=("grade",))
        letters = GaugeMetricFamily("wenfeng_outbox_letters", "Letters by what became of them.", labels=("state",))
        with reading(self._engine) as session:
            by_grade = select(CaseRow.grade, func.count()).where(CaseRow.ended_at.is_(None)).group_by(CaseRow.grade)
            grades = {row[0]: row[1] for row in session.execute(by_grade)}
            by_state = select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
            states = {row[0]: row[1] for row in session.execute(by_state)}
        for grade in Grade:
            cases.add_metric((str(grade),), grades.get(grade, 0))
        for state in RowState:
            letters.add_metric((str(state),), states.get(state, 0))
        return cases, letters

    def _stages(self) -> GaugeMetricFamily:
        found = GaugeMetricFamily(
            "wenfeng_stage_last_alive_seconds", "Time since a stage's last sign of life.", labels=("stage",)
        )
        for one in read_programs(self._var, self._now):
            if one.last is not None and one.key != CONSOLE:
                found.add_metric((one.key,), (self._now - one.last).total_seconds())
        return found


def _source_gauges(sources: Sequence[SourceFact], now: datetime) -> Iterable[Metric]:
    """Yields how each source stands: 1 for its state, the ages of its last success and of its last news."""
    state = GaugeMetricFamily("wenfeng_source_state", "How a source stands: 1.", labels=("source", "state"))
    success = GaugeMetricFamily("wenfeng_source_success_age_seconds", "Since its last success.", labels=("source",))
    news = GaugeMetricFamily("wenfeng_source_news_age_seconds", "Since it last brought news.", labels=("source",))
    drift = GaugeMetricFamily("wenfeng_source_yield_ratio", "Posts read, by what is usual.", labels=("source",))
    missing = GaugeMetricFamily("wenfeng_source_missing", "Entries that the site has beyond ours.", labels=("source",))
    for one in sources:
        state.add_metric((one.name, judge(one, now).condition.value), 1)
        missing.add_metric((one.name,), one.details.missing)
        for family, moment in ((success, one.succeeded_at), (news, one.news_at)):
            if moment is not None:
                family.add_metric((one.name,), (now - moment).total_seconds())
        if one.drift is not None:
            drift.add_metric((one.name,), one.drift)
    return state, success, news, drift, missing


def exposition(meter: RequestMeter, gauges: Gauges) -> bytes:
    """Writes everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(gauges)
    return generate_latest(registry) + generate_latest(meter.registry)
