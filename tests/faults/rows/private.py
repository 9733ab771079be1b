"""Engines of one test run's own, to be killed and bent: the programs that `make engines` fetched, in folders apart."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from secrets import token_hex

from scripts.engines.elastic import start as start_elastic
from scripts.engines.kafka import start as start_kafka
from scripts.engines.pins import ELASTIC
from scripts.engines.postgres import start as start_postgres
from scripts.engines.process import Broken, Server
from tests.engines import engine

ROOT = Path(__file__).parents[3]
FETCHED = ROOT / "var" / "engines"
HOME = ROOT / "var" / "faults"


class PrivateEngine:
    """A server that nobody else uses. `address` is as stream.yml writes it, and stays the same over its deaths."""

    def __init__(self, folder: Path, start: Callable[[Path], str]) -> None:
        self.folder = folder
        self._server, self._start = Server(folder), start
        self.address = start(folder)

    def kill(self) -> None:
        """kill -9: nothing is flushed, nobody is told."""
        pid = self._signal(signal.SIGKILL)
        with suppress(ChildProcessError):  # a child of ours would stay a zombie, which PostgreSQL takes for alive
            os.waitpid(pid, 0)
        while self._server.pid() is not None:
            time.sleep(0.01)

    def start(self) -> None:
        """Starts it again where it was; a lock of the dead may stand for a second."""
        for _ in range(20):
            with suppress(Broken):
                self._start(self.folder)
                return
            time.sleep(0.5)
        raise AssertionError(f"{self.folder.name} does not come back")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stopped in the middle of whatever it does, and let go on."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    @contextmanager
    def dead(self) -> Iterator[None]:
        """Killed, and started again at the end."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @property
    def runs(self) -> bool:
        return self._server.pid() is not None

    def _signal(self, number: signal.Signals) -> int:
        pid = self._server.pid()
        assert pid is not None, f"{self.folder.name} does not run"
        os.kill(pid, number)
        return pid


@contextmanager
def private(name: str, prepare: Callable[[Path], None] = lambda _: None) -> Iterator[PrivateEngine]:
    """An engine of ours alone, gone without a trace at the end; skipped where `make engines` was not."""
    engine(
        {"kafka": "WENFENG_TEST_KAFKA", "elastic": "WENFENG_TEST_ELASTIC", "postgres": "WENFENG_TEST_POSTGRES"}[name]
    )
    folder = HOME / token_hex(4) / name
    folder.mkdir(parents=True)
    _lend_programs(name, folder)
    prepare(folder)
    starts = {"kafka": start_kafka, "elastic": partial(start_elastic, version=ELASTIC), "postgres": start_postgres}
    try:
        yield PrivateEngine(folder, starts[name])
    finally:
        Server(folder).stop()
        shutil.rmtree(folder.parent, ignore_errors=True)


def _lend_programs(name: str, folder: Path) -> None:
    """What was fetched before is fetched again only where it is not to be found."""
    if name == "kafka" and (jars := FETCHED / "kafka" / "jars").exists():
        (folder / "jars").symlink_to(jars.resolve())
    home = f"elasticsearch-{ELASTIC}"
    if name == "elastic" and (there := FETCHED / f"elastic-{ELASTIC}" / home).exists():
        shutil.copytree(there, folder / home, copy_function=_link, ignore=shutil.ignore_patterns("config", "logs"))
        shutil.copytree(there / "config", folder / home / "config")
        (folder / home / "logs").mkdir()


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
