"""Each line of stream.yml opens its own adapter, and loads the client of no other."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from stream.config import StreamConfig
from stream.engines import (
    apply_topics,
    open_consumer,
    open_event_reader,
    open_event_writer,
    open_index_admin,
    open_index_reader,
    open_index_rights,
    open_index_writer,
    open_next_index,
    open_producer,
    open_state_as_it_is,
    open_state_engine,
    whole_topic,
)
from stream.errors import ConfigError, Rejected
from stream.index.port import Query
from stream.log.broker import RAW, Message
from stream.log.topics import TOPICS
from stream.process.clock import SystemClock
from stream.state.database import disposing
from tests.stream.scored import scored
from tests.stream.told import happened

CLOCK = SystemClock()

EMBEDDED_ONLY = """
import sys
from importlib import import_module
from pathlib import Path
for package in ("stream", "alerts", "crawlers"):
    import_module(f"{package}.cli.commands")
from stream.config import StreamConfig
from stream.engines import *
from stream.log.broker import RAW
from stream.process.clock import SystemClock
config, clock = StreamConfig(var=Path(sys.argv[1])), SystemClock()
apply_topics(config)
opened = [open_producer(config, clock), open_consumer(config, clock, "g", [RAW]), open_log_admin(config)]
opened += [open_index_writer(config), open_index_reader(config), open_event_writer(config), open_event_reader(config)]
opened += [open_next_index(config), open_index_admin(config)]
open_state_engine(config).dispose()
for one in opened:
    one.close()
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"elasticsearch", "elastic_transport", "kafka"}))
"""


@pytest.fixture
def config(tmp_path: Path) -> StreamConfig:
    return StreamConfig(var=tmp_path / "var")


def test_the_embedded_installation_loads_the_client_of_no_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EMBEDDED_ONLY, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr[-1000:]) == (0, "\n", done.stderr[-1000:])


def test_what_one_process_writes_another_reads(config: StreamConfig) -> None:
    assert {line.partition(":")[0] for line in apply_topics(config)} == set(TOPICS)
    assert apply_topics(config) == []
    with closing(open_producer(config, CLOCK)) as producer, closing(open_consumer(config, CLOCK, "g", [RAW])) as reader:
        producer.publish([Message(RAW, "key", b"value")])
        assert [record.value for record in reader.poll(10, 0.0)] == [b"value"]
    with closing(open_index_writer(config)) as writer:
        writer.put([scored(1)])
    with closing(open_index_reader(config)) as index:
        assert index.count(Query()) == 1
    with closing(open_event_writer(config)) as events:
        events.put([happened(1, 1)])
    with closing(open_event_reader(config)) as told:
        assert list(told.cases()) == [happened(1, 1)]
    assert sorted(path.name for path in config.var.glob("*.db")) == ["index.db", "log.db"]


def test_a_whole_topic_is_read_from_its_beginning_each_time(config: StreamConfig) -> None:
    apply_topics(config)
    with closing(open_producer(config, CLOCK)) as producer:
        producer.publish([Message(RAW, str(number), b"%d" % number) for number in range(20)])
    for _ in range(2):
        with whole_topic(config, RAW) as (consumer, admin):
            kept = sum(end - start for start, end in admin.ends(RAW).values())
            assert kept == 20
            assert {int(record.value or b"") for record in consumer.poll(100, 0.0)} == set(range(20))
            assert all(one.group != "look" for one in admin.progress())


def test_files_lie_where_the_lines_say(tmp_path: Path) -> None:
    config = StreamConfig(var=tmp_path / "a" / "b", log="sqlite:l", index="sqlite:i", state="sqlite:s")
    apply_topics(config)
    open_index_writer(config).close()
    open_state_engine(config).dispose()
    assert {"l", "i", "s"} <= {path.name for path in config.var.iterdir()}


def test_the_next_embedded_index_is_the_one_in_use(config: StreamConfig) -> None:
    with closing(open_next_index(config)) as version:
        version.writer.put([scored(1)])
        assert version.number == 1
    with closing(open_index_reader(config)) as reader, closing(open_index_admin(config)) as care:
        assert reader.count(Query()) == 1
        assert "nothing to do" in care.migrate(CLOCK.now())


def test_a_file_has_no_administrator(config: StreamConfig) -> None:
    with pytest.raises(ConfigError, match="a file knows no rights"):
        open_index_rights(config)


def test_another_state_is_opened_as_it_is_and_never_made(config: StreamConfig) -> None:
    with pytest.raises(Rejected, match=r"old\.db"):
        open_state_as_it_is(config, "sqlite:old.db")
    assert not (config.var / "old.db").exists()
    (config.var / "old.db").touch()
    with disposing(open_state_as_it_is(config, "sqlite:old.db")) as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


@pytest.mark.parametrize(("address", "password"), [("wenfeng", "secret"), ("other", None)])
def test_the_password_is_for_the_state_of_this_installation_alone(
    tmp_path: Path, address: str, password: str | None
) -> None:
    server = "postgresql+psycopg://wenfeng@127.0.0.1:1/"
    config = StreamConfig(var=tmp_path, state=server + "wenfeng", state_password=SecretStr("secret"))
    with disposing(open_state_as_it_is(config, server + address)) as engine:
        assert engine.url.password == password
