"""研判: posts for people's eyes, judged with one of three buttons; that measures the model and changes nothing."""

from datetime import timedelta

from alerts.console.door import Answer, Door, Moved, Shown, Visit, address, attempt
from alerts.desk.cases import list_cases
from alerts.desk.register import Register
from alerts.desk.screening import LabelRequest, label_post, own_last_label, read_queue, undo_label
from alerts.workflow.cases import Refused
from stream.messages import Label

AT_ONCE = 15  # posts on a page; a phone shows one of them
HOURS = (24, 72, 168)
MOST_CASES = 100  # that are offered to attach a post to; any other can be typed
JUDGEMENTS = {"negative": "负面", "neutral": "中性", "positive": "正面", "uncertain": "看不准"}


def show(visit: Visit) -> Answer:
    """Lists what is to be looked at, claims of danger first."""
    return _page(visit, _number(visit.asked("hours"), HOURS[0]), _number(visit.asked("skip"), 0))


def judge(visit: Visit) -> Answer:
    """Keeps what a person says of a post."""
    hours, skip, said = _number(visit.field("hours"), HOURS[0]), _number(visit.field("skip"), 0), visit.field("label")
    typed = visit.field("case").removeprefix("事件")
    try:
        if said not in JUDGEMENTS:
            raise Refused("请选择负面、中性、正面或看不准")
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 16):
            raise Refused(f"「{typed[:20]}」不是事件编号：请填数字，如 12")
        case_id = int(typed) if typed else None
        request = LabelRequest(
            post_id=visit.field("post"),
            label=Label(said),
            by=visit.key,
            case_id=case_id,
            content_hash=visit.field("seen"),
        )
        label_post(visit.context, request, visit.now)
    except Refused as refused:
        return _page(visit, hours, skip, {"post": visit.field("post"), "why": refused.detail, "case": typed})
    attached = f"，附于事件{case_id}" if case_id is not None else ""
    told = f"已记录为「{JUDGEMENTS[said]}」{attached}，用于检验模型，不改变帖子与事件"
    return Moved(address("/screening", hours=hours, skip=skip or ""), told)


def undo(visit: Visit) -> Answer:
    """Takes back the person's own last label."""
    gone = undo_label(visit.context, visit.key, visit.now, visit.field("post"))
    back = address("/screening", hours=_number(visit.field("hours"), HOURS[0]))
    return Moved(back, f"已撤销「{JUDGEMENTS[gone.label.value]}」，该帖回到待看列表")


def _page(visit: Visit, hours: int, skip: int, refused: dict[str, str] | None = None) -> Answer:
    context, since = visit.context, visit.now - timedelta(hours=hours)
    register = Register(context.engine, context.config, context.topics)
    queue = attempt(lambda: read_queue(context, since=since, limit=AT_ONCE, now=visit.now, skip=skip), "待看的帖子")
    facts = {
        "queue": queue,
        "last": attempt(lambda: own_last_label(context, visit.key, visit.now), "您上一次的判断"),
        "cases": attempt(lambda: list_cases(register)[:MOST_CASES], "未结事件"),
        "hours": hours, "choices": HOURS, "skip": skip, "judgements": JUDGEMENTS, "refused": refused or {},
    }  # fmt: skip
    return Shown("screening.html", facts, 409 if refused else 200)


def _number(typed: str, otherwise: int) -> int:
    """Reads a number of an address; what was meddled with is as good as none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else otherwise


DOORS = (Door(path="/screening", show=show, act=judge), Door(path="/screening/undo", act=undo))
