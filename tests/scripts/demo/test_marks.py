from dataclasses import replace
from datetime import UTC, datetime, timedelta
from json import dumps

from alerts.casefile.tables import EventKind, EventRow
from alerts.detection.signals import Signal, State
from scripts.demo.marks import levels, marks
from scripts.demo.picture import Level, Mark

NOW = datetime(2026, 9, 22, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOOK = Signal(
    topic="bill", state=State.CALM, at=NOW, window_start=NOW - HOUR, window_end=NOW, since=NOW - HOUR, total=31,
    negative=17, authors=16, texts=17, unscored=0, effective=17.0, expected=5.7, share=0.5, usual_share=0.3,
    findings=(), bar=25.0,
)  # fmt: skip


def event(kind: str, **detail: str) -> EventRow:
    return EventRow(case_id=1, kind=kind, at=NOW, by="李强", note="", detail=dumps(detail))


def test_steps_are_told_in_words_with_who_and_what() -> None:
    told = marks(
        [event(EventKind.ESCALATED, to="head"), event("acknowledge"), event("verify", verdict="rumour")],
        {"head": "宣传部负责人"},
    )
    assert told == (
        Mark(NOW, "无人处置，升级至宣传部负责人", strong=True),
        Mark(NOW, "收到确认（李强）"),
        Mark(NOW, "核实结论：谣言", strong=True),
    )


def test_of_the_letters_only_the_first_is_shown_and_every_calm_and_rekindling() -> None:
    kinds = [EventKind.SENT, EventKind.SENT, EventKind.CALM, EventKind.REKINDLED, EventKind.CALM]
    assert [mark.words for mark in marks([event(kind) for kind in kinds], {})] == [
        "首封通知送达", "恢复平静", "复燃，再次通知", "恢复平静",
    ]  # fmt: skip


def test_the_usual_and_the_bar_are_those_of_looks_at_an_hour_of_the_topic() -> None:
    day = replace(LOOK, window_start=NOW - 24 * HOUR, expected=40.0)
    assert levels([LOOK, day, replace(LOOK, topic="outage")], "bill") == (Level(NOW, 5.7, 25.0),)
