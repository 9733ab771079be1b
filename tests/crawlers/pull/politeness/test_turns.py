import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from structlog.testing import capture_logs

from crawlers.pull.politeness.turns import turn


@pytest.fixture
def other(tmp_path: Path) -> Thread:
    """A crawl of bbs.example.com that notes in `began` when its turn comes; not started."""

    def crawl() -> None:
        with turn(tmp_path, "bbs.example.com"):
            (tmp_path / "began").touch()

    return Thread(target=crawl, daemon=True)


def test_a_second_crawl_of_a_host_waits_for_the_first_and_says_so(tmp_path: Path, other: Thread) -> None:
    waiting = Event()
    with capture_logs(processors=[lambda _, __, told: waiting.set() or told]) as told:
        with turn(tmp_path, "bbs.example.com"):
            other.start()
            assert waiting.wait(30)
            assert not (tmp_path / "began").exists()
        other.join(30)
    assert (tmp_path / "began").exists()
    assert [line["host"] for line in told] == ["bbs.example.com"]


def test_crawls_of_other_hosts_do_not_wait(tmp_path: Path, other: Thread) -> None:
    with turn(tmp_path, "www.example.com/../bbs.example.com"):
        other.start()
        other.join(30)
        assert (tmp_path / "began").exists()


def test_the_turn_of_a_crawl_that_was_killed_is_free(tmp_path: Path, other: Thread) -> None:
    holding = "import sys, time, pathlib; from crawlers.pull.politeness.turns import turn\n"
    holding += "with turn(pathlib.Path(sys.argv[1]), 'bbs.example.com'): print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", holding, str(tmp_path)], stdout=subprocess.PIPE) as crawl:
        assert crawl.stdout is not None
        crawl.stdout.readline()
        other.start()
        crawl.kill()
    other.join(30)
    assert (tmp_path / "began").exists()
