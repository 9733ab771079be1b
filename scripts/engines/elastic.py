"""Elasticsearch: the small distribution its makers publish for integration tests, the real server with few modules.

Security is switched on, so that roles and keys can be tried: whoever gives no login may do everything, as the rest of
the tests expect, and whoever gives one may do what it allows.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from shutil import rmtree, which
from typing import NamedTuple
from urllib.request import urlopen
from zipfile import ZipFile

from nlp.training.maven import fetch
from scripts.engines.pins import ELASTIC_SUMS, ELASTIC_ZIP
from scripts.engines.process import Broken, Server, ports_of

JDKS = Path("/usr/lib/jvm")
ADMINISTRATOR, PASSWORD = "administrator", "known-to-everybody"  # of a server that only this machine reaches
_SETTINGS = """\
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
path.repo: {folder}/snapshots
xpack.security.enabled: true
xpack.security.autoconfiguration.enabled: false
xpack.security.http.ssl.enabled: false
xpack.security.authc.anonymous.username: anybody
xpack.security.authc.anonymous.roles: superuser
cluster.info.update.interval: 10s
cluster.routing.allocation.disk.watermark.low: 300mb
cluster.routing.allocation.disk.watermark.high: 200mb
cluster.routing.allocation.disk.watermark.flood_stage: 100mb
"""
_PLUGIN = """\
name=wenfeng-security-filters
description=What the small distribution lacks of the index of users and keys
version=1
classname=wenfeng.SecurityFilters
java.version={java}
elasticsearch.version={version}
"""


def start(folder: Path, version: str) -> str:
    """Fetches, unpacks and starts what of it is not yet; returns its address as stream.yml writes it."""
    home, java = folder / f"elasticsearch-{version}", _java_of(version)
    if not (home / "prepared").exists():
        rmtree(home, ignore_errors=True)
        _unpack(folder, version, java)
        (home / "prepared").touch()
    port, transport = ports_of(folder, 2)
    settings = _SETTINGS.format(port=port, transport=transport, folder=folder)
    (home / "config" / "elasticsearch.yml").write_text(settings)
    (folder / "tmp").mkdir(exist_ok=True)  # may not hold the program itself: the server refuses such a place
    environ = {
        "ES_JAVA_HOME": str(java.home),
        "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
        "ES_TMPDIR": str(folder / "tmp"),
    }
    command = [str(home / "bin" / "elasticsearch"), "-d", "-p", str(folder / "pid")]  # without -d a second JVM stays
    Server(folder).start(command, lambda: _answers(port), environ=environ, writes_pid=True)
    return f"http://127.0.0.1:{port}"


class Java(NamedTuple):
    """A JDK, and the release of Java that the server and its plugin are held to."""

    home: Path
    release: int


def _unpack(folder: Path, version: str, java: Java) -> None:
    archive = folder / f"elasticsearch-{version}.zip"
    sums = {archive.name: ELASTIC_SUMS[version]} if version in ELASTIC_SUMS else None
    fetch([ELASTIC_ZIP.format(version=version)], folder, sums)
    with ZipFile(archive) as files:
        files.extractall(folder)
    archive.unlink()
    home = folder / f"elasticsearch-{version}"
    for tool in (home / "bin").iterdir():
        tool.chmod(0o755)
    options = home / "config" / "jvm.options"
    told = options.read_text("utf-8").replace("-XX:+UseG1GC", "-XX:+UseSerialGC")
    options.write_text(re.sub(r"(?m)^.*-Xlog:gc.*$", "", told), "utf-8")
    _build_plugin(home, version, java)
    user = [str(home / "bin" / "elasticsearch-users"), "useradd", ADMINISTRATOR, "-p", PASSWORD, "-r", "superuser"]
    _run(user, {"ES_JAVA_HOME": str(java.home)})


def _build_plugin(home: Path, version: str, java: Java) -> None:
    """Compiles elastic_filters/ into the server's folder of plugins."""
    plugin, classes = home / "plugins" / "wenfeng-security-filters", home / "classes"
    plugin.mkdir(parents=True, exist_ok=True)
    sources = map(str, (Path(__file__).parent / "elastic_filters").glob("*.java"))
    tools = java.home / "bin"
    _run([str(tools / "javac"), "--release", str(java.release), "-cp", f"{home}/lib/*", "-d", str(classes), *sources])
    _run([str(tools / "jar"), "--create", "--file", str(plugin / "filters.jar"), "-C", str(classes), "."])
    (plugin / "plugin-descriptor.properties").write_text(_PLUGIN.format(version=version, java=java.release), "utf-8")


def _run(command: list[str], environ: Mapping[str, str] | None = None) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, env=os.environ | (environ or {}))
    except subprocess.CalledProcessError as error:
        raise Broken(f"{command[0]} failed:\n{(error.stdout + error.stderr).decode()[-2000:]}") from error


def _java_of(version: str) -> Java:
    """A JDK that the server runs on: Debian's usual place is searched where PATH has too old a one."""
    least = 17 if int(version.partition(".")[0]) < 9 else 21
    on_path = [Path(os.path.realpath(java)).parents[1]] if (java := which("javac")) else []
    for home in (*on_path, *sorted(JDKS.glob("*"))):
        told = home / "release"
        found = re.search(r'(?m)^JAVA_VERSION="(\d+)', told.read_text("utf-8")) if told.exists() else None
        if found is not None and int(found[1]) >= least and (home / "bin" / "javac").exists():
            return Java(home, least)
    raise Broken(f"no JDK {least} or newer is found: install one (Debian: apt install openjdk-{least}-jdk-headless)")


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
