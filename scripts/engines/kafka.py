"""Apache Kafka, one node that is broker and controller, as its jars."""

import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path
from uuid import uuid4

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from nlp.training.maven import fetch
from scripts.engines.certificates import certify
from scripts.engines.pins import KAFKA_JARS
from scripts.engines.process import Server, as_guest, give_to_guest, ports_of

PASSWORD = "for tests on the loopback alone"

_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{guarded},CONTROLLER://127.0.0.1:{controller},\
  PROXIED://127.0.0.1:{behind}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{guarded},PROXIED://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location={folder}/key.pem
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
  user_wenfeng="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs={folder}/data
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
    port, controller, guarded, behind, proxy = ports_of(folder, 5)
    places = {"port": port, "controller": controller, "guarded": guarded, "behind": behind, "proxy": proxy}
    settings.write_text(_SETTINGS.format(folder=folder, password=PASSWORD, **places))
    (folder / "log4j2.properties").write_text(_LOGGING)
    if not (folder / "key.pem").exists():
        certify(folder)
        (folder / "key.pem").write_text((folder / "private.pem").read_text() + (folder / "cert.pem").read_text())
    java = ["java", "-cp", f"{jars}/*"]
    if not (folder / "data" / "meta.properties").exists():
        _format(folder, [*java, "kafka.tools.StorageTool"])
    java += ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=128m"]
    java += [f"-Dlog4j2.configurationFile={folder}/log4j2.properties"]
    server.start([*java, "kafka.Kafka", str(settings)], lambda: _answers(port))
    return f"kafka://127.0.0.1:{port}"


def guarded(folder: Path, mechanism: str = "PLAIN") -> str:
    """The same broker's address for those who want TLS and a login; the password is `PASSWORD`."""
    login = f"security_protocol=SASL_SSL&sasl_mechanism={mechanism}&sasl_plain_username=wenfeng"
    return f"kafka://127.0.0.1:{ports_of(folder, 3)[2]}?{login}&ssl_cafile={folder}/cert.pem"


def proxied(folder: Path) -> tuple[int, int]:
    """Where the same broker listens for a proxy, and where it tells clients of that listener to find it."""
    behind, proxy = ports_of(folder, 5)[3:]
    return behind, proxy


def _format(folder: Path, tool: list[str]) -> None:
    name = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    give_to_guest(folder)
    command = [*as_guest(), *tool, "format", "--standalone", "-t", name, "-c", str(folder / "server.properties")]
    command += ["--add-scram", f"SCRAM-SHA-512=[name=wenfeng,password={PASSWORD}]"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


def _answers(port: int) -> bool:
    try:
        admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=1000)
    except KafkaError:
        return False
    admin.close()
    return True
