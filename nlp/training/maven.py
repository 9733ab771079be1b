"""Files of the Java world, fetched by `mvn` from wherever it is set up to fetch."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from shutil import which
from xml.sax.saxutils import escape

from stream.errors import WenfengError

COPY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"  # Maven 3.8's own choice, 2.8, is too old

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>wenfeng</groupId><artifactId>engine</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>{}</dependencies>
</project>
"""


class NotFetched(WenfengError):
    """Raised when what was asked for cannot be had, or is not what was pinned; says what to do."""


def fetch(
    artifacts: Sequence[str], folder: Path, sums: Mapping[str, str] | None = None, *, alone: bool = False
) -> None:
    """Put `group:name:version[:type]` into `folder`, and all they need unless they are wanted `alone`.

    A file of a wrong checksum is refused: the registry's is asked for, or `sums`, SHA-256 by the name of the file.
    Raises NotFetched.
    """
    if which("mvn") is None:
        raise NotFetched(
            "mvn is missing: install Maven and Java 17 (Debian: apt install maven openjdk-17-jdk-headless)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    pom = folder / "pom.xml"
    pom.write_text(_POM.format("".join(map(_dependency, artifacts))), "utf-8")
    strict = [] if sums else ["-C"]
    command = ["mvn", "-B", *strict, "-f", str(pom), f"{COPY_PLUGIN}:copy-dependencies", "-DincludeScope=runtime"]
    command += [f"-DoutputDirectory={folder.resolve()}", f"-DexcludeTransitive={str(alone).lower()}"]
    seen = sys.stderr.isatty()  # a person sees Maven count; a log gets its words only if it fails
    done = subprocess.run(command, check=False, stdout=None if seen else subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise NotFetched(f"mvn could not fetch {', '.join(artifacts)}:\n{(done.stdout or b'').decode()[-3000:]}")
    for name, wanted in (sums or {}).items():
        with (folder / name).open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != wanted:
                raise NotFetched(f"{folder / name} is not the file that was pinned: remove it and try again")


def _dependency(artifact: str) -> str:
    group, name, version, kind = (*artifact.split(":"), "jar")[:4]
    tags = {"groupId": group, "artifactId": name, "version": version, "type": kind}
    return "<dependency>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in tags.items()) + "</dependency>"
