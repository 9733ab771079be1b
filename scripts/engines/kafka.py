"""Apache Kafka, one node that is broker and controller, as its jars."""

import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path
from uuid import uuid4

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from scripts.engines.maven import fetch
from scripts.engines.pins import KAFKA_JARS
from scripts.engines.process import Server, as_guest, give_to_guest, ports_of

_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
min.insync.replicas=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""  # the last two: the controller lets a killed broker come back after 3 s instead of 9

_LOGGING = """\
status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m (%c)%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""


def start(folder: Path) -> str:
    """Fetches, formats and starts what of it is not yet; returns its address as stream.yml writes it."""
    server, jars, settings = Server(folder), folder / "jars", folder / "server.properties"
    if not (jars / "fetched").exists():
        fetch(KAFKA_JARS, jars)
        (jars / "fetched").touch()
    port, controller = ports_of(folder, 2)
    java = ["java", "-cp", f"{jars}/*"]
    if not (folder / "data" / "meta.properties").exists():
        settings.write_text(_SETTINGS.format(port=port, controller=controller, data=folder / "data"))
        (folder / "log4j2.properties").write_text(_LOGGING)
        _format(folder, [*java, "kafka.tools.StorageTool"])
    java += ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=128m"]
    java += [f"-Dlog4j2.configurationFile={folder}/log4j2.properties"]
    server.start([*java, "kafka.Kafka", str(settings)], lambda: _answers(port))
    return f"kafka://127.0.0.1:{port}"


def _format(folder: Path, tool: list[str]) -> None:
    name = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    give_to_guest(folder)
    command = [*as_guest(), *tool, "format", "--standalone", "-t", name, "-c", str(folder / "server.properties")]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


def _answers(port: int) -> bool:
    try:
        admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=1000)
    except KafkaError:
        return False
    admin.close()
    return True
