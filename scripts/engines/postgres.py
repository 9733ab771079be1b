"""PostgreSQL: Debian's where it is installed, else the binaries published for Maven."""

import platform
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from psycopg import OperationalError, connect

from nlp.training.maven import fetch
from scripts.engines.certificates import certify
from scripts.engines.pins import MACHINES, POSTGRES_JAR
from scripts.engines.process import Broken, Server, as_guest, give_to_guest, ports_of

_DEBIAN = Path("/usr/lib/postgresql")
_STRICT = "hostssl all +guarded 127.0.0.1/32 scram-sha-256\nhost all +guarded 127.0.0.1/32 reject\n"  # the rest: trust


def start(folder: Path) -> str:
    """Fetches, initialises and starts what of it is not yet; returns its address as stream.yml writes it."""
    programs, data = _programs(folder), folder / "data"
    (port,) = ports_of(folder, 1)
    if not (data / "PG_VERSION").exists():
        give_to_guest(folder)
        command = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*as_guest(), *command], check=True, capture_output=True, cwd=folder)
        rules = data / "pg_hba.conf"
        rules.write_text(_STRICT + rules.read_text("utf-8"), "utf-8")
    if not (folder / "cert.pem").exists():
        certify(folder)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_buffers": "32MB"}
    settings |= {"fsync": "off", "full_page_writes": "off"}  # a killed process loses nothing by it, and nobody keeps it
    settings |= {"ssl": "on", "ssl_cert_file": f"{folder}/cert.pem", "ssl_key_file": f"{folder}/private.pem"}
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    Server(folder).start(command, lambda: _answers(port))
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def authority(folder: Path) -> Path:
    """Whom to trust for TLS. Members of the role `guarded` get in by that and their password alone."""
    return folder / "cert.pem"


def _programs(folder: Path, debian: Path = _DEBIAN) -> Path:
    """Where initdb and postgres lie; the newest of Debian's."""
    installed = sorted(debian.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return installed[-1].parent if installed else _unpacked(folder)


def _unpacked(folder: Path) -> Path:
    home = folder / "programs"
    if not (home / "bin" / "initdb").exists():
        if platform.machine() not in MACHINES:
            raise Broken(f"no PostgreSQL is published for {platform.machine()}: install the system's own")
        fetch([POSTGRES_JAR.format(machine=MACHINES[platform.machine()])], folder)
        (jar,) = folder.glob("embedded-postgres-*.jar")
        with ZipFile(jar) as files:
            (name,) = [name for name in files.namelist() if name.endswith(".txz")]
            with tarfile.open(fileobj=BytesIO(files.read(name)), mode="r:xz") as tree:
                tree.extractall(home, filter="data")
        jar.unlink()
    return home / "bin"


def _answers(port: int) -> bool:
    try:
        connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=3).close()
    except OperationalError:
        return False
    return True
