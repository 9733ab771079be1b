"""The index stage while its Elasticsearch dies, freezes, fills up or is cut off: 300 posts go in, each once."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from stream.codec import SCORED as POSTS
from stream.config import StreamConfig
from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect
from stream.index.port import Query
from stream.index.stage import indexing_worker
from stream.log.broker import SCORED, Message
from stream.log.topics import configured
from tests.databases import opened
from tests.faults.rows.private import PrivateEngine
from tests.faults.rows.proxy import Proxy
from tests.faults.rows.running import Hurried, meanwhile, running, until_done, until_true
from tests.stream.logs import START, SqliteLog
from tests.stream.scored import scored

pytestmark = pytest.mark.slow

COUNT, BATCH = 300, 30
TIMEOUT = 8.0  # seconds for one request, where the product gives thirty

Suffering = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def proxy(own_elastic: PrivateEngine) -> Iterator[Proxy]:
    port = urlsplit(own_elastic.address).port
    assert port is not None
    with closing(Proxy(port)) as proxy:
        yield proxy


@pytest.fixture
def operator(own_elastic: PrivateEngine) -> Iterator[Elasticsearch]:
    with Elasticsearch(own_elastic.address, request_timeout=60) as client:
        yield client


@pytest.fixture
def indexed(tmp_path: Path, proxy: Proxy) -> Iterator[Callable[[Suffering, float], None]]:
    """Runs the stage over a log of `COUNT` posts with an outage in its midst, and checks that each is there once."""
    log, clock, names = SqliteLog(tmp_path), Hurried(START), Names(f"faults-{uuid4().hex[:8]}")
    log.clock = clock  # who waits for records and who waits for the server wait by one clock
    producer = log.producer()
    log.admin().apply(configured(StreamConfig()))
    producer.publish([Message(SCORED, str(n % 20), POSTS.encode(scored(n, f"停电 {n}"))) for n in range(COUNT)])
    patient = connect(f"http://127.0.0.1:{proxy.port}").options(request_timeout=60)
    impatient = patient.options(request_timeout=TIMEOUT)

    def drive(suffering: Suffering, seconds: float) -> None:
        consumer, writers = log.consumer("wenfeng.index", [SCORED]), list[ElasticIndexWriter]()
        first = ElasticIndexWriter(patient, names)  # makes what takes a busy server longer than the stage will wait
        first.put([scored(0, "停电 0")])
        until_done(lambda: writers.append(ElasticIndexWriter(impatient, names)))
        worker = indexing_worker(StreamConfig(batch=BATCH), consumer, producer, writers[0], engine=engine, clock=clock)

        def outage() -> None:
            until_true(lambda: worker.counters.done >= COUNT // 4, "the stage does not begin")
            with suffering():
                time.sleep(seconds)

        with running(worker), meanwhile(outage) as over:
            until_true(over.done, "the outage does not end")
            until_true(lambda: worker.counters.done == COUNT, "the stage does not come to its end")
        patient.indices.refresh(index=f"{names.posts}*")
        reader = ElasticIndexReader(patient, names)
        found = [post.native_id for post in reader.export(Query())]
        assert sorted(found) == sorted(f"pid:{n}" for n in range(COUNT))
        assert reader.count(Query()) == COUNT
        assert worker.counters.rejected == 0
        assert sum(one.lag for one in log.admin().progress()) == 0

    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine:
        yield drive
    patient.close()
    log.close()


@pytest.mark.fault("F31")
def test_a_killed_server_costs_no_post(indexed: Callable[[Suffering, float], None], own_elastic: PrivateEngine) -> None:
    indexed(own_elastic.dead, 1)


@pytest.mark.fault("F33")
def test_a_server_frozen_for_longer_than_a_request_waits_costs_no_post_and_doubles_none(
    indexed: Callable[[Suffering, float], None], own_elastic: PrivateEngine
) -> None:
    indexed(own_elastic.frozen, 1.25 * TIMEOUT)


@pytest.mark.fault("F4")
def test_answers_lost_after_the_write_was_done_double_no_post(
    indexed: Callable[[Suffering, float], None], proxy: Proxy
) -> None:
    indexed(lambda: proxy.suffers(lost=True), 2)


@pytest.mark.fault("F31")
def test_a_network_that_is_cut_costs_no_post(indexed: Callable[[Suffering, float], None], proxy: Proxy) -> None:
    indexed(lambda: proxy.suffers(down=True), 2)


@pytest.mark.fault("F31")
def test_a_slow_network_costs_no_post(indexed: Callable[[Suffering, float], None], proxy: Proxy) -> None:
    indexed(lambda: proxy.suffers(delay=0.3), 3)


@pytest.mark.fault("F31")
def test_a_server_whose_breaker_opens_costs_no_post(
    indexed: Callable[[Suffering, float], None], operator: Elasticsearch
) -> None:
    @contextmanager
    def overload() -> Iterator[None]:
        with _set(operator, "network.breaker.inflight_requests.limit", "5kb"):  # the request that mends it is smaller
            yield

    indexed(overload, 3)


@pytest.mark.fault("F35")
def test_a_full_disk_is_waited_for_and_costs_no_post(
    indexed: Callable[[Suffering, float], None], operator: Elasticsearch
) -> None:
    """The flood stage: indices may only be read, until the server itself takes that back."""

    @contextmanager
    def flood() -> Iterator[None]:
        stages = ("low", "high", "flood_stage")
        settings = {f"cluster.routing.allocation.disk.watermark.{stage}": "9000gb" for stage in stages}
        operator.cluster.put_settings(persistent=settings)
        try:
            until_true(lambda: "read_only_allow_delete" in str(operator.indices.get_settings(index="*")), "no flood")
            yield
        finally:
            operator.cluster.put_settings(persistent=dict.fromkeys(settings))
            until_true(lambda: "read_only_allow_delete" not in str(operator.indices.get_settings(index="*")), "flood")

    indexed(flood, 1)


@pytest.mark.fault("F35")
def test_a_cluster_that_may_only_be_read_is_waited_for(
    indexed: Callable[[Suffering, float], None], operator: Elasticsearch
) -> None:
    @contextmanager
    def read_only() -> Iterator[None]:
        with _set(operator, "cluster.blocks.read_only", True):
            yield

    indexed(read_only, 2)


@contextmanager
def _set(operator: Elasticsearch, name: str, value: object) -> Iterator[None]:
    operator.cluster.put_settings(persistent={name: value})
    try:
        yield
    finally:
        operator.options(max_retries=50, retry_on_status=(429,)).cluster.put_settings(persistent={name: None})
