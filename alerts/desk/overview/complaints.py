"""What the audit found, in words of those who see to it."""

from collections.abc import Mapping

from alerts.casefile.guards.failures import FailureKind
from alerts.desk.audit import (
    ChangedHistory,
    Complaint,
    Failing,
    LostAnswers,
    OverdueTask,
    StuckLetter,
    UnownedStep,
    UnreachableDesk,
)
from alerts.desk.letters import LetterStatus
from alerts.desk.register import Register
from alerts.notify.contents.phrases import local
from alerts.notify.contents.quotes import clean
from alerts.notify.tables import RowState
from alerts.words import STEP_NAMES

PARTS: Mapping[FailureKind, str] = {
    FailureKind.TOPIC: "话题监测",
    FailureKind.TRIGGERS: "触发条件检查",
    FailureKind.TASK: "催办或升级",
    FailureKind.LETTER: "通知撰写（已改发简短通知）",
    FailureKind.REPAIR: "环节补派",
    FailureKind.INCIDENT: "系统故障立案或销案",
    FailureKind.REPLY: "邮件回复办理",
    FailureKind.ROUND: "例行自查",
    FailureKind.HISTORY: "处置记录写入日志",
}


def complaint_words(complaint: Complaint, register: Register) -> str:
    """Says one thing that a person should see to."""
    match complaint:
        case OverdueTask(task):
            return f"事件 {task.case_id}「{_step(task.step)}」{local(task.due_at)} 已到期，未能转请下一岗位"
        case UnownedStep(case_id, step):
            return f"事件 {case_id}「{_step(step)}」无人承办"
        case StuckLetter(letter):
            how = "被拒收" if letter.state is RowState.FAILED else "迟迟未发出"
            answer = f"：{clean(letter.answer, 200)}" if letter.answer else ""
            return f"通知 {letter.id}{_about(letter)}（收件 {letter.recipient}）{how}{answer}"
        case LostAnswers(letter):
            return (
                f"通知 {letter.id}{_about(letter)}（收件 {letter.recipient}）已投递 {letter.lost} 次，"
                f"服务器均未答复，很可能已送达；下次重试 {local(letter.next_at)}"
            )
        case UnreachableDesk(task):
            desk = register.desk_name(task.desk)
            return f"事件 {task.case_id}「{_step(task.step)}」的责任岗位「{desk}」没有可用的联系方式，请补充"
        case Failing(failure):
            since = f"自 {local(failure.since)} 起反复出错，其余不受影响"
            return f"{PARTS.get(failure.part, failure.part)}（{clean(failure.about, 80)}）{since}：{failure.words}"
        case ChangedHistory(case_id, number):
            return f"事件 {case_id} 的处置记录自第 {number} 条起与校验不符，可能被人改动，请保留现场"


def _step(key: str) -> str:
    return STEP_NAMES.get(key, key)


def _about(letter: LetterStatus) -> str:
    return f"（事件 {letter.case_id}）" if letter.case_id else ""
