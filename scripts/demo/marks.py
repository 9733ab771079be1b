"""A case's record as marks on the picture."""

from collections.abc import Mapping, Sequence
from json import loads

from alerts.casefile.tables import EventKind, EventRow
from alerts.workflow.cases import Action
from scripts.demo.picture import Mark

WORDS = {
    EventKind.OPENED: "发现异常，立案",
    EventKind.ROSE: "继续上升",
    EventKind.SENT: "首封通知送达",
    EventKind.ESCALATED: "无人处置，升级至{to}",
    Action.ACKNOWLEDGE: "收到确认（{by}）",
    Action.JUDGE: "研判成立",
    Action.REPORT: "上报",
    Action.VERIFY: "核实结论：{verdict}",
    Action.CLARIFY: "发布澄清",
    Action.GUIDE: "答疑引导",
    EventKind.CALM: "恢复平静",
    Action.CLOSE: "销号",
}
STRONG = {EventKind.OPENED, EventKind.ESCALATED, Action.VERIFY, Action.CLARIFY, EventKind.CALM}
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
        words = WORDS[event.kind].format(  # type: ignore[index]  # a StrEnum is found by its string
            by=event.by, to=desks.get(detail.get("to", ""), ""), verdict=detail.get("verdict", "")
        )
        shown.append(Mark(event.at, words, event.kind in STRONG))
    return tuple(shown)
