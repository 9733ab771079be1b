"""A soak's configuration: the shipped files with a folder, engines, a mailbox and three file sources of its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from kafka import KafkaAdminClient
from yaml import safe_dump, safe_load

from stream.brokers.kafka_cluster import Cluster
from stream.indexes.elastic_schema import Names
from stream.indexes.elastic_server import connect
from tests.databases import Postgres
from tests.engines import noted
from tests.stream.elastic import clear

SHIPPED = Path("configs")
VARIABLES = ("WENFENG_TEST_KAFKA", "WENFENG_TEST_ELASTIC", "WENFENG_TEST_POSTGRES")
FLOOD, PROBE, PLANTED = "flood", "probe", "planted"
TOPIC = "rumour"  # of topics.yml: what the planted posts are about
_COLUMNS = {"text": "text", "id": "id", "published_at": "at", "author": "author", "thread": "thread"}


class NoEngines(Exception):
    """Raised when real engines are asked for and none are known."""


@contextmanager
def real_engines() -> Iterator[dict[str, str]]:
    """Lines for stream.yml: names of our own on the engines of make engines, removed afterwards."""
    kafka, elastic, postgres = (noted(variable) for variable in VARIABLES)
    if not (kafka and elastic and postgres):
        raise NoEngines("no real engines are known: make engines, or ENGINES=embedded")
    run = f"soak-{token_hex(4)}"
    with ExitStack() as stack:
        databases = Postgres(postgres)
        stack.callback(databases.close)
        state = stack.enter_context(databases.database())
        client = connect(elastic)
        stack.callback(client.close)
        stack.callback(clear, client, Names(run))
        log = f"{kafka}?prefix={run}."
        stack.callback(_drop_topics, Cluster.read(log))
        yield {"log": log, "index": elastic, "index_name": run, "state": state}


def _drop_topics(cluster: Cluster) -> None:
    admin: Any = cluster.open(KafkaAdminClient)
    admin.delete_topics([name for name in admin.list_topics() if name.startswith(cluster.prefix)])
    admin.close()


def write_configs(folder: Path, *, var: Path, engines: dict[str, str], smtp_port: int) -> None:
    """Writes every configuration file into `folder`."""
    folder.mkdir(parents=True)
    smtp = {"host": "127.0.0.1", "port": smtp_port, "tls": "none"}
    overlays: dict[str, dict[str, Any]] = {
        "stream": {"var": str(var), **engines},
        "nlp": {},
        "topics": {},
        "alerts": {"smtp": smtp, "folder": str(var / "second-channel")},
    }
    for name, overlay in overlays.items():
        shipped = safe_load((SHIPPED / f"{name}.yml").read_text("utf-8"))
        _write(folder / f"{name}.yml", shipped | overlay)
    key = var / "voice.key"
    key.touch(mode=0o600)
    key.write_text(token_hex(32))
    sources = {
        name: {"site": f"soak-{name}", "software": "file", "basis": "made up for the soak", "columns": _COLUMNS}
        for name in (FLOOD, PROBE, PLANTED)
    }
    _write(folder / "crawlers.yml", {"contact": "soak@example.com", "voice_key_file": str(key), "sources": sources})


def _write(path: Path, content: Any) -> None:
    path.write_text(safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
