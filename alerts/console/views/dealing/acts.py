"""What is done on a case's page: steps and orders, by the functions that the command line acts by.

What somebody else changed meanwhile is told before anything is done, with what was typed kept.
"""

import re
from datetime import datetime

from alerts.casefile.acting.merging import merge, split
from alerts.casefile.acting.orders import assign, copy_to, regrade_by_hand, supervise
from alerts.casefile.acting.statements import LONGEST
from alerts.console.door import Answer, Door, Missing, Moved, Visit, number_in
from alerts.console.views.dealing.case import Filled, case_page, seen_details
from alerts.desk.cases import act_on_case
from alerts.desk.dealing.dates import read_until
from alerts.desk.dealing.meanwhile import Overtaken, changed_since, expect
from alerts.desk.dealing.templates import with_template
from alerts.detection.grades import Grade
from alerts.words import ACTION_NAMES, ORDER_NAMES, STAGE_NAMES
from alerts.workflow.cases import ActRequest, Order, Refused, Unconfirmed
from alerts.workflow.parts import Action, Verdict, Wording
from alerts.workflow.rules import WORKFLOW

LONGEST_NOTE = 2_000  # characters
_TYPED = ("note", "template", "verdict", "statement", "owner", "until", "desk", "grade", "into")
_OF_COMMANDS = re.compile(r"\s+(?:--)?[a-z][a-z_-]+(?=[、，；。）（：\s]|$)")  # keys and options that nobody types here


def act(visit: Visit) -> Answer:
    """Does a step of the case; a form with a mistake, or of a case that has moved on, comes back as it was."""
    details, key = seen_details(visit), visit.field("action")
    action, number = WORKFLOW.action(details.case.stage, key), details.case.id
    filled = Filled(key, _typed(visit))
    if key not in WORKFLOW.actions:
        raise Missing("没有这个办理事项")
    if not WORKFLOW.acknowledges(key) and (news := changed_since(details.history, _seen(visit))):
        return case_page(visit, details, Filled(key, filled.typed, meanwhile=news), 409)
    if action is not None and (mistakes := _mistakes(visit, action)):
        return case_page(visit, details, Filled(key, filled.typed, mistakes), 422)
    revision = details.case.revision
    try:
        request = _request(visit, key)
        done = act_on_case(
            visit.context, number, request, visit.now,
            lambda _, after: None if WORKFLOW.acknowledges(key) else expect(revision, after),
        )  # fmt: skip
    except Refused as refused:
        return _refused(visit, filled, refused)
    told = done.already or ("已签收" if WORKFLOW.acknowledges(key) else f"已办理：{ACTION_NAMES[key]}")
    return Moved(f"/case/{number}", f"{told}，现处于「{STAGE_NAMES[done.case.stage]}」")


def order(visit: Visit) -> Answer:
    """Gives an order about the case, as `act` does a step."""
    details, key = seen_details(visit), visit.field("order")
    filled = Filled(key, _typed(visit))
    if key not in ORDER_NAMES:
        raise Missing("没有这个办理事项")
    if news := changed_since(details.history, _seen(visit)):
        return case_page(visit, details, Filled(key, filled.typed, meanwhile=news), 409)
    if mistakes := _order_mistakes(visit, key):
        return case_page(visit, details, Filled(key, filled.typed, mistakes), 422)
    try:
        return Moved(f"/case/{_carry_out(visit, details.case.id, key)}", f"已办理：{ORDER_NAMES[key]}")
    except Refused as refused:
        return _refused(visit, filled, refused)


def in_plain_words(detail: str) -> str:
    """Leaves out of a refusal what is typed on a command line and nowhere else."""
    return _OF_COMMANDS.sub("", detail)


def _refused(visit: Visit, filled: Filled, refused: Refused) -> Answer:
    """Shows the case as it is now, the form as it was, and beside it why it was not done."""
    details = seen_details(visit)
    if isinstance(refused, Unconfirmed):
        return case_page(visit, details, Filled(filled.key, filled.typed, to_confirm=refused.why), 409)
    if isinstance(refused, Overtaken) and (news := changed_since(details.history, _seen(visit))):
        return case_page(visit, details, Filled(filled.key, filled.typed, meanwhile=news), 409)
    mistakes = {"note": in_plain_words(refused.detail)}
    return case_page(visit, details, Filled(filled.key, filled.typed, mistakes), 409)


def _request(visit: Visit, key: str) -> ActRequest:
    verdict = visit.field("verdict")
    return ActRequest(
        key, visit.key, _note(visit), Verdict(verdict) if verdict in set(Verdict) else None, claimed=False,
        statement=visit.field("statement"), owner=visit.field("owner"), until=_until(visit),
        confirm=visit.field("confirm") == "1",
    )  # fmt: skip


def _carry_out(visit: Visit, number: int, key: str) -> int:
    """Carries out an order; returns the number of the case to look at next."""
    context, now = visit.context, visit.now
    told = Order(visit.key, _note(visit), claimed=False)
    match key:
        case "assign":
            assign(context, number, told, visit.field("desk"), now)
        case "copy":
            copy_to(context, number, told, _chosen(visit, "people"), now)
        case "supervise":
            supervise(context, number, told, now)
        case "regrade":
            regrade_by_hand(context, number, told, Grade(visit.field("grade")), now)
        case "merge":
            return merge(context, number, int(visit.field("into")), told, now).id
        case "split":
            return split(context, number, told, _chosen(visit, "posts"), now).id
    return number


def _mistakes(visit: Visit, action: Action) -> dict[str, str]:
    """Finds what is missing in the form of a step, by field."""
    found = _note_mistakes(visit, needed=action.note)
    if action.verdict and visit.field("verdict") not in set(Verdict):
        found["verdict"] = "请选择核实结论"
    if action.wording is Wording.WRITES and not visit.field("statement"):
        found["statement"] = "请填写口径文本"
    if len(visit.field("statement")) > LONGEST:
        found["statement"] = f"口径最多 {LONGEST} 字，现有 {len(visit.field('statement'))} 字"
    if action.plans:
        until = _until(visit)
        if not visit.field("owner"):
            found["owner"] = "请选择责任岗位"
        if until is None or until <= visit.now:
            found["until"] = "请填写今后的日期"
    return found


def _order_mistakes(visit: Visit, key: str) -> dict[str, str]:
    found = _note_mistakes(visit, needed=True)
    if key == "assign" and not visit.field("desk"):
        found["desk"] = "请选择岗位"
    if key == "copy" and not _chosen(visit, "people"):
        found["people"] = "请选择抄送给谁"
    if key == "regrade" and visit.field("grade") not in set(Grade):
        found["grade"] = "请选择等级"
    if key == "merge" and number_in(visit.field("into")) is None:
        found["into"] = "请选择并入哪个事件"
    if key == "split" and not _chosen(visit, "posts"):
        found["posts"] = "请选择拆分哪些帖文"
    return found


def _note_mistakes(visit: Visit, *, needed: bool) -> dict[str, str]:
    note = _note(visit)
    if needed and not note:
        return {"note": "请选择或填写办理意见"}
    return {"note": f"办理意见最多 {LONGEST_NOTE} 字，现有 {len(note)} 字"} if len(note) > LONGEST_NOTE else {}


def _note(visit: Visit) -> str:
    return with_template(visit.field("template"), visit.field("note"))


def _typed(visit: Visit) -> dict[str, str]:
    return {name: visit.field(name) for name in _TYPED}


def _chosen(visit: Visit, name: str) -> tuple[str, ...]:
    return tuple(one for one in visit.form.getlist(name) if isinstance(one, str) and one)


def _seen(visit: Visit) -> int:
    """Reads how many lines the record had when the form was made; none where the form does not say."""
    return number_in(visit.field("seen")) or 0


def _until(visit: Visit) -> datetime | None:
    try:
        return read_until(visit.field("until"))
    except (ValueError, OverflowError):
        return None


DOORS = (Door(path="/case/{number}/act", act=act), Door(path="/case/{number}/order", act=order))
