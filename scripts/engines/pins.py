"""What is fetched: the one place that names versions. Maven checks each file against the registry's checksum."""

KAFKA = "4.3.1"
ELASTIC = "8.19.21"
POSTGRES = "15.13.0"  # where Debian's own is not installed

KAFKA_JARS = (
    f"org.apache.kafka:kafka_2.13:{KAFKA}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",  # Kafka speaks slf4j 1.7, hence not log4j-slf4j2-impl
)
ELASTIC_ZIP = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:{version}:zip"
POSTGRES_JAR = "io.zonky.test.postgres:embedded-postgres-binaries-linux-{machine}:" + POSTGRES
ELASTIC_SUMS = {"9.5.3": "bec49f3b8d00e75c8d1cec85c35298635ec9fbd3ae80ef5aeb6bc05abdb3db2d"}  # the registry has none
MACHINES = {"x86_64": "amd64", "aarch64": "arm64v8"}
