"""The lines of stream.yml for a run of its own: files, or the engines that `make engines` started."""

from collections.abc import Iterator
from contextlib import contextmanager

from elasticsearch import Elasticsearch
from sqlalchemy import make_url

from tests.databases import Postgres
from tests.engines import noted

EMBEDDED, REAL = "embedded", "real"
VARIABLES = ("WENFENG_TEST_KAFKA", "WENFENG_TEST_ELASTIC", "WENFENG_TEST_POSTGRES")


class NoEngines(Exception):
    """Raised when the real engines are not there."""


@contextmanager
def fresh_engines(kind: str, run: str) -> Iterator[dict[str, str]]:
    """Nothing for the embedded engines; for the real ones a prefix, an index and a database of this run's own."""
    if kind == EMBEDDED:
        yield {}
        return
    kafka, elastic, postgres = (noted(variable) for variable in VARIABLES)
    if not (kafka and elastic and postgres):
        raise NoEngines(f"{', '.join(VARIABLES)} are not all set: make engines")
    server, index = Postgres(postgres), f"faults-{run}"
    try:
        with server.database() as state:
            yield {
                "log": f"kafka://{kafka.removeprefix('kafka://')}?prefix=faults.{run}.",
                "index": elastic,
                "index_name": index,
                "state": make_url(state).render_as_string(hide_password=False),
            }
    finally:
        server.close()
        with Elasticsearch(elastic) as client:
            for name in client.options(ignore_status=404).indices.get(index=f"{index}*", expand_wildcards="all"):
                client.options(ignore_status=404).indices.delete(index=name)
