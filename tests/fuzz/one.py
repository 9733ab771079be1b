"""One target in a process of its own: `python -m tests.fuzz.one NAME EXECUTIONS ENGINE FOLDER`.

A finding is kept and the run goes on; the report is one line of JSON, written when the executions are done. A crash of
the interpreter itself leaves no report, and the input that did it in `last`.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

LIMIT = 10.0  # seconds of processor time for one input: beyond it is a finding too
LONGEST = 20_000  # bytes that atheris may try


class Slow(BaseException):
    """Raised in a target that takes too long; not an `Exception`, so that nothing within swallows it."""


class Watched:
    """A target under watch: counts, times out, and keeps each kind of failure once."""

    def __init__(self, run: Callable[[bytes], None], folder: Path, executions: int) -> None:
        self._run = run
        self._folder = folder
        self._left = executions
        self._last = open(folder / "last", "wb", buffering=0)  # noqa: SIM115 - open as long as the process is
        self.executions = 0
        self.findings: dict[str, str] = {}
        self.began = time.perf_counter()
        self._cpu = time.process_time()
        signal.signal(signal.SIGPROF, self._too_slow)

    def __call__(self, data: bytes) -> None:
        self._last.seek(0)
        self._last.truncate()
        self._last.write(data)
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        try:
            self._run(data)
        except (Exception, Slow) as error:
            self._keep(data, error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.executions += 1
        if self.executions >= self._left:
            self.report()

    def report(self) -> None:
        """Writes the report and ends the process at once: atheris never returns."""
        told: dict[str, Any] = {
            "executions": self.executions,
            "seconds": time.perf_counter() - self.began,
            "processor": time.process_time() - self._cpu,
            "findings": self.findings,
        }
        (self._folder / "report.json").write_text(json.dumps(told, ensure_ascii=False))
        os._exit(0)

    def _keep(self, data: bytes, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = next((one for one in reversed(frames) if "site-packages" not in one.filename), frames[-1])
        kind = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        if kind not in self.findings:
            self.findings[kind] = f"{error}".encode("utf-8", "replace").decode()[:300]
            (self._folder / f"finding-{len(self.findings)}").write_bytes(data)

    @staticmethod
    def _too_slow(_number: int, _frame: FrameType | None) -> None:
        raise Slow(f"more than {LIMIT:g} s")


def guided(name: str, executions: int, folder: Path) -> None:
    """By atheris, which sees which branches of our code an input took and goes on from those that took new ones."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["stream", "crawlers", "nlp", "alerts"]):
        target = import_module("tests.fuzz.targets").TARGETS[name]
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = "".join('"' + "".join(f"\\x{byte:02x}" for byte in word[:60]) + '"\n' for word in target.words)
    (folder / "words").write_text(words)
    options = ["-rss_limit_mb=4096", f"-max_len={LONGEST}", f"-dict={folder / 'words'}", "-verbosity=0", "-timeout=300"]
    atheris.Setup(
        [sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)], Watched(target.run, folder, executions)
    )
    atheris.Fuzz()


def drawn(name: str, executions: int, folder: Path) -> None:
    """By hypothesis, in rounds: it keeps what it tried, and a round ends early where it has nothing new."""
    hypothesis, inputs = import_module("hypothesis"), import_module("tests.fuzz.drawing").inputs
    target = import_module("tests.fuzz.targets").TARGETS[name]
    watched = Watched(target.run, folder, executions)
    everything = list(hypothesis.HealthCheck)
    round_ = hypothesis.settings(max_examples=2000, database=None, deadline=None, suppress_health_check=everything)
    while True:
        act = hypothesis.seed(random.getrandbits(64))(
            round_(hypothesis.given(inputs(target))(lambda data: watched(data)))
        )
        act()


if __name__ == "__main__":
    engine = {"atheris": guided, "hypothesis": drawn}[sys.argv[3]]
    engine(sys.argv[1], int(sys.argv[2]), Path(sys.argv[4]))
