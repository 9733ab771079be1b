"""A case's record as marks on the picture."""

from collections.abc import Mapping, Sequence
from json import loads

from alerts.casefile.tables import EventKind, EventRow
from alerts.words import VERDICT_NAMES
from alerts.workflow.rules import read_verdict
from scripts.demo.picture import Mark

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
    "close": "销号",
}
STRONG = {EventKind.OPENED, EventKind.ESCALATED, "verify", "clarify", EventKind.CALM}
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
