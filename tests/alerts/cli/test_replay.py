"""`replay`, as a person runs it."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from pydantic import TypeAdapter, ValidationError

from alerts.cli.commands import main as cli
from alerts.cli.replay import MOST_BUDGET
from stream.topics import Budget
from tests.alerts.detection.series.offices import MONDAY, drawn, flat

HOUR = timedelta(hours=1)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Four weeks of an hour's posts, an outbreak in the last."""
    drawn_counts = drawn(flat(8.0), 28, HOUR)
    drawn_counts[600:603] = 300.0
    return written(tmp_path, drawn_counts)


def written(folder: Path, counts: np.ndarray) -> Path:
    path = folder / "counts.csv"
    rows = [f"{MONDAY + number * HOUR:%Y-%m-%d %H:%M:%S},{count:g}" for number, count in enumerate(counts)]
    path.write_text("\n".join(["timestamp,count", *rows]), "utf-8")
    return path


def run(*arguments: object, **environ: str) -> Result:
    return CliRunner().invoke(cli, ["replay", "--counts", *map(str, arguments)], env=environ)


def said(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_there_is_a_line_a_row_with_the_time_as_the_file_has_it(counts: Path) -> None:
    found = said(run(counts))
    assert len(found) == 28 * 24
    assert list(found[0]) == ["timestamp", "expected", "score", "state", "alert"]
    assert found[0]["timestamp"] == "2026-08-03 00:00:00"
    told = [one for one in found if one["alert"]]
    assert [one["timestamp"] for one in told] == ["2026-08-28 00:00:00"]
    assert told[0]["state"] == "spike"
    assert told[0]["score"] > 0.5
    assert told[0]["expected"] == pytest.approx(8.0, rel=0.4)


def test_only_falls_are_told_where_only_falls_were_asked_for(counts: Path) -> None:
    assert not any(one["alert"] for one in said(run(counts, "--side", "fall")))
    assert any(one["alert"] for one in said(run(counts, "--side", "rise")))


def test_a_file_with_negatives_tells_rises_of_negatives_by_itself(tmp_path: Path) -> None:
    lines = [f"{MONDAY + number * HOUR:%Y-%m-%dT%H:%M:%S},50,{12 if number == 600 else 0}" for number in range(700)]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(["timestamp,count,negative", *lines]), "utf-8")
    told = [one["timestamp"] for one in said(run(path)) if one["alert"]]
    assert told == ["2026-08-28T00:00:00"]


def test_what_was_left_out_is_said_beside_the_lines(tmp_path: Path) -> None:
    path = written(tmp_path, drawn(flat(5.0), 3, HOUR))
    kept = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*kept[:10], *kept[13:20], kept[19], *kept[20:]]), "utf-8")
    result = run(path)
    assert len(said(result)) == 72 - 3
    assert result.stderr == "left out: 1 hole (3 steps), 1 double (line 18)\n"


def test_a_file_that_cannot_be_used_is_refused_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("timestamp,count\n2026-09-01,5\n2026-09-02,-5\nx,5\n", "utf-8")
    result = run(path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{path}: line 3: count -5 is negative")
    assert f"{path}: line 4: timestamp 'x' is no time" in result.stderr


def test_times_at_which_the_zones_clocks_were_set_are_told_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("timestamp,count\n2026-10-25 01:00,5\n2026-10-25 02:00,5\n2026-10-25 02:00,6\n", "utf-8")
    result = run(path, "--zone", "Europe/Berlin")
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line.split(" exists twice in Europe/Berlin")[0] for line in result.stderr.splitlines()] == [
        f"{path}: line {number}: timestamp 2026-10-25 02:00" for number in (3, 4)
    ]


def test_a_budget_that_the_past_cannot_support_is_warned_of(tmp_path: Path, counts: Path) -> None:
    short = written(tmp_path, drawn(flat(5.0), 10, HOUR))
    assert "has 10.0 days: the threshold rests on what is usual elsewhere" in run(short, "--budget", "0.1").stderr
    assert run(short, "--budget", "0.25").stderr == ""


def test_a_step_that_does_not_divide_a_day_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    rows = [f"{1788220800 + number * 420},5" for number in range(30)]
    path.write_text("\n".join(["timestamp,value", *rows]), "utf-8")
    result = run(path)
    assert len(said(result)) == 30
    assert "a step of 0:07:00 does not divide a day evenly" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--zone", "Peking"], "'Peking' is no time zone: write a name like Asia/Shanghai"),
        (["--zone", "../etc"], "is no time zone"),
        (["--budget", "0"], "--budget"),
        (["--budget", "nan"], "--budget"),
        (["--side", "up"], "--side"),
        (["--picture", "nowhere/at/all.png"], "there is no folder nowhere/at: make it first"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(counts: Path, options: list[str], words: str) -> None:
    result = run(counts, *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "none.csv")
    assert result.exit_code == 2
    assert "none.csv" in result.stderr


def test_the_zone_moves_hours_that_have_no_offset(counts: Path) -> None:
    here, there = (said(run(counts, "--zone", zone)) for zone in ("Asia/Shanghai", "Europe/London"))
    assert [one["timestamp"] for one in here] == [one["timestamp"] for one in there]
    assert [one["score"] for one in here] != [one["score"] for one in there]  # days end elsewhere


def test_a_person_at_a_terminal_is_shown_how_far_it_is_and_nobody_else(counts: Path) -> None:
    shown = run(counts, FORCE_COLOR="1", COLUMNS="80", TERM="xterm")
    assert "counts.csv" in shown.stderr
    assert "100%" in shown.stderr
    assert len(said(shown)) == 28 * 24, "lines that go elsewhere are as they were"
    assert run(counts).stderr == ""


def test_lines_at_a_terminal_are_progress_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    cli(["replay", "--counts", str(written(tmp_path, drawn(flat(8.0), 2, HOUR)))], standalone_mode=False)
    told = capsys.readouterr()
    assert (len(told.out.splitlines()), told.err) == (48, "")


def test_a_picture_is_drawn_in_place_of_the_lines_or_beside_them(tmp_path: Path, counts: Path) -> None:
    picture = tmp_path / "picture.png"
    result = run(counts, "--picture", picture)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{picture}: 1 alert\n")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert len(said(run(counts, "--picture", picture, "--json"))) == 28 * 24


def test_without_matplotlib_a_sentence_says_what_installs_it(
    counts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alerts.replay.picture", None)
    result = run(counts, "--picture", tmp_path / "picture.png")
    assert result.exit_code == 1
    assert "needs" in result.stderr
    assert "`make demo` installs it" in result.stderr
    assert len(said(run(counts))) == 28 * 24


def test_as_many_alarms_may_be_tried_as_topics_yml_permits() -> None:
    permitted: TypeAdapter[float] = TypeAdapter(Budget)
    assert permitted.validate_python(MOST_BUDGET) == MOST_BUDGET
    with pytest.raises(ValidationError):
        permitted.validate_python(MOST_BUDGET + 1)
