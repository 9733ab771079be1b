"""Tables as text: whole ids, no markup taken from outside, words where there is nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console, RenderableType

from stream.cli.tables import SHOWN, hits_table, quarantine_table, show, status_tables
from stream.log.quarantine import Quarantined
from stream.messages import Act, Label
from stream.process.running import StageState
from stream.status import GroupStatus, StageRun, StageStatus, Status, TopicStatus
from tests.stream.scored import NOON, scored

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
                 "bbs-main", "1.2", "indexed 3 (negative 3)", "quarantined 3 (refused 1, undecodable 2)"):  # fmt: skip
        assert told in shown


def test_a_stage_without_a_lag_or_a_source_has_empty_cells() -> None:
    one = replace(NOW.stages[0], source=None, lag=None)
    assert "None" not in text(status_tables(replace(NOW, stages=(one,))))


def test_a_status_without_groups_and_stages_says_so() -> None:
    shown = text(status_tables(replace(NOW, groups=(), stages=())), 80)
    assert "no group has read from the log yet" in shown
    assert "no stage has told of its work in the last hour" in shown


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"label": Label.NEGATIVE}, "负面"),
        ({"label": Label.NEUTRAL}, "中性"),
        ({"label": Label.POSITIVE}, "正面"),
        ({"label": Label.UNCERTAIN}, "待人工判断"),
        ({"act": Act.APPEAL}, "诉求"),
        ({"act": Act.QUESTION}, "疑问"),
        ({"act": Act.STATEMENT}, "陈述"),
        ({"act": Act.MOCKERY}, "嘲讽"),
        ({"act": Act.CALL}, "号召"),
        ({"cues": ("danger",)}, "【待核实】"),
        ({"title": "标题"}, "标题"),
    ],
    ids=str,
)
def test_every_key_has_its_chinese_word(changes: dict[str, object], told: str) -> None:
    assert told in text(hits_table([scored(1, **changes)], 1))  # type: ignore[arg-type]


def test_a_post_without_a_score_has_an_empty_cell() -> None:
    unscored = scored(1, polarity=None, negative=None, unscored="empty", label=Label.UNCERTAIN)
    assert "None" not in text(hits_table([unscored], 1))


def test_a_long_post_is_shown_by_its_beginning() -> None:
    shown = text(hits_table([scored(1, "头" + "长" * 500 + "尾")], 1), 400)
    assert "头" in shown
    assert "尾" not in shown
    assert shown.count("长") == SHOWN - 1


def test_lines_of_a_post_cannot_break_the_table() -> None:
    shown = text(hits_table([scored(1, "一\n二\r\n\t三")], 1))
    assert "一 二 三" in shown


def test_words_from_outside_are_no_markup() -> None:
    assert "[bold red]假[/bold red]" in text(hits_table([scored(1, "[bold red]假[/bold red]")], 1))


def test_nothing_found_is_a_sentence_in_chinese() -> None:
    assert hits_table([], 0) == "0 条：没有符合条件的帖子"


def test_a_page_beyond_the_hits_shows_the_total() -> None:
    assert "7 条" in text(hits_table([scored(1)], 7))


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
