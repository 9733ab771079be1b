"""What Prometheus scrapes: requests as they were answered, and how cases, letters, stages and the pipeline stand."""

from collections.abc import Iterable, Mapping, Sequence
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
from stream.state.source_lists import SourceList, lists_of_current
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
            sources, lists = current_facts(self._engine), lists_of_current(self._engine)
        except Retryable:
            up.add_metric(("state",), 0)
        else:
            up.add_metric(("state",), 1)
            yield cases
            yield letters
            yield from _source_gauges(sources, self._now)
            yield from _list_gauges(lists, self._now)
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
    pages = GaugeMetricFamily("wenfeng_source_page_yield_ratio", "Posts a page, by what is usual.", labels=("source",))
    for one in sources:
        state.add_metric((one.name, judge(one, now).condition.value), 1)
        for family, moment in ((success, one.succeeded_at), (news, one.news_at)):
            if moment is not None:
                family.add_metric((one.name,), (now - moment).total_seconds())
        for family, ratio in ((drift, one.drift), (pages, one.page_drift)):
            if ratio is not None:
                family.add_metric((one.name,), ratio)
    return state, success, news, drift, pages


def _list_gauges(lists: Mapping[str, Sequence[SourceList]], now: datetime) -> Iterable[Metric]:
    """Yields how complete each list of the sources is; a total that the site does not tell has no sample."""
    labels = ("source", "list", "name", "what")
    told = GaugeMetricFamily("wenfeng_list_told", "Threads or posts by the site's own total.", labels=labels)
    held = GaugeMetricFamily("wenfeng_list_held", "Threads or posts that are held here.", labels=labels)
    missing = GaugeMetricFamily("wenfeng_list_missing", "Threads or posts beyond ours, by the site.", labels=labels)
    waiting = GaugeMetricFamily("wenfeng_list_waiting", "Threads that were listed, not read.", labels=labels[:3])
    short = GaugeMetricFamily("wenfeng_list_short", "Whether more is missing than is tolerated.", labels=labels[:3])
    age = GaugeMetricFamily("wenfeng_list_complete_age_seconds", "Since all listed was read.", labels=labels[:3])
    for source, one in ((source, one) for source, found in lists.items() for one in found):
        numbers = (
            ("threads", one.threads_told, one.threads_held, one.threads_missing),
            ("posts", one.posts_told, one.posts_held, one.posts_missing),
        )
        for what, *counts in numbers:
            for family, count in zip((told, held, missing), counts, strict=True):
                if count is not None:
                    family.add_metric((source, one.key, one.name, what), count)
        waiting.add_metric((source, one.key, one.name), one.waiting)
        short.add_metric((source, one.key, one.name), one.short is not None)
        if one.complete_until is not None:
            age.add_metric((source, one.key, one.name), (now - one.complete_until).total_seconds())
    return told, held, missing, waiting, short, age


def exposition(meter: RequestMeter, gauges: Gauges) -> bytes:
    """Writes everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(gauges)
    return generate_latest(registry) + generate_latest(meter.registry)
