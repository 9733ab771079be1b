"""Tables as text: whole ids, no markup taken from outside, words where there is nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console, RenderableType

from stream.cli.tables import quarantine_table, show, status_tables
from stream.log.quarantine import Quarantined
from stream.process.running import StageState
from stream.status import GroupStatus, SourceStatus, StageRun, StageStatus, Status, TopicStatus
from tests.stream.scored import NOON

REFUSED = Quarantined(
    id="a" * 32, stage="index", topic="posts.scored", partition=3, offset=7, key="k", reason="refused", detail="[red]n",
    sha256="", raw=b"x", truncated=False, at=NOON,
)  # fmt: skip
NOW = Status(
    at="2026-09-21T04:05:06.000Z",
    running=(
        StageRun("index", StageState.RUNNING, 2, "2026-09-21T04:05:00.000Z"),
        StageRun("alerts", StageState.NEVER, 0, None),
    ),
    topics=(TopicStatus("posts.raw", 6, 10, 20),),
    groups=(GroupStatus("wenfeng.index", "posts.scored", 1, 2),),
    stages=(StageStatus("crawl", "bbs-main", 1, "2026-09-21T03:59:00.000Z", 9, 1, 1.25),),
    sources=(SourceStatus("bbs-main", "blocked", "2026-09-21T02:00:00.000Z", "2026-09-20T23:30:00.000Z", "captcha"),),
    indexed=3,
    labels={"negative": 3},
    quarantined={"refused": 1, "undecodable": 2},
)


def text(table: RenderableType, width: int = 160) -> str:
    console = Console(width=width, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(table, markup=False, highlight=False)
    return captured.get()


def test_a_status_has_every_number() -> None:
    shown = text(status_tables(NOW), 80)
    for told in ("2026-09-21 12:05 Beijing time", "running", "never ran", "2026-09-21 12:05", "posts.raw", "11:59",
                 "bbs-main", "1.2", "blocked", "2026-09-21 10:00", "2026-09-21 07:30",
                 "indexed 3 (negative 3)", "quarantined 3 (refused 1, undecodable 2)"):  # fmt: skip
        assert told in shown


def test_a_stage_without_a_lag_or_a_source_has_empty_cells() -> None:
    one = replace(NOW.stages[0], source=None, lag=None)
    assert "None" not in text(status_tables(replace(NOW, stages=(one,))))


def test_a_status_without_groups_and_stages_says_so() -> None:
    shown = text(status_tables(replace(NOW, groups=(), stages=(), sources=())), 80)
    assert "no group has read from the log yet" in shown
    assert "no stage has told of its work in the last hour" in shown
    assert "no source was ever read" in shown


def test_the_quarantine_shows_whole_ids_and_when_each_was_sent_again() -> None:
    again = replace(REFUSED, id="b" * 32, replayed_at=NOON + timedelta(hours=1))
    shown = text(quarantine_table([REFUSED, again]))
    assert "a" * 32 in shown
    assert "b" * 32 in shown
    assert "posts.scored/3" in shown
    assert "2026-09-21 13:00" in shown
    assert "[red]n" in shown


def test_an_empty_quarantine_is_a_sentence() -> None:
    assert quarantine_table([]) == "nothing is quarantined"


@pytest.mark.parametrize("width", [80, 160])
def test_a_pipe_gets_the_width_it_is_meant_for(capsys: pytest.CaptureFixture[str], width: int) -> None:
    show("x" * 300, width=width)
    assert max(map(len, capsys.readouterr().out.splitlines())) == width
