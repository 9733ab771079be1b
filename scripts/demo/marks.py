"""What is drawn over the counts: a case's record as marks, what looks took for usual, and where their bar was."""

from collections.abc import Mapping, Sequence
from json import loads

from alerts.casefile.tables import EventKind, EventRow
from alerts.detection.signals import HOUR, Signal
from alerts.words import VERDICT_NAMES
from alerts.workflow.parts import read_verdict
from scripts.demo.picture import Level, Mark

WORDS: Mapping[str, str] = {
    EventKind.OPENED: "发现异常，立案",
    EventKind.ROSE: "继续上升",
    EventKind.SENT: "首封通知送达",
    EventKind.ESCALATED: "无人处置，升级至{to}",
    "acknowledge": "收到确认（{by}）",
    "judge": "研判成立",
    "report": "上报",
    "verify": "核实结论：{verdict}",
    "clarify": "发布澄清",
    "guide": "答疑引导",
    EventKind.CALM: "恢复平静",
    EventKind.REKINDLED: "复燃，再次通知",
    "track": "跟踪",
    "close": "销号",
}
STRONG = {EventKind.OPENED, EventKind.ESCALATED, "verify", "clarify", EventKind.CALM, EventKind.REKINDLED}
ONCE = {EventKind.SENT, EventKind.ROSE}


def marks(events: Sequence[EventRow], desks: Mapping[str, str]) -> tuple[Mark, ...]:
    """The steps worth showing, in order; of the letters only the first."""
    shown: list[Mark] = []
    told: set[str] = set()
    for event in events:
        if event.kind not in WORDS or (event.kind in ONCE and event.kind in told):
            continue
        told.add(event.kind)
        detail = loads(event.detail)
        verdict = VERDICT_NAMES[read_verdict(detail["verdict"])] if "verdict" in detail else ""
        words = WORDS[event.kind].format(by=event.by, to=desks.get(detail.get("to", ""), ""), verdict=verdict)
        shown.append(Mark(event.at, words, event.kind in STRONG))
    return tuple(shown)


def levels(signals: Sequence[Signal], topic: str) -> tuple[Level, ...]:
    """What was usual for an hour of the topic, and the bar, at each look that judged an hour."""
    return tuple(
        Level(one.at, one.expected, one.bar)
        for one in signals
        if one.topic == topic and one.window_end is not None and one.window_end - one.window_start == HOUR
    )
