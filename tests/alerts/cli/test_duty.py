"""`duty`, as a person reads it."""

from pathlib import Path

import pytest
from yaml import safe_dump, safe_load

from tests.alerts.cli.conftest import Run


@pytest.fixture
def roster(configs: Path) -> Path:
    """The shipped file, its first desk with two shifts."""
    written = safe_load((configs / "alerts.yml").read_text("utf-8"))
    written["desks"]["publicity"] |= {
        "people": ["zhang_min", "li_qiang"],
        "duty": [
            {"people": ["zhang_min"], "from": "08:30", "to": "17:30"},
            {"people": ["li_qiang"], "from": "17:30", "to": "08:30"},
        ],
    }
    (configs / "alerts.yml").write_text(safe_dump(written, allow_unicode=True, sort_keys=False), "utf-8")
    return configs / "alerts.yml"


def test_each_desk_says_who_is_called_and_from_when(run: Run, roster: Path) -> None:
    told = run("duty", "--at", "2026-09-22T10:00", "--hours", "24").stdout
    assert (
        "宣传部舆情值班（publicity）\n  09月22日 10:00 起：张敏\n  09月22日 17:30 起：李强\n  09月23日 08:30 起：张敏\n"
    ) in told
    assert "宣传部负责人（publicity_head）\n  09月22日 10:00 起：李强\n" in told


def test_a_gap_in_the_roster_is_a_mistake_of_the_configuration(run: Run, roster: Path) -> None:
    written = safe_load(roster.read_text("utf-8"))
    del written["desks"]["publicity"]["duty"][1]
    roster.write_text(safe_dump(written, allow_unicode=True), "utf-8")
    done = run("check-config")
    assert done.exit_code == 78
    assert "desks.publicity.duty: nobody is called on mon 00:00-08:30" in done.stderr
