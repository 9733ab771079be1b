"""Elasticsearch: the small distribution its makers publish for integration tests, the real server with few modules."""

import os
import re
from http.client import HTTPException
from pathlib import Path
from shutil import which
from urllib.request import urlopen
from zipfile import ZipFile

from scripts.engines.maven import fetch
from scripts.engines.pins import ELASTIC_ZIP
from scripts.engines.process import Broken, Server, ports_of

_SETTINGS = """\
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
path.repo: {folder}/snapshots
xpack.security.enabled: false
cluster.info.update.interval: 10s
cluster.routing.allocation.disk.watermark.low: 300mb
cluster.routing.allocation.disk.watermark.high: 200mb
cluster.routing.allocation.disk.watermark.flood_stage: 100mb
"""


def start(folder: Path, version: str) -> str:
    """Fetches, unpacks and starts what of it is not yet; returns its address as stream.yml writes it."""
    home = folder / f"elasticsearch-{version}"
    if not (home / "unpacked").exists():
        _unpack(folder, version)
        (home / "unpacked").touch()
    port, transport = ports_of(folder, 2)
    settings = _SETTINGS.format(port=port, transport=transport, folder=folder)
    (home / "config" / "elasticsearch.yml").write_text(settings)
    (folder / "tmp").mkdir(exist_ok=True)  # may not hold the program itself: the server refuses such a place
    environ = {"ES_JAVA_HOME": _java_home(), "ES_JAVA_OPTS": "-Xms512m -Xmx512m", "ES_TMPDIR": str(folder / "tmp")}
    command = [str(home / "bin" / "elasticsearch"), "-d", "-p", str(folder / "pid")]  # without -d a second JVM stays
    Server(folder).start(command, lambda: _answers(port), environ=environ, writes_pid=True)
    return f"http://127.0.0.1:{port}"


def _unpack(folder: Path, version: str) -> None:
    fetch([ELASTIC_ZIP.format(version=version)], folder)
    archive = folder / f"elasticsearch-{version}.zip"
    with ZipFile(archive) as files:
        files.extractall(folder)
    archive.unlink()
    home = folder / f"elasticsearch-{version}"
    for tool in (home / "bin").iterdir():
        tool.chmod(0o755)
    options = home / "config" / "jvm.options"
    told = options.read_text("utf-8").replace("-XX:+UseG1GC", "-XX:+UseSerialGC")
    options.write_text(re.sub(r"(?m)^.*-Xlog:gc.*$", "", told), "utf-8")


def _java_home() -> str:
    if (java := which("java")) is None:
        raise Broken("java is missing: install Java 17 (Debian: apt install openjdk-17-jdk-headless)")
    return str(Path(os.path.realpath(java)).parents[1])


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
