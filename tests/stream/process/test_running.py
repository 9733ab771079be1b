"""Which stages run is told from what they leave behind, whatever happened to them."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.process.alive import Alive
from stream.process.holders import holder
from stream.process.running import LATE, STAGES, Signs, StageState, judge, read_signs, registered

NOW = datetime(2026, 9, 21, 4, tzinfo=UTC)
YOUNG, OLD = NOW - LATE, NOW - LATE - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("signs", "state"),
    [
        (Signs(), StageState.NEVER),
        (Signs(last=OLD), StageState.STOPPED),
        (Signs(last=YOUNG), StageState.STOPPED),
        (Signs(started=(YOUNG,)), StageState.RUNNING),
        (Signs(started=(OLD,)), StageState.LATE),
        (Signs(started=(OLD,), last=YOUNG), StageState.RUNNING),
        (Signs(started=(OLD,), last=OLD), StageState.LATE),
        (Signs(started=(OLD, YOUNG), last=OLD), StageState.RUNNING),
        (Signs(elsewhere=1, last=YOUNG), StageState.RUNNING),
        (Signs(elsewhere=1, last=OLD), StageState.LATE),
        (Signs(elsewhere=1), StageState.LATE),
    ],
    ids=str,
)
def test_a_stage_is_judged_by_its_signs(signs: Signs, state: StageState) -> None:
    assert judge(signs, NOW) is state


@given(
    st.lists(st.datetimes(timezones=st.just(UTC)), max_size=3),
    st.integers(0, 2),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_only_what_has_a_process_can_run_or_be_late(
    started: list[datetime], elsewhere: int, last: datetime | None
) -> None:
    state = judge(Signs(started=tuple(started), elsewhere=elsewhere, last=last), NOW)
    assert (state in (StageState.RUNNING, StageState.LATE)) == bool(started or elsewhere)


def test_a_process_is_noted_while_it_runs_and_not_after(tmp_path: Path) -> None:
    assert read_signs(tmp_path, "index") == Signs()
    with registered(tmp_path, "index"):
        signs = read_signs(tmp_path, "index")
        assert len(signs.started) == 1
        assert datetime.now(UTC) - signs.started[0] < timedelta(minutes=1)
        assert read_signs(tmp_path, "score") == Signs()
    assert read_signs(tmp_path, "index") == Signs()


def test_a_process_that_crashes_is_not_noted_any_more(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), registered(tmp_path, "index"):
        raise RuntimeError
    assert read_signs(tmp_path, "index") == Signs()


def note(folder: Path, name: str, content: str) -> Path:
    (folder / "running").mkdir(exist_ok=True)
    path = folder / "running" / name
    path.write_text(content, "utf-8")
    return path


def ended_process() -> str:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return f"{holder().rpartition(' ')[0]} {gone.pid}"


def test_what_a_killed_process_left_counts_for_nothing_and_is_cleared_away(tmp_path: Path) -> None:
    left = note(tmp_path, "index.0.1", ended_process())
    assert read_signs(tmp_path, "index") == Signs()
    with registered(tmp_path, "index"):
        assert not left.exists()
        assert len(read_signs(tmp_path, "index").started) == 1


def test_processes_of_one_stage_are_counted_together(tmp_path: Path) -> None:
    note(tmp_path, "score.0.2", holder())
    with registered(tmp_path, "score"):
        assert len(read_signs(tmp_path, "score").started) == 2


def test_what_another_machine_left_is_counted_and_never_cleared_away(tmp_path: Path) -> None:
    far = note(tmp_path, "score.1.1", "another-machine 1")
    with registered(tmp_path, "score"):
        signs = read_signs(tmp_path, "score")
    assert (len(signs.started), signs.elsewhere) == (1, 1)
    assert far.exists()


def test_a_note_that_is_gone_or_empty_is_no_process(tmp_path: Path) -> None:
    note(tmp_path, "score.1.1", "")
    assert read_signs(tmp_path, "score") == Signs()


def test_the_last_sign_is_that_of_the_last_round(tmp_path: Path) -> None:
    Alive(tmp_path, "index")()
    os.utime(tmp_path / "alive" / "index", (0, NOW.timestamp()))
    assert read_signs(tmp_path, "index").last == NOW


def test_one_stage_is_not_taken_for_another_whose_name_it_begins(tmp_path: Path) -> None:
    with registered(tmp_path, "scores"):
        assert read_signs(tmp_path, "score") == Signs()


def test_the_health_check_of_a_container_is_not_misled_by_notes(tmp_path: Path) -> None:
    with registered(tmp_path, "index"):
        assert not (tmp_path / "alive").exists()


def test_the_supervisor_starts_the_stages_and_the_console() -> None:
    supervisor = Path("configs/supervisord.conf").read_text("utf-8")
    programs = [line[9:-1] for line in supervisor.splitlines() if line.startswith("[program:")]
    assert {"score" if name == "nlp" else name for name in programs} == {*STAGES, "console", "reception"}
