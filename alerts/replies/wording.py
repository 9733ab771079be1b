"""What an answer says of what was done, or why it was not."""

from collections.abc import Sequence
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import TaskRow
from alerts.notify.contents.phrases import local
from alerts.replies.orders import Instruction
from alerts.words import STAGE_NAMES, STEP_NAMES, event_name
from alerts.workflow.cases import Case

NOT_UNDERSTOOD = "未作处理：没有看懂回信的第一行"


def done(context: CaseContext, order: Instruction, case: Case, tasks: Sequence[TaskRow], now: datetime) -> str:
    """Says what was done, where the case stands now, and who has to do what next by when."""
    lines = [
        f"已办理：{event_name(order.action)}（{local(now)}）",
        f"事件 {case.id}「{context.topic_name(case.topic)}」，现处于「{STAGE_NAMES.get(case.stage, case.stage)}」",
    ]
    for task in tasks:
        desk = context.config.desks.get(task.desk)
        who = desk.name if desk else task.desk
        lines.append(f"接下来：{STEP_NAMES.get(task.step, task.step)}，{who}，时限 {local(task.due_at)}（北京时间）")
    return "\n".join(lines)


def already(words: str) -> str:
    """Says that nothing was changed, since somebody was quicker."""
    return f"无需重复办理：{words}"


def refused(why: str) -> str:
    """Says why nothing was done."""
    return f"未能办理：{why}"
