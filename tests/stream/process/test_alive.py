"""When a stage counts as alive: where a round ended, not where a process merely runs."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Event

from stream.process.alive import Alive
from stream.process.clock import SystemClock
from stream.process.schedule import schedule


def check(var: Path, stage: str) -> bool:
    """The health check of compose.yaml."""
    command = f"find {var}/alive -name {stage} -mmin -3 | grep -q ."
    return subprocess.run(["sh", "-c", command], capture_output=True, check=False).returncode == 0


def test_a_stage_is_alive_after_a_round_and_for_three_minutes(tmp_path: Path) -> None:
    alive = Alive(tmp_path, "index")
    assert not check(tmp_path, "index")
    alive()
    assert check(tmp_path, "index")
    assert not check(tmp_path, "score")
    subprocess.run(["touch", "-d", "4 minutes ago", tmp_path / "alive" / "index"], check=True)
    assert not check(tmp_path, "index")


def beats(job: Callable[[], object]) -> list[int]:
    """What a scheduler tells in a while in which `job` ran once, at once."""
    told: list[int] = []
    ran = Event()

    def once() -> None:
        try:
            job()
        finally:
            ran.set()

    scheduler = schedule(
        {"job": "0 0 1 1 *"}, {"job": once}, now=SystemClock().now(), overdue=["job"], threads=1,
        alive=lambda: told.append(1),
    )  # fmt: skip
    scheduler.start()
    assert ran.wait(10)
    scheduler.modify_job("alive", next_run_time=SystemClock().now())
    done = Event()
    scheduler.add_job(done.set)  # behind it, in the only thread
    assert done.wait(10)
    scheduler.shutdown()
    return told


def test_a_scheduler_is_alive_while_its_jobs_end_well() -> None:
    assert beats(lambda: None) == [1]


def test_a_scheduler_whose_job_fails_is_not() -> None:
    assert beats(lambda: 1 / 0) == []
