"""A server as a process of its own: started once, found again by its pid, ended by it."""

import os
import pwd
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import chown

PATIENCE = 300.0  # seconds for a server to answer; the slowest needs ten alone on two cores, minutes on busy ones
GUEST = "nobody"  # who runs the servers when root starts them: two of three refuse root


class Broken(Exception):
    """Raised when an engine cannot be fetched, started or stopped; says what to do."""


@dataclass(frozen=True)
class Server:
    """One engine's folder under var/engines; its processes are known by that folder in their command lines."""

    folder: Path

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    def pid(self) -> int | None:
        """The running server's process, or None."""
        try:
            pid = int((self.folder / "pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.folder) in words else None

    def start(
        self,
        command: Sequence[str],
        answers: Callable[[], bool],
        *,
        environ: Mapping[str, str] | None = None,
        writes_pid: bool = False,
    ) -> None:
        """Starts the server, unless it runs, and waits until it answers."""
        process = None
        if self.pid() is None:
            (self.folder / "pid").unlink(missing_ok=True)
            process = self._launch(command, environ or {})
            if not writes_pid:
                (self.folder / "pid").write_text(str(process.pid))
        until = time.monotonic() + PATIENCE
        while not answers():
            ended = self.pid() is None and (process is None or process.poll() is not None)
            if ended or time.monotonic() > until:
                raise Broken(f"{self.folder.name} does not answer; the end of {self.log}:\n{self._last_words()}")
            time.sleep(0.1)
        if process is not None:
            process.returncode = 0  # it, or what it launched, is to outlive us: no warning that nobody waited for it

    def stop(self) -> bool:
        """Ends the server as it likes to be ended, after 20 s without mercy; False if it did not run."""
        if (pid := self.pid()) is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
            until = time.monotonic() + 20
            while not _ended(pid):  # its words are gone before its sockets are
                if time.monotonic() > until:
                    if self.pid() is None:
                        break  # the number is another's by now
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.05)
        (self.folder / "pid").unlink(missing_ok=True)
        return True

    def _launch(self, command: Sequence[str], environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        give_to_guest(self.folder)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*as_guest(), *command],
                cwd=self.folder,
                env=os.environ | environ,
                start_new_session=True,  # Ctrl-C at our terminal is not meant for it
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _last_words(self) -> str:
        return self.log.read_text("utf-8", "replace")[-2000:] if self.log.exists() else ""


def as_guest() -> list[str]:
    """The words before a command that make it run as an ordinary user where we are root."""
    return ["setpriv", f"--reuid={GUEST}", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


def give_to_guest(folder: Path) -> None:
    """Makes `folder` the guest's where we are root; refuses a place that he cannot reach."""
    if os.geteuid() != 0:
        return
    closed = [parent for parent in folder.parents if not parent.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise Broken(f"{GUEST}, who runs the engines for root, cannot enter {closed[0]}: chmod o+x {closed[0]}")
    guest = pwd.getpwnam(GUEST)
    for path in (folder, *folder.rglob("*")):
        if path.stat().st_uid != guest.pw_uid:
            chown(path, guest.pw_uid, guest.pw_gid)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody uses now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def ports_of(folder: Path, count: int) -> list[int]:
    """The ports of the engine in `folder`: chosen once, lest checkouts on one machine meet, and kept."""
    kept = folder / "ports"
    ports = kept.read_text().split() if kept.exists() else []
    ports += map(str, free_ports(count - len(ports)))
    kept.write_text(" ".join(ports))
    return [int(port) for port in ports]


def _ended(pid: int) -> bool:
    """Gone, or a zombie whose parent does not look."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
