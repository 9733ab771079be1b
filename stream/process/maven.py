"""Files of the Java world, fetched by `mvn` from wherever it is set up to fetch."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from shutil import which
from xml.sax.saxutils import escape

from scripts.engines.pins import COPY_PLUGIN
from scripts.engines.process import Broken

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>wenfeng</groupId><artifactId>engine</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>{}</dependencies>
</project>
"""


def fetch(artifacts: Sequence[str], folder: Path, sums: Mapping[str, str] | None = None) -> None:
    """Puts `group:name:version[:type]` and all they need into `folder`; a file of a wrong checksum is refused.

    The registry's checksum is asked for, or where it keeps none, `sums`: SHA-256 by the name of the file.
    """
    if which("mvn") is None:
        raise Broken("mvn is missing: install Maven and Java 17 (Debian: apt install maven openjdk-17-jdk-headless)")
    folder.mkdir(parents=True, exist_ok=True)
    pom = folder / "pom.xml"
    pom.write_text(_POM.format("".join(map(_dependency, artifacts))), "utf-8")
    strict = [] if sums else ["-C"]
    command = ["mvn", "-B", *strict, "-f", str(pom), f"{COPY_PLUGIN}:copy-dependencies", "-DincludeScope=runtime"]
    command.append(f"-DoutputDirectory={folder.resolve()}")
    seen = sys.stderr.isatty()  # a person sees Maven count; a log gets its words only if it fails
    done = subprocess.run(command, check=False, stdout=None if seen else subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Broken(f"mvn could not fetch {', '.join(artifacts)}:\n{(done.stdout or b'').decode()[-3000:]}")
    for name, wanted in (sums or {}).items():
        with (folder / name).open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != wanted:
                raise Broken(f"{folder / name} is not the file that was pinned: remove it and try again")


def _dependency(artifact: str) -> str:
    group, name, version, kind = (*artifact.split(":"), "jar")[:4]
    tags = {"groupId": group, "artifactId": name, "version": version, "type": kind}
    return "<dependency>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in tags.items()) + "</dependency>"
