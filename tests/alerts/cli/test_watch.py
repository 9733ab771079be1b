"""The rounds of the watcher: alone, and as a process that is told to stop."""

import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from alerts.cli.watch import run_rounds
from stream.errors import Retryable
from tests.alerts.cli.conftest import ROOT, Run


class Rounds:
    """Parts of a round that note that they were asked, in place of a watcher; one of them may be away or broken."""

    def __init__(self, **fails: Exception) -> None:
        self.asked: list[str] = []
        self.stop = Event()
        self._fails = fails

    def _ask(self, part: str) -> None:
        self.asked.append(part)
        if part in self._fails:
            raise self._fails[part]

    def look(self, _now: datetime) -> None:
        self._ask("look")

    def escalate(self, _now: datetime) -> None:
        self._ask("escalate")

    def deliver(self, _now: datetime) -> None:
        self._ask("deliver")

    def tell(self, _now: datetime) -> None:
        self._ask("tell")

    def run(self, every: timedelta | None = None) -> None:
        watcher: Any = self
        run_rounds(watcher, self.tell, every, self.stop, lambda: self.asked.append("looked"))


def test_one_round_is_every_part_once() -> None:
    rounds = Rounds()
    rounds.run()
    assert rounds.asked == ["look", "looked", "escalate", "deliver", "tell"]


def test_a_part_that_is_away_stops_no_other_and_a_look_that_failed_is_none() -> None:
    rounds = Rounds(look=Retryable("the index is away"), tell=Retryable("the log is away"))
    rounds.run()
    assert rounds.asked == ["look", "escalate", "deliver", "tell"]


@pytest.mark.parametrize("part", ["look", "deliver", "tell"])
def test_what_crashes_one_loop_ends_all_of_them(part: str) -> None:
    rounds = Rounds(**{part: ZeroDivisionError()})
    with pytest.raises(ZeroDivisionError):
        rounds.run(timedelta(hours=1))
    assert rounds.stop.is_set()


def test_a_round_opens_a_case_and_sends_its_letter(watched: Run, tmp_path: Path) -> None:
    assert len(list((tmp_path / "letters").glob("*.eml"))) == 1
    assert "停电抢修" in watched("case", "list").stdout


def test_the_watcher_stops_cleanly_on_sigterm(configs: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alerts"]
    watcher = subprocess.Popen(
        [*command, "watch", "--configs", str(configs)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    for _ in range(200):
        if (tmp_path / "log.db").exists():  # opened last
            break
        time.sleep(0.1)
    time.sleep(0.5)
    watcher.send_signal(signal.SIGTERM)
    _, errors = watcher.communicate(timeout=20)
    assert watcher.returncode == 0, errors
