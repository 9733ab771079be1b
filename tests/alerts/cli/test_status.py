"""`status`, as an operator reads it and as a program does."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.cli.status import as_values, span, standings_table
from alerts.detection.signals import State
from tests.alerts.cli.conftest import Run
from tests.alerts.desk.test_standing import standing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_every_topic_is_a_line_with_its_state_and_its_case(watched: Run) -> None:
    done = watched("status")
    assert done.exit_code == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "(outage)" in line]
    cells = [cell.strip() for cell in line.strip("│┃ ").split("│")]
    assert cells[:4] == ["停电抢修 (outage)", "spike", "30", "<1"]
    assert cells[5:7] == ["1", "5 d"]
    assert cells[-1] == "1"


def test_for_a_program_it_is_one_array(watched: Run) -> None:
    (one, *_) = [one for one in json.loads(watched("status", "--json").stdout) if one["topic"] == "outage"]
    assert (one["state"], one["negative"], one["case"], one["alerts_per_week"]) == ("spike", 30, 1, 1.0)
    assert 4.9 * 86_400 < one["known"] < 5.1 * 86_400
    assert one["usual"] < 1 < one["bar"]


def test_where_nothing_ran_yet_this_is_said_and_nothing_is_made(run: Run, tmp_path: Path) -> None:
    done = run("status")
    assert done.exit_code == 78
    assert "no index at" in done.stderr
    assert not (tmp_path / "index.db").exists()


def test_a_program_gets_seconds_and_words_of_the_states() -> None:
    values = as_values(standing(state=State.BLIND, known=2 * HOUR, behind=None, usual=1.234, silent=("bbs",)))
    told = {"state": "blind", "known": 7200.0, "behind": None, "usual": 1.23, "silent": ["bbs"], "case": None}
    assert json.loads(json.dumps(values)).items() >= told.items()


def test_what_nobody_can_tell_is_unknown_and_no_case_is_no_number() -> None:
    table = standings_table([standing(behind=None, silent=("bbs",), usual=0.4)])
    shown = {str(column.header): next(iter(column.cells)) for column in table.columns}
    assert shown == {
        "topic": "停电抢修 (outage)", "state": "calm", "negative 1h": "1", "usual": "<1", "alarm at": "23",
        "a week": "1", "known": "60 d", "silent": "1 of 3", "behind": "unknown", "case": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(0), "0 min"), (119 * HOUR / 60, "119 min"), (2 * HOUR, "2 h"), (47 * HOUR, "47 h"), (2 * DAY, "2 d")],
)
def test_spans_are_told_in_the_unit_people_use(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_what_is_wrong_with_parts_of_ours_stands_below_the_table(watched: Run, incident: int) -> None:
    done = watched("status")
    assert done.exit_code == 0, done.stderr
    assert f"系统故障　事件 {incident}　一般　自 9月21日14:02　信息源「bbs」拒绝访问。" in done.stdout
    assert watched("case", "act", str(incident), "mended", "--by", "张敏", "--note", "好了").exit_code == 0
    assert "系统故障" not in watched("status").stdout
